"""What must hold of the budget facts. A period may have none, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import comes_from_a_submission, doubts_are_named, key_is_unique, status_agrees

TABLE = "fct_budget"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectColumnDistinctValuesToBeInSet(
            column="period", value_set=list(facts.periods), meta=check("FB-001")
        ),
        key_is_unique("FB-002", ["region_code", "period", "sector_code", "service_code", "item"]),
        comes_from_a_submission("FB-003"),
        gxe.ExpectColumnValuesToBeBetween(column="allocated_idr", min_value=0, meta=check("FB-004")),
        status_agrees("FB-005", "allocated_idr", "spent_idr"),
        doubts_are_named("FB-006", facts),
    ]
