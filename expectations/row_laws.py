"""Laws that rows of several judged tables obey: of their keys, of where they come from, of their status.

Put here: a law that more than one suite states, as an expectation, and how a query reads a limit. Keep out:
laws of one table (its suite).
"""

from __future__ import annotations

from collections.abc import Sequence

import great_expectations.expectations as gxe

from expectations.facts import check


def key_is_unique(check_id: str, columns: Sequence[str]) -> gxe.Expectation:
    """No two rows have the same ``columns``. Nulls are alike: a sector may be absent from a key."""
    # the built-in compound uniqueness leaves out every row that has a null in its key
    listed = ", ".join(columns)
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=f"""
            select {listed}, count(*) as row_count
            from {{batch}}
            group by {listed}
            having count(*) > 1
        """,
        meta=check(check_id),
    )


def comes_from_a_submission(check_id: str) -> gxe.Expectation:
    """``source_ref`` is a place in the document of ``submission_id``, or in its source."""
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            select rows.region_code, rows.period, rows.submission_id, rows.source_ref
            from {batch} as rows
            left join (select distinct document_id, source from mart_document) as documents
                on split_part(rows.submission_id, '/', 1) = documents.document_id
            where not coalesce(
                regexp_full_match(rows.source_ref, '([0-9a-f]{{12}}|[a-z][a-z0-9_]*):.+')
                and split_part(rows.source_ref, ':', 1) in (documents.document_id, documents.source)
                and rows.submission_id
                = documents.document_id || '/' || rows.region_code || '/' || rows.period,
                false
            )
        """,
        meta=check(check_id),
    )


def status_agrees(check_id: str, target: str, realised: str) -> gxe.Expectation:
    """``status`` is one of the four and says what the two columns hold; ``realised`` is not below zero."""
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=f"""
            select region_code, period, sector_code, status, {target}, {realised}, source_ref
            from {{batch}}
            where not coalesce(
                case status
                    when 'reported' then {realised} > 0
                    when 'zero' then {realised} = 0
                    when 'missing' then {realised} is null
                    when 'not_applicable' then coalesce({target}, 0) = 0 and coalesce({realised}, 0) >= 0
                end,
                false
            )
        """,
        meta=check(check_id),
    )


def limit(check_id: str, parameter: str, row: str) -> str:
    """The SQL of a limit as valid in the period of ``row``; null where there is none, so ask what holds."""
    return (
        f"(select limits.value from gate_limits as limits where limits.check_id = '{check_id}'"
        f" and limits.parameter = '{parameter}' and limits.period = {row}.period)"
    )
