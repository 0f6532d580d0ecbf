"""Laws of ``methods`` and ``bands``.

Put here: what these tables must satisfy together. Keep out: what one column holds (the YAML beside a seed).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise

from pipelines.registry.laws.facts import Read
from pipelines.registry.seed_files import SeedRow


def weights_add_up(read: Read) -> Iterator[str]:
    """The two weights of a method are whole percents of 100."""
    for row in read("methods"):
        weights = [row.decimal("weight_recipients_percent"), row.decimal("weight_quality_percent")]
        if sum(weights) != 100:
            yield row.fault(
                f"{row['method_version']}: the weights {weights[0]} and {weights[1]} do not add up to 100:"
                " correct one of them"
            )
        for weight in weights:
            if weight != int(weight):
                yield row.fault(
                    f"{row['method_version']}: the weight {weight} is not whole, and scores are whole"
                    " numbers (docs/adr/0003-exact-scores.md): write a whole percent"
                )


def methods_have_bands(read: Read) -> Iterator[str]:
    """The bands of a method reach from 0 to exactly 100 and leave no gap."""
    of_method = defaultdict(list)
    for band in read("bands"):
        of_method[band["method_version"]].append(band)
    for row in read("methods"):
        version = row["method_version"]
        bands = sorted(of_method.get(version, ()), key=lambda band: band.decimal("lower_bound"))
        if not bands:
            yield row.fault(f"{version} has no bands: add its rows to bands.csv, from 0 to exactly 100")
            continue
        if bands[0].decimal("lower_bound") != 0:
            yield bands[0].fault(f"the lowest band of {version} does not begin at 0: write 0 in lower_bound")
        for lower, upper in pairwise(bands):
            if lower.parsed_or_none("upper_bound", Decimal) != upper.decimal("lower_bound"):
                yield lower.fault(
                    f"the bands of {version} leave a gap or overlap: {lower['band_code']} ends at"
                    f" {lower.optional('upper_bound') or 'no bound'} and {upper['band_code']} begins at"
                    f" {upper['lower_bound']} (line {upper.line}): write the same number in both"
                )
        yield from _top_band_is_100(version, bands)


def _top_band_is_100(version: str, bands: Iterable[SeedRow]) -> Iterator[str]:
    for band in bands:
        is_top = band.decimal("lower_bound") == 100
        open_above = band.optional("upper_bound") is None
        if is_top != open_above or is_top != (band["bounds"] == "exactly 100"):
            yield band.fault(
                f"{band['band_code']} of {version}: the top band, and it alone, has lower_bound 100, no"
                " upper_bound, and bounds 'exactly 100'"
            )
        for name in ("lower_bound", "upper_bound"):
            number = band.parsed_or_none(name, Decimal)
            if number is not None and number != int(number):
                yield band.fault(
                    f"{name} {number} is not whole (docs/adr/0003-exact-scores.md): write a whole one"
                )
    if not any(band.decimal("lower_bound") == 100 for band in bands):
        *_, last = bands
        yield last.fault(f"{version} has no band for exactly 100: add it below this line")


def one_method_scores_a_period(read: Read) -> Iterator[str]:
    """No two official methods are in force in one quarter, and there is one at all."""
    official = [row for row in read("methods") if row["status"] == "official"]
    if not official:
        yield read("methods")[-1].fault("no method is official: write official in the status of one")
    rows = sorted(official, key=lambda row: row["valid_from_period"])
    for before, row in pairwise(rows):
        ends = before.optional("valid_to_period")
        if ends is None or row["valid_from_period"] <= ends:
            yield row.fault(
                f"{row['method_version']} begins in {row['valid_from_period']}, while"
                f" {before['method_version']} is in force: end that one in the quarter before"
                f" (valid_to_period, line {before.line}), or write draft in status"
            )
