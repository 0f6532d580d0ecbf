"""What must hold of the reported problems. A period may have none, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import comes_from_a_submission, key_is_unique

TABLE = "fct_problem"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectColumnDistinctValuesToBeInSet(
            column="period", value_set=list(facts.periods), meta=check("FP-001")
        ),
        key_is_unique("FP-002", ["submission_id", "source_ref"]),
        comes_from_a_submission("FP-003"),
    ]
