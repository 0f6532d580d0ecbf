"""What must hold of the national scores, and the breakers: what no ordinary quarter does to them.

``national_bases`` has the index and the reporters of each scope as published for the period, and of the
quarters before it. A breaker looks only where there were many reporters, within limits of
``gate_limits.csv``.
"""

from __future__ import annotations

import re

import great_expectations.expectations as gxe

from expectations.facts import RunFacts, check
from expectations.row_laws import limit

TABLE = "mart_national_score"


def expectations(facts: RunFacts) -> list[gxe.Expectation]:
    """The suite for the periods of ``facts``."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=facts.least_scores, meta=check("NA-001")),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="period", value_set=facts.scored_periods, meta=check("NA-002")
        ),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=["period", "scope"], meta=check("NA-003")),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select national.period, national.scope, national.index
                from {batch} as national
                inner join (
                    select period, min(index) as lowest, max(index) as highest
                    from mart_region_score
                    group by period
                ) as regions on national.period = regions.period
                where national.scope in ('national', 'province', 'regency_city')
                    and (
                        national.index > regions.highest
                        or (national.index is null and national.regions_with_index > 0)
                        or (national.index < regions.lowest
                            and national.regions_with_index = national.regions_expected)
                    )
            """,
            meta=check("NA-004"),
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="""
                select period, scope, regions_reported, regions_expected, regions_with_index,
                    regions_from_press
                from {batch}
                where not coalesce(
                    regions_reported <= regions_expected
                    and regions_with_index <= regions_expected
                    and regions_from_press <= regions_with_index,
                    false
                )
            """,
            meta=check("NA-005"),
        ),
        *_breakers(facts),
    ]


def _breakers(facts: RunFacts) -> list[gxe.Expectation]:
    return [
        _breaker(
            "NA-006",
            _PUBLISHED,
            """
                now.regions_with_index >= base.regions_with_index * (1 - {max_fall_share})
            """,
        ),
        # a window that is open has reports to come; it has closed when a document came after it
        _breaker(
            "NA-007",
            _quarter_before(facts),
            """
                cast(base.known_until + interval 7 hour as date) <= periods.window_closes_on
                or now.regions_with_index >= base.regions_with_index * (1 - {max_fall_share})
            """,
        ),
        # over many more or fewer regions another index is no wonder; their number is NA-006's
        _breaker(
            "NA-008",
            _PUBLISHED,
            """
                abs(now.regions_with_index - base.regions_with_index)
                > base.regions_with_index * {max_reporters_share}
                or abs(now.index - base.index) <= {max_change}
            """,
        ),
        # values accumulate within the year, so the first quarter starts anew
        _breaker(
            "NA-009",
            _quarter_before(facts),
            """
                left(base.base_period, 4) <> left(now.period, 4)
                or now.period in (select period from mart_region_score where is_interim)
                or now.regions_with_index < {min_reporters}
                or now.index - base.index between -{max_fall} and {max_rise}
            """,
        ),
    ]


_PUBLISHED = "(select * from national_bases where base_period = period) as base"


def _quarter_before(facts: RunFacts) -> str:
    closed = ", ".join(f"'{period}'" for period in ["", *facts.closed_periods])
    return f"""(
        select *
        from national_bases
        where base_period < period and base_period not in ({closed})
        qualify row_number() over (partition by period, scope order by base_period desc) = 1
    ) as base"""


def _breaker(check_id: str, bases: str, holds: str) -> gxe.Expectation:
    named = sorted({*re.findall(r"{(\w+)}", holds), "min_reporters"})
    limits = {name: limit(check_id, name, "now") for name in named}
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=f"""
            select now.period, now.scope, now.index, now.regions_with_index,
                base.base_period as before, base.index as index_before,
                base.regions_with_index as indexed_before
            from {{batch}} as now
            inner join {bases}
                on now.period = base.period and now.scope = base.scope
            left join dim_period as periods
                on now.period = periods.period
            where not coalesce(
                base.regions_with_index < {limits["min_reporters"]} or {holds.format(**limits)}, false
            )
        """,
        meta=check(check_id),
    )
