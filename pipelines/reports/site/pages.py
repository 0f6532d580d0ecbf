"""From a release to the files of its site: which pages there are, and what each is given.

The same release gives the same bytes. Everything that a region sent is escaped by the templates.
Put here: rendering and writing. Keep out: queries (``national``, ``cards``, ``judgement``), looks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines import progress
from pipelines.messages import message, say
from pipelines.publish.manifest import Manifest
from pipelines.publish.releases import Releases
from pipelines.reports.site import charts, judgement, national, notation
from pipelines.reports.site.cards import Cards
from pipelines.reports.site.labels import LABELS, label
from pipelines.reports.site.public_tables import hide_texts, rule_name
from pipelines.reports.site.tiles import tiles_of
from pipelines.settings import Settings
from pipelines.storage.whole_files import SUFFIX, write_whole
from pipelines.warehouse.release_tables import ReleaseTables, Row, grouped, release_tables

_HERE = Path(__file__).parent
_ASSETS = ("style.css", "script.js")


@dataclass(frozen=True, slots=True)
class SiteWritten:
    """A site: where its first page lies, how many files it has, the heaviest page in bytes of HTML."""

    index: Path
    files: int
    bytes: int
    heaviest_page: str
    heaviest_bytes: int


def write_site(settings: Settings) -> SiteWritten:
    """Write the site of the current release to ``SPM_HOME/reports/<release>/site``; an older one goes.

    Raises:
        UnknownReleaseError: nothing is published yet.
    """
    release = Releases(settings.published).current_folder()
    folder = settings.home / "reports" / release.name / "site"
    progress.step(say("site.step"))
    sizes: dict[str, int] = {}
    for path, content in site_files(release):
        write_whole(folder / path, content, flushed=False)
        sizes[path] = len(content)
        progress.advance(1)
    for found in folder.rglob("*"):
        # what ends in .partial may be of another `spm report` at work
        if found.is_file() and found.suffix != SUFFIX and found.relative_to(folder).as_posix() not in sizes:
            found.unlink(missing_ok=True)
    heaviest = max((path for path in sizes if path.endswith(".html")), key=lambda path: sizes[path])
    return SiteWritten(folder / "index.html", len(sizes), sum(sizes.values()), heaviest, sizes[heaviest])


def site_files(release: Path) -> Iterator[tuple[str, bytes]]:
    """Each file of the site of a release's folder: its path and its bytes; the first page comes last.

    Figures that are made up are called so on every page and chart: they stand beside names of real regions.
    """
    manifest = Manifest.read(release / "manifest.json")
    with release_tables(release) as tables:
        hide_texts(tables)
        period = national.latest_period(tables)
        cards = Cards(tables, period)
        site = _Site(tables, manifest, period, cards)
        yield from site.provinces()
        yield from site.regions()
        judged = judgement.method_and_quality(tables, manifest, period)
        yield "mutu.html", site.page("quality.html", "mutu.html", **judged)
        facts = judgement.release_facts(tables, manifest)
        yield "rilis.html", site.page("release.html", "rilis.html", pages=site.pages, **facts)
        for name in _ASSETS:
            yield f"assets/{name}", (_HERE / "assets" / name).read_bytes()
        yield from site.national()


class _Site:
    """What the pages of one release share."""

    def __init__(self, tables: ReleaseTables, manifest: Manifest, period: str, cards: Cards) -> None:
        self.tables, self.period, self.cards = tables, period, cards
        self.bands = national.bands(tables, period)
        self.place_of = {(row["method_version"], row["band_code"]): row["place"] for row in self.bands}
        self.provinces_of = national.provinces(tables)
        self.league = national.league(tables, period)
        self.compliance = national.compliance(tables, period)
        self.pages = {region["page"] for region in cards.regions}
        self.chart_notice = message("demo.short") if manifest.content.is_demo else ()
        self.environment = _environment()
        # imported parts see what is global, so that no page has to hand it on
        self.environment.globals |= {
            "label": label,
            "rule_name": rule_name,
            "period": period,
            "release_id": manifest.release_id,
            "notice": message("demo.notice") if manifest.content.is_demo else None,
            "short_notice": message("demo.short") if manifest.content.is_demo else None,
            "bands": self.bands,
            "place_of": self.place_of,
            "provinces": self.provinces_of,
            "criteria": tuple(LABELS["criterion"]),
        }

    def page(self, template: str, here: str, root: str = "", **given: Any) -> bytes:
        """One page in UTF-8; ``root`` leads from it to the folder of the site."""
        rendered = self.environment.get_template(template).render(here=here, root=root, **given)
        return rendered.encode("utf-8", "replace")

    def national(self) -> Iterator[tuple[str, bytes]]:
        """The national page with its charts, the league tables, and what the search looks through."""
        scopes_of = national.scopes_by_period(self.tables)
        counts = national.band_counts(self.tables)
        own_of = {row["page_province_code"]: row for row in self.league.get("province", [])}
        codes = [row["province_code"] for row in self.provinces_of]
        if scopes_of:
            names = {scope: words[0] for scope, words in LABELS["scope"].items()}
            yield "grafik/tren.svg", charts.trend(_flat(scopes_of), names, self.chart_notice).encode()
            yield "grafik/predikat.svg", charts.bands(counts, self.chart_notice).encode()
        yield "peringkat.html", self.page("league.html", "peringkat.html", league=self.league)
        yield "assets/regions.js", self._searched()
        names_of = {int(row["place"]): row["band_name"] for row in counts}
        given: dict[str, Any] = {
            "scopes": scopes_of.get(self.period, []),
            "scopes_of": scopes_of,
            "counts_of": grouped(counts, "period"),
            "band_names": [names_of[place] for place in sorted(names_of)],
            "own_of": own_of,
            "tiles": tiles_of(codes),
            "league": self.league,
            "compliance": self.compliance,
        }
        yield "index.html", self.page("index.html", "index.html", **given)

    def provinces(self) -> Iterator[tuple[str, bytes]]:
        """A page for each province, with its chart."""
        places = {code: place for (_, code), place in self.place_of.items()}
        members_of = grouped(
            [row for level in ("city", "regency") for row in self.league.get(level, [])], "page_province_code"
        )
        own_of = {row["page_province_code"]: row for row in self.league.get("province", [])}
        for province in self.provinces_of:
            code = province["province_code"]
            members = sorted(members_of.get(code, []), key=_by_rank)
            own = own_of.get(code)
            has_chart = any(row["index"] is not None for row in members)
            if has_chart:
                by_index = sorted(members, key=lambda row: (-(row["index"] or 0), row["page"]))
                drawn = charts.regions(by_index, places, self.chart_notice)
                yield f"grafik/provinsi-{code}.svg", drawn.encode()
            path = f"provinsi/{code}.html"
            given = {
                "province": province,
                "own": own,
                "members": members,
                "has_chart": has_chart,
                "compliance": self.compliance.get(code, []),
                "history": self.cards.blocks["history"].get(own["page"], []) if own else [],
            }
            yield path, self.page("province.html", path, "../", **given)

    def regions(self) -> Iterator[tuple[str, bytes]]:
        """The report card of each region."""
        for region in self.cards.regions:
            path = f"daerah/{region['page']}.html"
            yield path, self.page("region.html", path, "../", region=region, **self.cards.card(region))

    def _searched(self) -> bytes:
        regions = [
            (f"daerah/{row['page']}.html", row["region_name"], row["page"]) for row in self.cards.regions
        ]
        provinces = [
            (f"provinsi/{code}.html", f"Provinsi: {name}", code)
            for code, name in ((row["province_code"], row["province_name"]) for row in self.provinces_of)
        ]
        listed = json.dumps(regions + provinces, separators=(",", ":"))
        return f"window.SPM_REGIONS={listed};\n".encode()


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("number", "points", "change", "share", "day", "moment", "quarter", "cell"):
        environment.filters[name] = getattr(notation, name)
    environment.filters |= {"clipped": _clipped, "index_by": _indexed, "since_first": _since_first}
    return environment


def _clipped(text: str, most: int) -> str:
    """A text that a region may have written, cut to a length that a page can hold."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _indexed(rows: list[Row], key: str) -> dict[Any, Row]:
    return {row[key]: row for row in rows}


def _since_first(rows: list[Row], column: str) -> list[Row]:
    """The rows from the first that has a value of the column."""
    first = next((at for at, row in enumerate(rows) if row[column] is not None), len(rows))
    return rows[first:]


def _flat(groups: Mapping[str, list[Row]]) -> list[Row]:
    return [row for rows in groups.values() for row in rows]


def _by_rank(row: Row) -> tuple[bool, int, str]:
    return (row["rank_province"] is None, row["rank_province"] or 0, row["page"])
