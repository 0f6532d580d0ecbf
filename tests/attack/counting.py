"""Which tests are attacks, of which kind, and how they ended.

Put here: finding and running them. Keep out: the table (``table``), made-up input (``fuzz``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_DIR

TESTS = PROJECT_DIR / "tests"
MARK = "pytest.mark.attack("
SHORT = "attack and not slow"


@dataclass
class Counted:
    """Tests of each kind, by kind: how many, in which files, and how many held (none before they ran)."""

    tried: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    files: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    not_held: list[str] = field(default_factory=list)


class _Counting:
    """A plugin of pytest: an attack counts once, by its call, or by a set-up that failed."""

    def __init__(self) -> None:
        self.counted = Counted()
        self._kinds: dict[str, str] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            mark = item.get_closest_marker("attack")
            if mark is not None and item.get_closest_marker("slow") is None:
                (kind,) = mark.args
                self._kinds[item.nodeid] = kind
                self.counted.tried[kind] += 1
                self.counted.files[kind].add(item.path.name)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        kind = self._kinds.get(report.nodeid)
        if kind is None:
            return
        if report.when == "call" and report.outcome == "passed":
            self.counted.held[kind] += 1
        elif report.outcome != "passed":
            self.counted.not_held.append(report.nodeid)


def files() -> list[Path]:
    """The test files that hold an attack."""
    return sorted(path for path in TESTS.rglob("test_*.py") if MARK in path.read_text(encoding="utf-8"))


def collect() -> Counted:
    """Count the short set without running it."""
    return _pytest(["--collect-only", "-qq", "--no-header"])


def run() -> Counted:
    """Run the short set."""
    return _pytest(["-q"])


def _pytest(options: list[str]) -> Counted:
    plugin = _Counting()
    chosen = [str(path) for path in files()]
    addopts = "addopts=-q --strict-markers"
    pytest.main([*options, "-o", addopts, "-m", SHORT, *chosen], plugins=[plugin])
    return plugin.counted
