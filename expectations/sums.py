"""What is summed up over the nation, people by service and unit and money by sector, as SQL.

The gate compares the sums of a candidate with those published, so both are written here once.

Put here: which rows a sum takes. Keep out: limits (``gate_limits.csv``), the checks (suites of the tables).
"""

from __future__ import annotations

BASES = "national_sum_bases"
"""The table of a candidate that holds the sums of other periods and of the release before."""

PEOPLE = """
    select
        period, 'people' as measure, service_code || ' ' || lower(trim(coalesce(unit, ''))) as topic,
        region_code, target as whole, realised as part
    from {table}
    where component = 'recipients' and status in ('reported', 'zero') and not is_doubtful
"""
"""A row for each number of people that is not doubtful: owed the service, and served."""

MONEY = """
    select
        period, 'money' as measure, sector_code as topic, region_code,
        allocated_idr as whole, spent_idr as part
    from {table}
    where allocated_idr is not null and spent_idr is not null and doubtful_lines is not null
"""
"""A row for each budget of a region: allocated and spent, without its doubtful lines. What was built before
doubtful values were marked is nothing to compare with."""


def summed(rows: str, table: str) -> str:
    """The query of the sums of ``rows`` of a table: one row a period and topic."""
    return f"""
        select period, measure, topic, count(distinct region_code) as regions,
            cast(sum(whole) as decimal(38, 2)) as whole, cast(sum(part) as decimal(38, 2)) as part
        from ({rows.format(table=table)})
        group by period, measure, topic
    """
