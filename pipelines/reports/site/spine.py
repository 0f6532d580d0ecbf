"""The spine of a report card: where a region stands within the range and the quartiles of its peers.

Peers are those of ``mart_peer``. Ends, quartiles and median are published figures: a quartile is
the index of one of them, the median that of ``mart_peer``.

Put here: those figures and the geometry. Keep out: who is a peer (the mart), how it looks
(``templates/spine.html``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pipelines.warehouse.release_tables import ReleaseTables, Row

_SPINES = """
with compared as (

    select
        cards.page, cards.basis, own.region_code, own.period, own.sector_code, own.index,
        own.peer_median, own.n_peers, own.peer_basis, own.difference_from_median,
        unnest(string_split(own.peers, ', ')) as peer
    from mart_peer as own
    inner join cards on own.region_code = cards.region_code and own.period = cards.period
    where own.peers is not null

), figures as (

    select region_code, period, null as sector_code, index from mart_region_score where basis = 'submitted'
    union all
    select region_code, period, sector_code, index from mart_sector_score where basis = 'submitted'

)

select
    compared.page, compared.basis, compared.sector_code,
    dim_sector.sort_order, dim_sector.name_id, dim_sector.name_en,
    compared.index, compared.peer_median, compared.n_peers, compared.difference_from_median,
    count(figures.index) as compared_with,
    -- a figure of the press has no place among submissions
    case
        when any_value(compared.basis) = 'submitted'
            then count(*) filter (where figures.index < compared.index)
    end as below,
    case
        when any_value(compared.basis) = 'submitted'
            then count(*) filter (where figures.index > compared.index)
    end as above,
    min(figures.index) as lowest,
    quantile_disc(figures.index, 0.25) as lower,
    quantile_disc(figures.index, 0.75) as upper,
    max(figures.index) as highest
from compared
left join figures
    on
        compared.peer = figures.region_code
        and compared.period = figures.period
        and compared.sector_code is not distinct from figures.sector_code
left join dim_sector on compared.sector_code = dim_sector.sector_code
group by all
having count(figures.index) > 0
order by compared.page, dim_sector.sort_order nulls first
"""
_PEERS = """
select cards.page, scores.region_name, coalesce(scores.current_region_code, scores.region_code) as peer_page
from mart_peer as own
inner join cards on own.region_code = cards.region_code and own.period = cards.period
cross join unnest(string_split(own.peers, ', ')) as listed(peer)
inner join mart_region_score as scores on listed.peer = scores.region_code and own.period = scores.period
where own.sector_code is null
order by cards.page, peer_page
"""


@dataclass(frozen=True, slots=True)
class Spine:
    """The rows of a card, the whole index first, and its peers."""

    rows: list[Row]
    peers: list[Row]


class Spines:
    """The spines of all cards; needs the table ``cards``."""

    def __init__(self, tables: ReleaseTables) -> None:
        self._rows = tables.by("page", _SPINES)
        self._peers = tables.by("page", _PEERS)

    def spine(self, page: str) -> Spine:
        """That of one card; without rows where the region has no peers."""
        rows = [{**row, "drawn": _drawn(row)} for row in self._rows.get(page, [])]
        return Spine(rows, self._peers.get(page, []))


def _drawn(row: Row) -> dict[str, str]:
    """Places from 0 to 100 as SVG writes them."""
    found = {name: row[name] for name in ("lowest", "lower", "upper", "highest", "peer_median", "index")}
    return {
        name: f"{min(Decimal(value), Decimal(100)):.1f}" for name, value in found.items() if value is not None
    }
