"""What must hold of the stage, team and action plan facts. A period may have none, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import comes_from_a_submission, key_is_unique, status_agrees

TABLE = "fct_stage"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectColumnDistinctValuesToBeInSet(
            column="period", value_set=list(facts.periods), meta=check("FS-001")
        ),
        key_is_unique("FS-002", ["submission_id", "source_ref"]),
        comes_from_a_submission("FS-003"),
        gxe.ExpectColumnValuesToBeBetween(column="target", min_value=0, meta=check("FS-004")),
        status_agrees("FS-005", "target", "realised"),
    ]
