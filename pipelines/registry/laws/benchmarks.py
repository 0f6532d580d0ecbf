"""Laws of the award (editions, weights, formulas) and of what benchmarks are made with.

Put here: what these tables must satisfy together. Keep out: what one column holds (the YAML beside a seed).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from pipelines.registry.laws.facts import Read
from pipelines.registry.seed_files import SeedRow

_CRITERIA = ("index", "budget", "stages", "team", "action_plan", "reporting")
_WITH_A_NUMBER = ("team", "action_plan", "reporting")
_BENCHMARKS = (
    "peer_count",
    "peer_min",
    "peer_max_size_percent",
    "tie_tolerance",
    "tie_min_percent",
    "pace_years",
    "next_band_min_percent",
)


def editions_judge_a_year_once(read: Read) -> Iterator[str]:
    """A year judged by two editions would have two awards."""
    rows = sorted(read("award_editions"), key=lambda row: int(row["valid_from_year"]))
    for before, row in pairwise(rows):
        ends = before.optional("valid_to_year")
        if ends is None or int(row["valid_from_year"]) <= int(ends):
            yield row.fault(
                f"{row['edition']} judges {row['valid_from_year']}, as {before['edition']} does:"
                f" end that one in the year before (valid_to_year, line {before.line})"
            )


def editions_have_their_criteria(read: Read) -> Iterator[str]:
    """Each edition has a weight and a formula for each criterion."""
    weights = {(row["edition"], row["criterion"]) for row in read("award_weights")}
    formulas = {(row["edition"], row["criterion"]): row for row in read("award_formulas")}
    for row in read("award_editions"):
        edition = row["edition"]
        for criterion in _CRITERIA:
            for file, known in (("award_weights", weights), ("award_formulas", set(formulas))):
                if (edition, criterion) not in known:
                    yield row.fault(
                        f"{edition} has no criterion {criterion} in {file}.csv: add its row there"
                    )
    for (_, criterion), row in formulas.items():
        wants = row.optional("parameter") is not None or criterion in _WITH_A_NUMBER
        if wants and row.optional("value") is None:
            yield row.fault(f"{criterion} has no value: write the points that its formula gives")


def benchmarks_are_positive(read: Read) -> Iterator[str]:
    """A number that is gone would leave marts empty without a word."""
    rows = {row["parameter"]: row for row in read("benchmark_parameters")}
    for name in _BENCHMARKS:
        if name not in rows:
            *_, last = rows.values()
            yield last.fault(f"no parameter {name}: add it below this line")
        elif rows[name].decimal("value") <= 0:
            yield rows[name].fault(f"{name} is not above 0: write a positive number")


def award_weights_add_up(read: Read) -> Iterator[str]:
    """The weights of an edition add up to 100."""
    last: dict[str, SeedRow] = {}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in read("award_weights"):
        edition = row["edition"]
        last[edition] = row
        sums[edition] += row.decimal("weight_percent")
    for edition, total in sums.items():
        if total != 100:
            yield last[edition].fault(
                f"the weights of {edition} add up to {total}, not to 100: correct weight_percent of its rows"
            )


def provinces_have_islands(read: Read) -> Iterator[str]:
    """A province without a group of islands would have no peers."""
    known = {row["province_code"] for row in read("island_groups")}
    for row in read("regions"):
        if row["level"] == "province" and row["province_code"] not in known:
            yield row.fault(f"province {row['province_code']} is not in island_groups.csv: add it there")
