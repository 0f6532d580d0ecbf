"""What must hold of compliance and timeliness."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check

TABLE = "mart_compliance"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, meta=check("CO-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=list(facts.periods), meta=check("CO-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=["region_code", "period"], meta=check("CO-003")),
        gxe.ExpectColumnValuesToBeInSet(
            column="timeliness", value_set=["on_time", "late", "missing"], meta=check("CO-004")
        ),
    ]
