"""What a place says of a document beside its bytes, made safe to keep: its name, its address, its time.

Senders choose all three. A name can be no text at all (bytes that are not UTF-8), move the cursor of a
terminal, or be as long as a document; a time can lie outside of any calendar.

Put here: making one of them safe, the same way on every machine. Keep out: keeping them
(``landing.raw_store``).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from pipelines.messages import printable

LONGEST_NAME = 160
LONGEST_PLACE = 1000
EARLIEST, LATEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Times of files outside of these come from a clock that was never set, or from nobody's."""
_ENDING = 40


def clean_name(name: str) -> str:
    """The name of a document without letters that cannot be shown, its middle cut out where it is long.

    A quarter or a kind of file is told by the end of a name, so that stays.
    """
    shown = printable(name).strip() or "-"
    return _shortened(shown, LONGEST_NAME, name)


def clean_place(place: str) -> str:
    """An address or path in the same way; two places never become one."""
    shown = printable(place)
    if shown == place and len(shown) <= LONGEST_PLACE:
        return place
    return _shortened(f"{shown}~{_digits(place)}", LONGEST_PLACE, place)


def sane_time(told: datetime | float | None) -> datetime | None:
    """A time (UTC) that a place told of a document; none where it cannot be one."""
    if isinstance(told, int | float):
        try:
            told = datetime.fromtimestamp(told, tz=UTC)
        except (ValueError, OverflowError, OSError):
            return None
    if told is None:
        return None
    try:
        instant = (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
    return instant if EARLIEST <= instant < LATEST else None


def sane_size(told: object) -> int | None:
    """The number of bytes that a place told; none where it is no such number."""
    return told if isinstance(told, int) and not isinstance(told, bool) and told >= 0 else None


def _shortened(text: str, most: int, whole: str) -> str:
    if len(text) <= most:
        return text
    return f"{text[: most - _ENDING - 10]}~{_digits(whole)}~{text[-_ENDING:]}"


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
