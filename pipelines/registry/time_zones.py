"""Time zones by the name that people give them: WIB, WITA, WIT, an IANA name, an offset such as +08:00.

Only zones whose clocks are never changed: a time without its zone then means one instant. Indonesia's are
fixed, and which province has which stands in ``time_zones.csv``.

Put here: a zone's name to its offset. Keep out: times in documents (dbt reads them, all at once).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipelines.messages import say
from pipelines.registry.seeds import read_seed

_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")
_MOST_MINUTES = 14 * 60
_MONTHS = [(year, month) for year in range(2010, 2041) for month in (1, 4, 7, 10)]
"""The clocks of a zone are looked at on the first of these months."""


@lru_cache
def utc_offset_minutes(zone: str) -> int:
    """How many minutes a zone is before UTC.

    Raises:
        ValueError: no zone has the name, or its clocks are changed within the year.
    """
    if zone.upper() in _indonesian():
        return _indonesian()[zone.upper()]
    if written := _OFFSET.fullmatch(zone):
        minutes = int(written[2]) * 60 + int(written[3])
        if minutes <= _MOST_MINUTES and int(written[3]) < 60:
            return -minutes if written[1] == "-" else minutes
    try:
        named = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # no zone, no name of one, a folder of zones
        named = None
    moments = [datetime(year, month, 1, tzinfo=named) for year, month in _MONTHS] if named else []
    offsets = {moment.utcoffset() for moment in moments}
    if len(offsets) != 1:
        raise ValueError(say("source.unknown_timezone", zone=repr(zone)))
    return int((offsets.pop() or timedelta()).total_seconds()) // 60


@lru_cache
def _indonesian() -> dict[str, int]:
    rows = read_seed("time_zones")
    return {row.text("time_zone"): row.parsed("utc_offset_hours", int) * 60 for row in rows}
