"""The page on security names tests that exist, and counts the attacks that the tests hold."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from pipelines.settings import PROJECT_DIR
from tests.attack import counting, table

COLLECT = """
import json, sys
from contextlib import redirect_stdout
from tests.attack import counting
with redirect_stdout(sys.stderr):
    found = counting.collect()
print(json.dumps([found.tried, {kind: sorted(files) for kind, files in found.files.items()}]))
"""
BY_REMEDY = "write it with `python -m tests.attack --count`"


def test_every_test_file_that_the_page_names_exists() -> None:
    text = table.PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"\b(test_\w+\.py)\b", text))
    assert len(named) > 15
    assert named - {path.name for path in (PROJECT_DIR / "tests").rglob("test_*.py")} == set()


def test_the_table_counts_the_attacks_of_the_tests() -> None:
    # a process of its own: collecting imports test modules, and a run of pytest within one shares its state
    done = subprocess.run(
        [sys.executable, "-c", COLLECT], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
    )
    tried, files = json.loads(done.stdout)
    lines = {line.kind: line for line in table.attacks()}
    assert lines.keys() == tried.keys(), "a kind without a row, or a row without a kind (docs/security.md)"
    assert {kind: set(line.files) for kind, line in lines.items()} == {
        kind: set(found) for kind, found in files.items()
    }
    assert {kind: line.tried for kind, line in lines.items()} == tried, BY_REMEDY
    assert {kind: line.held for kind, line in lines.items()} == tried, "an attack did not hold"


def test_each_boundary_is_attacked_by_a_marked_test() -> None:
    text = table.PAGE.read_text(encoding="utf-8").split("## The boundaries")[1].split("\n\nWhat is not")[0]
    marked = {path.name for path in counting.files()}
    for row in text.strip().splitlines()[2:]:
        assert set(re.findall(r"`(test_\w+\.py)`", row)) & marked, row[:80]
