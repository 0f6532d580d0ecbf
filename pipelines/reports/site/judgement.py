"""What the pages on method and quality and on the release hold.

Put here: those queries, and what the manifest says. Keep out: judging (``quality``), publishing.
"""

from __future__ import annotations

from typing import Any

from pipelines.publish.manifest import Manifest
from pipelines.registry.columns import words_of
from pipelines.registry.gate_checks import required_checks
from pipelines.registry.rules import rules
from pipelines.warehouse.release_tables import ReleaseTables, Row

_MOST_RESTATED = 300
_REPORTING_WORDS = (
    "expected",
    "reported",
    "with_index",
    "reported_without_index",
    "from_press",
    "refused",
    "not_sent",
    "not_yet_due",
)
_SERVICES = """
select own.*, dim_sector.name_id as sector_name
from dim_service as own
inner join dim_sector on own.sector_code = dim_sector.sector_code
order by own.tier desc, dim_sector.sort_order, own.sort_order
"""
_FINDINGS = """
select severity, status, count(*) as findings, count(distinct region_code) as regions
from mart_finding
where period = $period
group by severity, status
order by list_position(['fatal', 'warning', 'info'], severity),
    list_position(['new', 'persisting', 'fixed'], status)
"""
_MOST_FINDINGS = """
select
    cards.page,
    cards.region_name,
    count(*) filter (where own.severity = 'fatal') as fatal,
    count(*) filter (where own.severity = 'warning') as warnings,
    count(*) filter (where own.status = 'new') as fresh
from mart_finding as own
inner join cards on own.region_code = cards.region_code and own.period = cards.period
where own.period = $period and own.status is distinct from 'fixed'
group by cards.page, cards.region_name
order by fatal desc, warnings desc, cards.page
limit 20
"""
# what this release changed: the ledger holds what those before it changed, too
_OF_THIS_RELEASE = """
(select arg_max(mart_release.release_before, (length(release_id), release_id)) from mart_release)
""".strip()
_RESTATED = f"""
select period, table_name, reason, count(*) as cells, count(distinct region_code) as regions
from mart_restatement
where release_before = {_OF_THIS_RELEASE}
group by all
order by period, table_name, reason
"""
_RESTATED_INDEXES = f"""
select
    coalesce(scores.current_region_code, own.region_code) as page,
    coalesce(scores.region_name, own.region_code, dim_sector.name_id) as region_name,
    own.key ->> '$.scope' as scope,
    own.*
from mart_restatement as own
left join dim_sector on own.key ->> '$.scope' = dim_sector.sector_code
left join mart_region_score as scores
    on own.region_code = scores.region_code and own.period = scores.period
where own.table_name in ('mart_region_score', 'mart_national_score') and own.column_name = 'index'
    and own.release_before = {_OF_THIS_RELEASE}
order by own.period, own.table_name, own.key
limit {_MOST_RESTATED}
"""
_DOCUMENTS = """
select
    period,
    count(distinct document_id) as documents,
    sum(rows_accepted)::bigint as accepted,
    sum(rows_quarantined)::bigint as quarantined,
    count(distinct document_id) filter (where reject_rule is not null) as rejected
from mart_document
where period is not null
group by period
order by period
"""
_RELEASE = """
select
    * exclude (published_at),
    make_timestamp(epoch_us(published_at)) + interval 7 hours as published_wib
from mart_release
where release_id = $release
"""


def method_and_quality(tables: ReleaseTables, manifest: Manifest, period: str) -> dict[str, Any]:
    """Method, bands, catalogue, rules, gate, waivers and corrections; findings are those of ``period``."""
    return {
        "methods": tables.rows("select * from dim_method order by method_version"),
        "services": tables.rows(_SERVICES),
        "rules": _rules(tables, period),
        "gate": _gate(manifest),
        "findings": tables.rows(_FINDINGS, period=period),
        "most_findings": tables.rows(_MOST_FINDINGS, period=period),
        "waivers": tables.rows("select * from mart_waiver order by all"),
        "glossary": _glossary(),
        "corrections": tables.rows("select * from mart_correction order by all"),
    }


def release_facts(tables: ReleaseTables, manifest: Manifest) -> dict[str, Any]:
    """The release: what it holds, what it was made from, what changed against the one before."""
    return {
        "manifest": manifest,
        "about": tables.row(_RELEASE, release=manifest.release_id),
        "documents": {row["period"]: row for row in tables.rows(_DOCUMENTS)},
        "restated": tables.rows(_RESTATED),
        "restated_indexes": tables.rows(_RESTATED_INDEXES),
        "files": sorted(manifest.content.tables.items()),
    }


def _glossary() -> list[Row]:
    """The words of who reported, each with what it means: those of the columns that count them."""
    return [words_of("mart_compliance_summary", column) for column in _REPORTING_WORDS]


def _rules(tables: ReleaseTables, period: str) -> list[Row]:
    """Each rule of the registry in its words, with its counts where the release has judged by it."""
    found = {
        row["rule_id"]: row
        for row in tables.rows("select * from mart_rule order by all")
        if row["period"] == period
    }
    return [{"rule": rule, "judged": found.get(rule.rule_id)} for rule in rules().values()]


def _gate(manifest: Manifest) -> list[Row]:
    """Each period: how many checks there were, and those that did not simply pass."""
    checks = {check.check_id: check for check in required_checks()}
    gate = []
    for period, verdicts in sorted(manifest.content.gate.items(), reverse=True):
        told = [
            {**verdict, "check": checks.get(verdict["check_id"])}
            for verdict in verdicts
            if verdict["status"] != "pass"
        ]
        gate.append({"period": period, "checks": len(verdicts), "told": told})
    return gate
