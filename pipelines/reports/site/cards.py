"""The report card of each region: everything that its page shows, a query a block for all regions at once.

A card is about the release's latest quarter, or the last one in which the region owed a report. It is filed
under the code that the government has today; its history runs through all codes that it had.

Words of senders are not on it (``public_tables``): rows that look alike then are in any order.

Put here: what a card holds. Keep out: why its figures moved (``card_changes``), how it looks
(``templates/region.html``).
"""

from __future__ import annotations

from typing import Any

from pipelines.reports.site.card_changes import CardChanges
from pipelines.warehouse.release_tables import ReleaseTables, Row, grouped

_SUBJECT = "cards.page, cards.period"
_ON_CARD = "inner join cards on own.region_code = cards.region_code and own.period = cards.period"
_CARDS = """
create temp table cards as
select
    coalesce(scores.current_region_code, scores.region_code) as page,
    coalesce(regions.province_code, scores.province_code) as page_province_code,
    coalesce(regions.province_name, scores.province_name) as page_province_name,
    scores.*
from mart_region_score as scores
left join dim_region as regions on scores.current_region_code = regions.region_code and regions.is_current
qualify
    row_number() over (
        partition by coalesce(scores.current_region_code, scores.region_code)
        order by scores.period = $period desc, scores.period desc, scores.region_code
    ) = 1
"""
_HISTORY = """
select
    coalesce(scores.current_region_code, scores.region_code) as page,
    scores.*,
    compliance.timeliness
from mart_region_score as scores
left join mart_compliance as compliance
    on scores.region_code = compliance.region_code and scores.period = compliance.period
order by page, scores.period
"""
_COMPLIANCE = f"""
select {_SUBJECT}, own.*, make_timestamp(epoch_us(own.first_received_at)) + interval 7 hours as received_wib
from mart_compliance as own {_ON_CARD}
"""
_SECTORS = f"""
select
    {_SUBJECT},
    own.*,
    dim_sector.name_id,
    dim_sector.name_en,
    peers.peer_median,
    peers.difference_from_median,
    peers.n_peers
from mart_sector_score as own {_ON_CARD}
inner join dim_sector on own.sector_code = dim_sector.sector_code
left join mart_peer as peers
    on
        own.region_code = peers.region_code
        and own.period = peers.period
        and own.sector_code = peers.sector_code
order by {_SUBJECT}, dim_sector.sort_order
"""
_SERVICES = f"""
select {_SUBJECT}, own.*, dim_service.name_id, dim_service.name_en, dim_service.legal_basis
from mart_service_score as own {_ON_CARD}
left join dim_service on own.service_code = dim_service.service_code
order by {_SUBJECT}, dim_service.sort_order, own.service_code
"""
_FACTS = f"""
select {_SUBJECT}, own.service_code, own.component, own.item, own.unit, own.target, own.realised,
    own.percent, own.status, own.doubtful_rule_id, own.source_ref
from fct_indicator as own {_ON_CARD}
where own.source_ref is not null
order by {_SUBJECT}, own.service_code, own.component is distinct from 'recipients', own.component, own.item,
    own.source_ref, own.unit, own.target, own.realised, own.percent, own.status, own.doubtful_rule_id
"""
_BUDGET = f"""
select {_SUBJECT}, own.*, dim_sector.name_id as sector_name, dim_service.name_id as service_name,
    case when own.service_code is null then sectors.index else services.index end as index
from mart_budget as own {_ON_CARD}
left join dim_sector on own.sector_code = dim_sector.sector_code
left join dim_service on own.service_code = dim_service.service_code
left join mart_sector_score as sectors
    on
        own.region_code = sectors.region_code
        and own.period = sectors.period
        and own.sector_code = sectors.sector_code
left join mart_service_score as services
    on
        own.region_code = services.region_code
        and own.period = services.period
        and own.service_code = services.service_code
order by {_SUBJECT}, dim_sector.sort_order, dim_service.sort_order, own.service_code
"""
_STAGES = f"""
select {_SUBJECT}, own.*, dim_sector.name_id as sector_name
from mart_stage as own {_ON_CARD}
left join dim_sector on own.sector_code = dim_sector.sector_code
order by
    {_SUBJECT}, dim_sector.sort_order,
    own.stage, own.status, own.target, own.realised
"""
_PROBLEMS = f"""
select {_SUBJECT}, dim_sector.name_id as sector_name, own.category, count(*)::int as problems
from fct_problem as own {_ON_CARD}
left join dim_sector on own.sector_code = dim_sector.sector_code
group by {_SUBJECT}, dim_sector.sort_order, dim_sector.name_id, own.category
order by {_SUBJECT}, dim_sector.sort_order, own.category
"""
_FINDINGS = f"""
select {_SUBJECT}, own.*, dim_sector.name_id as sector_name
from mart_finding as own {_ON_CARD}
left join dim_sector on own.sector_code = dim_sector.sector_code
order by
    {_SUBJECT}, own.status = 'fixed', list_position(['fatal', 'warning', 'info'], own.severity),
    own.rule_id, own.source_ref, own.sector_code, own.status, own.waiver_id, own.waiver_reason_id
"""
_DOCUMENTS = f"""
select {_SUBJECT}, own.*, make_timestamp(epoch_us(own.received_at)) + interval 7 hours as received_wib
from mart_document as own {_ON_CARD}
order by {_SUBJECT}, own.received_at, own.document_id
"""
_PUBLISHED = f"""
select {_SUBJECT}, own.*, dim_sector.name_id as sector_name
from fct_published_index as own {_ON_CARD}
left join dim_sector on own.sector_code = dim_sector.sector_code
order by {_SUBJECT}, dim_sector.sort_order nulls last, own.source_ref, own.index
"""
_LEGACY = """
select coalesce(current_region_code, region_code) as page, *
from mart_legacy_attainment
order by page, period, sector_name, indicator_code
"""
_RESTATED = """
select coalesce(regions.current_region_code, own.region_code) as page, own.*
from mart_restatement as own
left join mart_region_score as regions
    on own.region_code = regions.region_code and own.period = regions.period
where own.region_code is not null and own.column_name in ('index', 'band_code', 'rank_national')
    -- what this release changed: the ledger holds what those before it changed, too
    and own.release_before = (
        select arg_max(mart_release.release_before, (length(release_id), release_id)) from mart_release
    )
    and own.table_name in ('mart_region_score', 'mart_sector_score')
order by page, own.period, own.table_name, own.key, own.column_name
"""
_OF_CARD = f"select {_SUBJECT}, own.* from {{table}} as own {_ON_CARD} {{where}}"
_AWARD = """
select coalesce(current_region_code, region_code) as page, *
from mart_award
qualify row_number() over (partition by coalesce(current_region_code, region_code) order by year desc) = 1
"""
_BLOCKS = {
    "history": _HISTORY,
    "compliance": _COMPLIANCE,
    "sectors": _SECTORS,
    "services": _SERVICES,
    "facts": _FACTS,
    "budget": _BUDGET,
    "stages": _STAGES,
    "problems": _PROBLEMS,
    "findings": _FINDINGS,
    "documents": _DOCUMENTS,
    "published": _PUBLISHED,
    "legacy": _LEGACY,
    "restated": _RESTATED,
    "peer": _OF_CARD.format(table="mart_peer", where="where own.sector_code is null"),
    "stability": _OF_CARD.format(table="mart_rank_stability", where=""),
    "projection": _OF_CARD.format(table="mart_projection", where=""),
    "award": _AWARD,
}
_OF_ONE_ROW = ("compliance", "peer", "stability", "projection", "award")


