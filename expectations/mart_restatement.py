"""What must hold of the ledger of restatements. A release may change nothing, so no row is demanded."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import key_is_unique

TABLE = "mart_restatement"
_REASONS = (
    "'late_data', 'correction', 'new_method', 'new_reference_data', 'new_code', 'window_closed', 'routine'"
)


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        # a published figure that changes and nobody can say why is not published
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                select period, table_name, key, column_name, old, new, reason
                from {{batch}}
                where coalesce(reason, '') not in ({_REASONS})
            """,
            meta=check("RS-001"),
        ),
        key_is_unique("RS-002", ["table_name", "key", "column_name"]),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select period, table_name, key, column_name, old, new
                from {batch}
                where old is not distinct from new
            """,
            meta=check("RS-003"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select period, table_name, key, column_name, reason, caused_by
                from {batch}
                where reason in ('late_data', 'correction') and coalesce(caused_by, '') = ''
            """,
            meta=check("RS-004"),
        ),
    ]
