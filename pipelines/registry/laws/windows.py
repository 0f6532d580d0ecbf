"""Laws of ``periods``, ``reporting_windows`` and ``window_extensions``.

Put here: what these tables must satisfy together. Keep out: what one column holds (the YAML beside a seed).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from pipelines.registry.laws.facts import Read, has_state, last_days, no_such_code, states_by_code
from pipelines.registry.seed_files import SeedRow


def every_quarter_once(read: Read) -> Iterator[str]:
    """A quarter follows the one before it, and its name and days are those of its year and number."""
    before: SeedRow | None = None
    for row in read("periods"):
        year, quarter = int(row["year"]), int(row["quarter"])
        starts_on = date(year, 3 * quarter - 2, 1)
        ends_on = date(year + quarter // 4, 3 * quarter % 12 + 1, 1) - timedelta(days=1)
        right = (f"{year}-Q{quarter}", starts_on, ends_on)
        if (row["period"], row.day("starts_on"), row.day("ends_on")) != right:
            yield row.fault(
                f"{row['period']} is not quarter {quarter} of {year} in its name and days: write"
                f" {right[0]},{year},{quarter},{starts_on},{ends_on}"
            )
        if before is not None and before.day("ends_on") != starts_on - timedelta(days=1):
            yield row.fault(
                f"{row['period']} does not follow {before['period']} of the line before: add the"
                " quarters between them, in order"
            )
        before = row


def windows_close_after_their_quarter(read: Read) -> Iterator[str]:
    """No report is due before its quarter is over."""
    ends = last_days(read)
    for row in read("reporting_windows"):
        period, closes_on, extended_to = row["period"], row.day("closes_on"), row.day("extended_to")
        if closes_on is not None and closes_on <= ends[period]:
            yield row.fault(
                f"the window of {period} closes on {closes_on}, before the quarter is over ({ends[period]}):"
                " write the announced day in closes_on"
            )
        if closes_on is not None and extended_to is not None and extended_to < closes_on:
            yield row.fault(
                f"the window of {period} is extended to {extended_to}, before it closes ({closes_on}): write"
                " a later day in extended_to, or leave it empty"
            )


def extensions_end_after_they_open(read: Read) -> Iterator[str]:
    """An extension ends after the window it extends; a reopening has days of its own."""
    ends = last_days(read)
    closes = {
        row["period"]: row.day("extended_to") or row.day("closes_on") for row in read("reporting_windows")
    }
    states = states_by_code(read)
    for row in read("window_extensions"):
        period, code = row["period"], row.optional("region_code")
        opens_on, decided_on = row.day("opens_on"), row.day("decided_on") or date.min
        extends_to, closes_on = row.day("extends_to") or date.max, closes.get(period) or ends[period]
        if extends_to <= closes_on:
            yield row.fault(
                f"extends_to {extends_to} is not after the window of {period} closes ({closes_on}): write the"
                " last day that the letter grants"
            )
        if extends_to < decided_on:
            yield row.fault(
                f"extends_to {extends_to} lies before decided_on {decided_on}: correct one of the two days"
            )
        if row["kind"] == "reopened" and opens_on is None:
            yield row.fault("opens_on is empty: write the first day of the reopening")
        if opens_on is not None and not ends[period] < opens_on <= extends_to:
            yield row.fault(
                f"opens_on {opens_on} is not between the end of {period} ({ends[period]}) and extends_to"
                f" {extends_to}: write the first day of the reopening"
            )
        if code and not has_state(states, code, ends[period]):
            yield row.fault(no_such_code(code, period, ends[period]))
