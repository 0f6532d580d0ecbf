"""Laws that rows of several judged tables obey: of their keys, of where they come from, of their status.

Put here: a law that more than one suite states, as an expectation, and how a query reads a limit. Keep out:
laws of one table (its suite).
"""

from __future__ import annotations

from collections.abc import Sequence

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.sums import BASES, summed


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


def doubts_are_named(check_id: str, facts: RunFacts) -> gxe.Expectation:
    """A doubtful row names a doubting rule that found something in its document and is not waived."""
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=f"""
            select rows.region_code, rows.period, rows.submission_id, rows.is_doubtful, rows.doubtful_rule_id
            from {{batch}} as rows
            left join (
                select distinct rule_id, submission_id
                from mart_finding
                where status <> 'fixed' and waiver_id is null and rule_id in ({listed(facts.doubting)})
            ) as doubts
                on rows.doubtful_rule_id = doubts.rule_id and rows.submission_id = doubts.submission_id
            where rows.is_doubtful is distinct from (rows.doubtful_rule_id is not null)
                or rows.is_doubtful is distinct from (doubts.rule_id is not null)
        """,
        meta=check(check_id),
    )


def listed(texts: Sequence[str]) -> str:
    """Texts as a list in SQL, never empty."""
    return ", ".join(f"'{text}'" for text in texts) or "null"


def parts_of_wholes(check_id: str, rows: str) -> gxe.Expectation:
    """A breaker: of many regions no part (served, spent) is a multiple of its whole (owed, allocated)."""
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=f"""
            select now.period, now.topic, now.regions, now.whole, now.part
            from ({summed(rows, "{batch}")}) as now
            where not coalesce(
                now.regions < {limit(check_id, "min_reporters", "now")}
                or now.part <= now.whole * cast({limit(check_id, "max_share", "now")} as decimal(6, 3)),
                false
            )
        """,
        meta=check(check_id),
    )


def sums_move_little(check_id: str, rows: str, facts: RunFacts) -> gxe.Expectation:
    """A breaker: sums of much the same number of regions are no multiple of those published, nor of those of
    the quarter before; within a year what was served or spent does not shrink to a part.
    """
    named = ("min_reporters", "max_reporters_share", "max_ratio")
    limits = {name: limit(check_id, name, "now") for name in named}
    ratio = f"cast({limits['max_ratio']} as decimal(6, 3))"
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=f"""
            select now.period, now.topic, now.regions, now.whole, now.part, base.base_period as before,
                base.regions as regions_before, base.whole as whole_before, base.part as part_before
            from ({summed(rows, "{batch}")}) as now
            inner join (
                select *
                from {BASES}
                where base_period not in ({listed(["", *facts.closed_periods])})
                qualify base_period = period or base_period = max(base_period) filter (
                    where base_period < period
                ) over (partition by period, measure, topic)
            ) as base
                on now.period = base.period and now.measure = base.measure and now.topic = base.topic
            where not coalesce(
                least(now.regions, base.regions) < {limits["min_reporters"]}
                or abs(now.regions - base.regions) > base.regions * {limits["max_reporters_share"]}
                or (
                    (now.whole <= base.whole * {ratio} or base.whole = 0)
                    and now.whole * {ratio} >= base.whole
                    and (
                        left(base.base_period, 4) <> left(now.period, 4)
                        or (
                            now.part * {ratio} >= base.part
                            and (now.part <= base.part * {ratio} or base.part = 0
                                or base.base_period <> now.period)
                        )
                    )
                ),
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
