"""What must hold of the quarantine. A period may have none, so no row is demanded; DC-005 counts its rows."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import key_is_unique

TABLE = "mart_quarantine"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        key_is_unique("QU-001", ["document_id", "row_id", "region_code", "period"]),
        gxe.ExpectColumnValuesToNotBeNull(column="rule_id", meta=check("QU-002")),
        gxe.ExpectColumnValuesToNotBeNull(column="raw_row", meta=check("QU-003")),
        # whose and when may be unknown, but then the document says so too
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select quarantine.document_id, quarantine.region_code, quarantine.period,
                    quarantine.source_ref, split_part(quarantine.source_ref, ':', 1) as prefix
                from {batch} as quarantine
                left join mart_document as documents
                    on quarantine.document_id = documents.document_id
                    and quarantine.region_code is not distinct from documents.region_code
                    and quarantine.period is not distinct from documents.period
                where documents.document_id is null
                    or prefix is null
                    or prefix not in (documents.document_id, documents.source)
            """,
            meta=check("QU-004"),
        ),
    ]
