"""Which earlier quarters the findings of a quarter are made with: what changes there may change them.

The same as ``int_periods__compared``, which the rules read. Source: ``rule_parameters.csv`` (OUT-001).

Put here: that relation of quarters. Keep out: what is compared (``int_rules__row_comparisons.sql``).
"""

from __future__ import annotations

from pathlib import Path

from pipelines.registry.home_rows import per_registry
from pipelines.registry.periods import Period
from pipelines.registry.rules import parameters_of
from pipelines.registry.seeds import SEEDS


@per_registry
def compared_with(period: Period, folder: Path = SEEDS) -> frozenset[Period]:
    """The quarter before ``period``, those before it in its year, its own of the years of OUT-001."""
    years = range(1, _most_years(period, folder) + 1)
    of_year = range(1, period.quarter)
    return frozenset(map(period.previous, {1, *of_year, *(4 * year for year in years)}))


def _most_years(period: Period, folder: Path) -> int:
    found = [one for one in parameters_of("OUT-001", folder) if one.parameter == "most_years"]
    return sum(
        int(one.value) for one in found if (one.valid_from or period) <= period <= (one.valid_to or period)
    )
