"""What the gate and the rules said of a candidate, as a page: one file, no script, same input same bytes.

A release carries it; of a gate that closed it lies in the home. Dagster links to it.

Put here: that page. Keep out: judging (``judge``, ``gate``), the words of rules and checks (seeds).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from pipelines.messages import message
from pipelines.quality.sentences import row_said
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.registry.gate_checks import required_checks
from pipelines.registry.rules import rules
from pipelines.warehouse.release_tables import ReleaseTables, release_tables

PAGE = "quality.html"
_MOST_REGIONS = 50
_MOST_ROWS = 5
_MOST_TO_CORRECT = 500


def quality_page(
    folder: Path,
    verdicts: Sequence[PeriodVerdict],
    is_demo: bool = False,
    to_correct: Sequence[Mapping[str, str]] = (),
) -> bytes:
    """The page on the tables in ``folder``, as judged by ``verdicts``; HTML in UTF-8.

    ``is_demo``: figures in them are made up, and the page says so. ``to_correct`` is what regions have to
    correct before the gate opens (``reports.to_correct``).
    """
    periods = sorted(verdict.period for verdict in verdicts)
    with release_tables(folder) as tables:
        return (
            _template()
            .render(
                periods=periods,
                notice=message("demo.notice") if is_demo else None,
                judged=[_judged(verdict) for verdict in sorted(verdicts, key=lambda one: one.period)],
                rules=_rules(tables, periods),
                regions=tables.rows(_REGIONS, periods=periods),
                to_correct=to_correct[:_MOST_TO_CORRECT],
                more_to_correct=max(0, len(to_correct) - _MOST_TO_CORRECT),
            )
            .encode()
        )


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("page.html")


def _judged(verdict: PeriodVerdict) -> dict[str, Any]:
    checks = {check.check_id: check for check in required_checks()}

    def told(found: Verdict) -> dict[str, Any]:
        check = checks.get(found.check_id)
        return {
            "check_id": found.check_id,
            "status": found.status,
            "detail": found.detail,
            "failing_count": found.failing_count,
            "sentence_id": check.sentence_id if check else found.table,
            "sentence_en": check.sentence_en if check else found.table,
            "rows": [row_said(row) for row in found.failing_rows[:_MOST_ROWS]],
        }

    return {
        "period": verdict.period,
        "passed": verdict.passed,
        "verdicts": verdict.verdicts,
        "told": [told(found) for found in verdict.verdicts if found.status != "pass"],
    }


def _rules(tables: ReleaseTables, periods: Sequence[str]) -> list[dict[str, Any]]:
    found = {(row["rule_id"], row["period"]): row for row in tables.rows(_RULES, periods=periods)}

    def count(rule_id: str, period: str) -> str:
        row = found.get((rule_id, period))
        return "-" if row is None else f"{row['broken']} / {row['assessed']}"

    return [
        {
            "rule_id": rule.rule_id,
            "name_id": rule.name_id,
            "name_en": rule.name_en,
            "severity": rule.severity,
            "is_broken": any(found.get((rule.rule_id, period), {}).get("broken") for period in periods),
            "counts": [count(rule.rule_id, period) for period in periods],
        }
        for rule in rules().values()
    ]


_RULES = "select * from mart_rule where list_contains($periods, period)"
_REGIONS = f"""
    select
        findings.period,
        findings.region_code,
        any_value(scores.region_name) as region_name,
        count(*) filter (where findings.severity = 'fatal') as fatal,
        count(*) filter (where findings.severity = 'warning') as warnings,
        count(*) filter (where findings.status = 'new') as fresh,
        count(*) filter (where findings.status = 'persisting') as persisting
    from mart_finding as findings
    left join mart_region_score as scores
        on findings.region_code = scores.region_code and findings.period = scores.period
    where
        findings.status <> 'fixed'
        and findings.region_code is not null
        and list_contains($periods, findings.period)
    group by findings.period, findings.region_code
    order by fatal desc, warnings desc, findings.period, findings.region_code
    limit {_MOST_REGIONS}
"""
