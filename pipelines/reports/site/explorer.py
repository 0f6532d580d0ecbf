"""The pages of a choice: of a quarter, a sector, a province, a service or an indicator, each with its files.

Put here: which of these pages there are and what each is given. Keep out: queries (``national``, ``leagues``,
``rug``, ``subjects``), looks (``templates/``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from pipelines.reports.site import charts, leagues, national
from pipelines.reports.site import rug as rugs
from pipelines.reports.site.labels import LABELS
from pipelines.reports.site.notation import quarter
from pipelines.reports.site.rendering import Site, short_sector
from pipelines.reports.site.subjects import Subjects
from pipelines.warehouse.release_tables import Row, grouped

File = tuple[str, bytes]
_SCOPE_COLUMNS = (
    "period", "scope", "index", "band_code", "regions_expected", "regions_reported", "regions_with_index",
    "coverage", "method_version",
)  # fmt: skip
_COMPLIANCE_COLUMNS = (
    "period",
    "province_code",
    "level",
    "expected",
    "reported",
    "on_time",
    "percent_reported",
)


def quarters(site: Site) -> Iterator[File]:
    """All pages of all quarters, but for the first page of the site."""
    counts = national.band_counts(site.tables)
    if site.scopes_of:
        names = {scope: words[0] for scope, words in LABELS["scope"].items()}
        scopes = [row for rows in site.scopes_of.values() for row in rows]
        yield "grafik/tren.svg", charts.trend(scopes, names, site.chart_notice).encode()
        yield "grafik/predikat.svg", charts.bands(counts, site.chart_notice).encode()
        yield "data/nasional.csv", site.file(_SCOPE_COLUMNS, scopes)
    yield "data/predikat.csv", site.file(("period", "place", "band_name", "regions"), counts)
    for period in site.periods:
        league = leagues.league(site.tables, period)
        compliance = national.compliance(site.tables, period)
        page = site.at.national(period)
        told = [row for rows in compliance.values() for row in rows]
        yield site.at.file("kepatuhan/", period), site.file(_COMPLIANCE_COLUMNS, told)
        if period != site.period:
            yield page, _national(site, period, league, compliance)
        yield from _leagues(site, period, league)
        yield from _provinces(site, period, league, compliance)


def first_page(site: Site) -> Iterator[File]:
    """The national page of the newest quarter."""
    league = leagues.league(site.tables, site.period)
    compliance = national.compliance(site.tables, site.period)
    yield "index.html", _national(site, site.period, league, compliance)


def services(site: Site) -> Iterator[File]:
    """The list of services, a page for each of them and for each indicator."""
    subjects = Subjects(site)
    yield (
        "layanan.html",
        site.page("services.html", "layanan.html", sectors=site.sectors, of=subjects.listed()),
    )
    file_of = subjects.files()
    for one in subjects.all():
        page = site.at.service(one.code)
        yield site.at.file(page), file_of[one.code]
        yield page, site.page("service.html", page, one=one, file=site.at.file(page), **subjects.page(one))


def listed(site: Site, files: Sequence[str]) -> list[tuple[str, str, list[str]]]:
    """The CSV files by what they hold, for the page that lists them."""
    groups = (
        ("Nasional", "national", "data/", 1),
        ("Pelaporan per provinsi", "reporting by province", "data/kepatuhan/", 2),
        ("Peringkat", "ranking", "data/peringkat", 2),
        ("Provinsi: layanan tiap daerah", "provinces: services of each region", "data/provinsi/", 3),
        ("Layanan dan indikator", "services and indicators", "data/layanan/", 2),
    )
    tables = sorted(path for path in files if path.startswith("data/"))
    return [
        (name, english, [path for path in tables if path.startswith(start) and path.count("/") <= depth])
        for name, english, start, depth in groups
    ]


def _national(
    site: Site, period: str, league: Mapping[str, list[Row]], compliance: Mapping[str, Any]
) -> bytes:
    counts = national.band_counts(site.tables)
    names_of = {int(row["place"]): row["band_name"] for row in counts}
    given: dict[str, Any] = {
        "period": period,
        "bands": national.bands(site.tables, period),
        "quarters": _quarters(site, period, site.at.national),
        "scopes": site.scopes_of.get(period, []),
        "scopes_of": site.scopes_of,
        "counts_of": grouped(counts, "period"),
        "band_names": [names_of[place] for place in sorted(names_of)],
        "reporting": national.reporting_counts(site.tables).get(period, {}),
        "tile_values": site.tile_values(league.get("province", [])),
        "province_page": partial(site.at.province, period=period),
        "league": league,
        "compliance": compliance,
    }
    return site.page("index.html", site.at.national(period), **given)


def _quarters(site: Site, chosen: str, address: Any) -> list[tuple[str, str, bool]]:
    return [(quarter(period), address(period), period == chosen) for period in site.periods]


def _scopes(site: Site, period: str, chosen: str | None) -> list[tuple[str, str, bool]]:
    sectors = [
        (short_sector(row), site.at.league(period, row["sector_code"]), row["sector_code"] == chosen)
        for row in site.sectors
    ]
    return [("Semua bidang", site.at.league(period), chosen is None), *sectors]


def _leagues(site: Site, period: str, league: Mapping[str, list[Row]]) -> Iterator[File]:
    bands = national.bands(site.tables, period)
    page = site.at.league(period)
    file = f"data/peringkat/{period}.csv"
    given: dict[str, Any] = {"period": period, "bands": bands, "league": league, "file": file}
    given["quarters"] = _quarters(site, period, site.at.league)
    given["scopes"] = _scopes(site, period, None)
    yield page, site.page("league.html", page, **given)
    yield file, site.file(leagues.WHOLE_COLUMNS, [row for rows in league.values() for row in rows])
    for sector in site.sectors:
        code = sector["sector_code"]
        found = leagues.sector_league(site.tables, period, code)
        page, file = site.at.league(period, code), f"data/peringkat/{period}-{code}.csv"
        of_scope = {row["scope"]: row for row in site.scopes_of.get(period, [])}
        given |= {
            "league": found,
            "file": file,
            "sector": sector,
            "of_sector": of_scope.get(code),
            "tile_values": site.tile_values(found.get("province", [])),
            "province_page": partial(site.at.province, period=period),
            "scopes": _scopes(site, period, code),
            "quarters": _quarters(site, period, partial(site.at.league, sector=code)),
        }
        yield page, site.page("sector_league.html", page, **given)
        yield file, site.file(leagues.SECTOR_COLUMNS, [row for rows in found.values() for row in rows])


def _provinces(
    site: Site, period: str, league: Mapping[str, list[Row]], compliance: Mapping[str, Any]
) -> Iterator[File]:
    of_quarter = rugs.Rugs(site, period)
    bands = national.bands(site.tables, period)
    both = [row for level in ("city", "regency") for row in league.get(level, [])]
    members_of = grouped(both, "page_province_code")
    own_of = {row["page_province_code"]: row for row in league.get("province", [])}
    for province in site.provinces:
        code = province["province_code"]
        members = sorted(members_of.get(code, []), key=_by_rank)
        own = own_of.get(code)
        page = site.at.province(code, period)
        file = f"data/provinsi/{code}/{period}.csv"
        given: dict[str, Any] = {
            "period": period,
            "bands": bands,
            "quarters": _quarters(site, period, partial(site.at.province, code)),
            "province": province,
            "own": own,
            "members": members,
            "rug": of_quarter.rug(members) if members else None,
            "own_rug": of_quarter.rug([own], "province") if own else None,
            "file": file,
            "compliance": compliance.get(code, []),
            "history": site.cards.blocks["history"].get(own["page"], []) if own else [],
        }
        yield page, site.page("province.html", page, **given)
        yield file, site.file(rugs.COLUMNS, of_quarter.table([*([own] if own else []), *members]))


def _by_rank(row: Row) -> tuple[bool, int, str]:
    return (row["rank_province"] is None, row["rank_province"] or 0, row["page"])
