"""What a fuzz target is: how an input is made from a seed, and what it means that one holds.

Put here: the shape of targets. Keep out: any of them.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Protocol

SECRET_NAME, SECRET = "FUZZ_TOKEN", "rahasia-9f3c1d"
"""A secret in the environment of every attempt: it is to appear in nothing that anybody is told."""


USUAL_MEMORY = 2 * 2**30
"""Writable bytes that a process may have while it tries a target."""


class DoesNotHold(AssertionError):
    """What an input did that it must not be able to do, in one line."""


class Target(Protocol):
    """Something that reads what others wrote. ``folder`` is emptied after each attempt."""

    name: str
    memory: int

    def make(self, draw: random.Random) -> bytes:
        """An input; the same draws give the same bytes."""

    def attempt(self, sent: bytes, folder: Path) -> None:
        """Have it read.

        Raises:
            DoesNotHold: it was answered in a way that it must not be; any other exception is a fault too.
        """


def demand_one_line(said: str) -> None:
    """A message for people: one line that holds no secret."""
    if not said.strip():
        raise DoesNotHold("a message without a word")
    if "\n" in said.strip() or "\r" in said:
        raise DoesNotHold(f"a message of several lines: {said[:300]!r}")
    demand_no_secret(said)


def demand_no_secret(said: str) -> None:
    """Nothing that anybody is told holds the secret."""
    if SECRET in said:
        raise DoesNotHold(f"the secret is told: {said[:300]!r}")
