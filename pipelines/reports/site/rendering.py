"""What the pages of one site share: its release, its quarters, and how a page is rendered.

Everything that a region sent is escaped by the templates. Put here: what every page needs. Keep out: which
pages there are (``pages``, ``explorer``), queries of one kind of page.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.messages import message
from pipelines.publish.manifest import Manifest
from pipelines.reports.site import national, notation
from pipelines.reports.site.addresses import Addresses, root_of
from pipelines.reports.site.cards import Cards
from pipelines.reports.site.csv_files import csv_file
from pipelines.reports.site.labels import LABELS, label
from pipelines.reports.site.public_tables import rule_name
from pipelines.reports.site.tiles import tiles_of
from pipelines.reports.site.timeline import height, timeline
from pipelines.warehouse.release_tables import ReleaseTables, Row

_TEMPLATES = Path(__file__).parent / "templates"
_NO_BAND = 7


class Site:
    """The site of one release. ``periods`` are the quarters with a national figure, the newest first."""

    def __init__(self, tables: ReleaseTables, manifest: Manifest, contact: str | None) -> None:
        self.tables, self.manifest = tables, manifest
        self.period = national.latest_period(tables)
        self.cards = Cards(tables, self.period)
        self.is_demo = manifest.content.is_demo
        self.at = Addresses(self.period)
        self.provinces = national.provinces(tables)
        self.sectors = tables.rows("select * from dim_sector order by sort_order")
        self.scopes_of = national.scopes_by_period(tables)
        self.periods = sorted({*self.scopes_of, self.period}, reverse=True)
        self.chart_notice = message("demo.short") if self.is_demo else ()
        bands = national.bands(tables, self.period)
        self._bounds = {
            method: [(row["lower_bound"], row["place"]) for row in reversed(rows)]
            for method, rows in national.bands_by_method(bands).items()
        }
        self._environment = _environment()
        # imported parts see what is global, so that no page has to hand it on
        self._environment.globals |= {
            "label": label,
            "rule_name": rule_name,
            "timeline": timeline,
            "reporting_codes": tuple(LABELS["reporting"]),
            "at": self.at,
            "period": self.period,
            "release_id": manifest.release_id,
            "contact": contact,
            "notice": message("demo.notice") if self.is_demo else None,
            "bands": bands,
            "place_of": {(row["method_version"], row["band_code"]): row["place"] for row in bands},
            "provinces": self.provinces,
            "tiles": tiles_of([row["province_code"] for row in self.provinces]),
            "criteria": tuple(LABELS["criterion"]),
            "place_of_value": self.place_of_value,
            "height_of": height,
        }

    @cached_property
    def pages(self) -> set[str]:
        """The codes that have a report card."""
        return {region["page"] for region in self.cards.regions}

    def page(self, template: str, here: str, **given: Any) -> bytes:
        """The page at an address, in UTF-8."""
        rendered = self._environment.get_template(template).render(here=here, root=root_of(here), **given)
        return rendered.encode("utf-8", "replace")

    def file(self, columns: Sequence[str], rows: Iterable[Row]) -> bytes:
        """The CSV of a table."""
        return csv_file(columns, rows, is_demo=self.is_demo)

    def place_of_value(self, method: str | None, value: Decimal | None) -> int:
        """The place of the band that a value lies in, 1 the highest; that of no band where there is none."""
        bounds = self._bounds.get(method or "", [])
        if value is None or not bounds:
            return _NO_BAND
        at = bisect_right([bound for bound, _ in bounds], value)
        return int(bounds[max(at - 1, 0)][1])

    def tile_values(self, rows: Iterable[Row], column: str = "index") -> dict[str, Row]:
        """What the tile map shows of provincial governments: figure, its text and its colour, by province."""
        return {
            row["page_province_code"]: {
                "index": row[column],
                "shown": notation.points(row[column]),
                "place": self.place_of_value(row["method_version"], row[column]),
            }
            for row in rows
            if row[column] is not None
        }


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("number", "points", "change", "share", "whole", "day", "moment", "quarter", "cell"):
        environment.filters[name] = getattr(notation, name)
    environment.filters |= {"clipped": _clipped, "index_by": _indexed, "short_sector": short_sector}
    return environment


def short_sector(sector: Row) -> str:
    """The name of a sector where there is little space: the officials' own short word, which is its code."""
    name = str(sector["name_id"])
    return name if len(name) <= 20 else str(sector["sector_code"]).replace("_", " ").capitalize()


def _clipped(text: str, most: int) -> str:
    """A text that a region may have written, cut to a length that a page can hold."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _indexed(rows: list[Row], key: str) -> dict[Any, Row]:
    return {row[key]: row for row in rows}