class Cards:
    """The cards of a release; each block is asked for once, for all regions.

    ``blocks`` maps the name of a block to the rows of each page.
    """

    def __init__(self, tables: ReleaseTables, period: str) -> None:
        tables.execute(_CARDS, period=period)
        self.period = period
        self.regions = tables.rows("select * from cards order by page")
        self.blocks = {name: tables.by("page", query) for name, query in _BLOCKS.items()}
        self._changes = CardChanges(tables)

    def card(self, region: Row) -> dict[str, Any]:
        """All blocks of one region: rows by the name of the block; of a block of one row, that row."""
        found: dict[str, Any] = {name: rows.get(region["page"], []) for name, rows in self.blocks.items()}
        for name in _OF_ONE_ROW:
            found[name] = found[name][0] if found[name] else None
        found["facts_of"] = grouped(found.pop("facts"), "service_code")
        found["services_of"] = grouped(found.pop("services"), "sector_code")
        found["main_findings"] = _by_rule(found["findings"])
        found |= self._changes.card(region, found["compliance"], found["projection"])
        return found


def _by_rule(findings: list[Row]) -> list[Row]:
    """The open findings by rule, in their order, with how many there are of each."""
    found: dict[str, Row] = {}
    for row in findings:
        if row["status"] != "fixed":
            of_rule = {"rule_id": row["rule_id"], "severity": row["severity"], "findings": 0}
            found.setdefault(row["rule_id"], of_rule)["findings"] += 1
    return list(found.values())
