"""What a run shows while it works: steps and counts, on a terminal or nowhere.

Put here: the one hook through which long work speaks. Keep out: logs (``build.run_log``), results (``cli``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Reporter(Protocol):
    """Something that shows progress."""

    def step(self, text: str) -> None:
        """Work on something new begins."""

    def advance(self, count: int) -> None:
        """So many more things of the present step are done."""


class Silent:
    """Shows nothing: schedules, tests, machines."""

    def step(self, text: str) -> None:
        """Nothing to show."""

    def advance(self, count: int) -> None:
        """Nothing to show."""


_reporter: Reporter = Silent()


def step(text: str) -> None:
    """Say that a new step begins."""
    _reporter.step(text)


def advance(count: int) -> None:
    """Say that so many more things are done."""
    _reporter.advance(count)


class _Both:
    """Two reporters that hear the same."""

    def __init__(self, first: Reporter, second: Reporter) -> None:
        self.reporters = first, second

    def step(self, text: str) -> None:
        for reporter in self.reporters:
            reporter.step(text)

    def advance(self, count: int) -> None:
        for reporter in self.reporters:
            reporter.advance(count)


@contextmanager
def heard_by(reporter: Reporter) -> Iterator[None]:
    """Let ``reporter`` hear what happens inside, beside whoever shows it."""
    with shown_by(_Both(_reporter, reporter)):
        yield


@contextmanager
def shown_by(reporter: Reporter) -> Iterator[None]:
    """Let ``reporter`` show what happens inside."""
    global _reporter  # noqa: PLW0603  one terminal, one reporter
    before, _reporter = _reporter, reporter
    try:
        yield
    finally:
        _reporter = before
