"""A document refused at the door: what the checks raise, and how names found in a file are shown.

Put here: the exception. Keep out: the checks (``refusal`` and its parts).
"""

from __future__ import annotations

from pipelines.submissions.rows import Reject

_LONGEST_SHOWN = 80


class Refused(Exception):
    """Carries a Reject out of the checks; ``refusal`` gives it back as a value."""

    def __init__(self, rule_id: str, place: str, value: str) -> None:
        super().__init__(f"{rule_id} {place}: {value}")
        self.reject = Reject(rule_id, place, value)


def shown(text: str) -> str:
    """A text from inside a file, safe to print: no control characters, no more than 80 characters."""
    printable = "".join(character if character.isprintable() else "?" for character in text)
    return printable if len(printable) <= _LONGEST_SHOWN else printable[: _LONGEST_SHOWN - 1] + "…"
