"""What the search looks through: regions and services under every name and code that people write.

Put here: the list. Keep out: how what is typed is compared with it (``assets/search.js``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from pipelines.registry.seeds import read_seed
from pipelines.reports.site.rendering import Site

_CODES = """
select
    coalesce(current_region_code, region_code) as page,
    list(distinct region_code order by region_code) as codes,
    list(distinct bps_code order by bps_code) filter (where is_current and bps_code is not null) as bps_codes,
    list(distinct region_name order by region_name) as names
from dim_region
group by all
"""
_SERVICES = """
select service_code, name_id, name_en
from dim_service
where exists (from mart_service_score as scores where scores.service_code = dim_service.service_code)
order by service_code
"""


def searched(site: Site) -> bytes:
    """A script that holds the list: page, name, code, other names, codes as digits, codes of the BPS.

    Names and codes of the past lead to the page of today.
    """
    codes_of = {row["page"]: row for row in site.tables.rows(_CODES)}
    aliases: dict[str, list[str]] = {}
    for alias in read_seed("region_aliases"):
        aliases.setdefault(alias["region_code"], []).append(alias["alias"])
    entries = [*_regions(site, codes_of, aliases), *_provinces(site, aliases), *_services(site)]
    listed = json.dumps(entries, separators=(",", ":"))
    # "</script>" in a name would be harmless in a file of its own, but not where somebody puts it into a page
    return f"window.SPM_REGIONS={listed};\n".replace("</", "<\\/").encode()


def _regions(
    site: Site, codes_of: dict[str, dict[str, list[str]]], aliases: dict[str, list[str]]
) -> Iterator[object]:
    for card in site.cards.regions:
        code, name = card["page"], card["region_name"]
        known = codes_of.get(code)
        others = {*aliases.get(code, []), *(known["names"] if known else [])} - {name}
        digits = [each.replace(".", "") for each in (known["codes"] if known else [code])]
        bps = (known["bps_codes"] or []) if known else []
        yield f"daerah/{code}.html", name, code, sorted(others), digits, bps


def _provinces(site: Site, aliases: dict[str, list[str]]) -> Iterator[object]:
    for province in site.provinces:
        code, name = province["province_code"], province["province_name"]
        yield (
            f"provinsi/{code}.html",
            f"Provinsi {name}",
            code,
            [name, *sorted(aliases.get(code, []))],
            [code],
            [],
        )


def _services(site: Site) -> Iterator[object]:
    for row in site.tables.rows(_SERVICES):
        code = row["service_code"]
        short = code.split("-", 1)[1]
        yield site.at.service(code), row["name_id"], code, [short, row["name_en"]], [], []
