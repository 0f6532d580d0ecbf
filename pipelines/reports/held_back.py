"""What was held back of a region's report for a period: rows and whole documents, by which rule, and where.

Reads the tables of a release. A row whose region or period cannot be read goes with those of its document, as
in ``reports.received``.

Put here: asking the tables. Keep out: how it is shown (``reports.explanation``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.registry.rules import rules
from pipelines.reports.received import WHOSE
from pipelines.warehouse.release_tables import ReleaseTables, Row

_HELD_BACK = (
    WHOSE
    + """
select
    held.rule_id, held.document_id, held.source_ref, held.row_id, held.raw_row, held.value,
    any_value(found.sector_code) as sector_code,
    any_value(found.service_code) as service_code,
    any_value(found.subject) as subject,
    any_value(found.message_id) as message_id,
    any_value(found.message_en) as message_en
from mart_quarantine as held
left join whose using (document_id)
left join mart_finding as found
    on held.rule_id = found.rule_id
    and held.finding_ref = found.source_ref
    and held.period is not distinct from found.period
    and found.status != 'fixed'
where coalesce(held.region_code, only_region) = $region_code and coalesce(held.period, only_period) = $period
group by all
order by held.rule_id, held.source_ref
"""
)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """One row that is held back, or one document where ``row_id`` is ``None``.

    ``message_id`` and ``message_en`` say what is wrong and how to correct it. ``service_code`` is ``None``
    where the rule is one on a whole sector, or the service was not recognised.
    """

    rule_id: str
    document_id: str
    source_ref: str
    row_id: str | None
    sector_code: str | None
    service_code: str | None
    component: str | None
    message_id: str
    message_en: str

    def is_of(self, sector_code: str, service_code: str, component: str) -> bool:
        """Whether it is what a region sent of a component of a service."""
        if self.service_code is not None:
            return self.service_code == service_code and self.component in (None, component)
        return self.sector_code == sector_code and self.component in (None, component)

    @property
    def is_of_unknown(self) -> bool:
        """Whether it cannot be said which service it is of."""
        return self.service_code is None and self.sector_code is None


def held_back(tables: ReleaseTables, region_code: str, period: str) -> list[HeldBack]:
    """What was held back of the report, by rule and place."""
    sql = _HELD_BACK.format(mart_document="mart_document")
    sectors = {row["service_code"]: row["sector_code"] for row in tables.rows("from dim_service")}
    rows = tables.rows(sql, region_code=region_code, period=period)
    return [_held_back(row, sectors) for row in rows]


def _held_back(row: Row, sectors: Mapping[str, str]) -> HeldBack:
    rule, sent = rules().get(row["rule_id"]), _sent(row["raw_row"])
    # a rule on a sector is found once for all its rows: what each is about stands in the row
    service = row["service_code"] or next((code for code in sectors if code == sent.get("service")), None)
    return HeldBack(
        rule_id=row["rule_id"],
        document_id=row["document_id"],
        source_ref=row["source_ref"],
        row_id=row["row_id"],
        sector_code=row["sector_code"] or sectors.get(service or ""),
        service_code=service,
        component=sent.get("component"),
        message_id=row["message_id"] or (f"{rule.name_id}. {rule.remedy_id}" if rule else row["rule_id"]),
        message_en=row["message_en"] or (f"{rule.name_en}. {rule.remedy_en}" if rule else row["rule_id"]),
    )


def _sent(raw_row: str | None) -> dict[str, str]:
    """The cells of a row as it was sent; nothing of what could not be read into cells."""
    try:
        found = json.loads(raw_row or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
