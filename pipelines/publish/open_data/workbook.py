"""The summary as XLSX, for people: the nation, regions, sectors, compliance, budgets, what columns mean.

Headings are the Indonesian labels. Numbers are shown the Indonesian way (1.234,56) where the program keeps to
the format's language. Rows are written one after the other, so size costs no memory.

Put here: sheets and cells. Keep out: single services and documents (CSV has them).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.messages import say
from pipelines.publish.open_data.tables import PublicTable
from pipelines.submissions.demo_mark import marked_notice

FILE = "spm-ringkasan.xlsx"
REGION_PERIODS, SECTOR_PERIODS = 4, 1
"""How many of the last quarters the sheets of regions and sectors hold."""

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_CREATED = datetime(2019, 1, 1, tzinfo=UTC)  # fixed: the same release gives the same bytes
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER_FORMATS = {
    "whole": "[$-421]#,##0",
    "fraction": "[$-421]#,##0.00",
    "rupiah": '[$-421]"Rp" #,##0',
    "date": "[$-421]dd mmmm yyyy",
    "time": "[$-421]dd mmmm yyyy hh:mm",
}
_LINE = 90
_INK, _PAPER, _WARNING = "#1F3864", "#FFFFFF", "#A10D0D"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, what it holds in a sentence, its query; labels are those of ``table``'s columns."""

    title: str
    about: str
    table: str
    query: str


def sheets(tables: Mapping[str, PublicTable], periods: Sequence[str]) -> list[Sheet]:
    """The sheets of a release with ``periods``, oldest first."""
    query = {name: f"({table.query})" for name, table in tables.items()}
    regions = _listed(periods[-REGION_PERIODS:])
    sectors = _listed(periods[-SECTOR_PERIODS:])
    return [
        Sheet(
            "Nasional",
            "Indeks nasional, tiap tingkat pemerintahan, dan tiap bidang, semua triwulan",
            "mart_national_score",
            f"from {query['mart_national_score']} order by period desc, scope",
        ),
        Sheet(
            "Daerah",
            f"Indeks, kategori, dan peringkat tiap daerah, {REGION_PERIODS} triwulan terakhir",
            "mart_region_score",
            "select period, region_code, region_name, level, province_name, index, index_reported, band_name,"
            " completeness, rank_national, n_national, rank_province, n_province, gap_to_next_band,"
            f" change_from_previous_period, basis from {query['mart_region_score']}"
            f" where period in ({regions}) order by period desc, region_code",
        ),
        Sheet(
            "Bidang",
            "Indeks tiap bidang di tiap daerah, triwulan terakhir",
            "mart_sector_score",
            "select own.period, own.region_code, regions.region_name, own.sector_code, own.index,"
            " own.index_reported, own.services_owed, own.services_reported, own.services_not_applicable"
            f" from {query['mart_sector_score']} as own inner join {query['mart_region_score']} as regions"
            " on own.region_code = regions.region_code and own.period = regions.period"
            f" where own.period in ({sectors}) order by own.region_code, own.sector_code",
        ),
        Sheet(
            "Kepatuhan",
            "Berapa daerah wajib lapor dan berapa yang melapor, tiap provinsi, semua triwulan",
            "mart_compliance_summary",
            f"from {query['mart_compliance_summary']} order by period desc, level, province_code",
        ),
        Sheet(
            "Anggaran",
            "Anggaran dan belanja tiap bidang dari baris yang memuat keduanya, tanpa yang diragukan,"
            " kumulatif sejak Januari",
            "mart_budget",
            "select period, sector_code,"
            " sum(allocated_idr) filter (where spent_idr is not null) as allocated_idr,"
            " sum(spent_idr) filter (where allocated_idr is not null) as spent_idr,"
            f" sum(doubtful_lines) as doubtful_lines from {query['mart_budget']}"
            " where doubtful_lines > 0 or (allocated_idr is not null and spent_idr is not null)"
            " group by period, sector_code order by period desc, sector_code nulls last",
        ),
        Sheet(
            "Kolom",
            "Arti setiap kolom dari semua tabel terbuka",
            "meta_column",
            f"from {query['meta_column']} order by table_name, column_name",
        ),
    ]


def write_workbook(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, PublicTable],
    periods: Sequence[str],
    opening: Sequence[tuple[str, str]],
    path: Path,
    is_demo: bool = False,
) -> None:
    """Write the workbook; ``opening`` are the lines of its first sheet, a name and a text each.

    ``is_demo``: its data are made up; the first line of each sheet, and each printed page, says so.
    """
    notice = marked_notice() if is_demo else ""
    with Workbook(str(path), _OPTIONS) as book:
        title = say("export.workbook_title")
        book.set_properties({"title": f"{title}. {notice}" if is_demo else title, "created": _CREATED})
        look = _Look(book)
        wanted = sheets(tables, periods)
        contents = [(f"Lembar {sheet.title}", sheet.about) for sheet in wanted]
        _write_opening(book.add_worksheet("Baca dulu"), look, [*opening, *contents], notice)
        for sheet in wanted:
            _write_sheet(book.add_worksheet(sheet.title), look, sheet, tables, connection, notice)


class _Look:
    """The formats of the workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        plain = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
        self.text: Format = book.add_format(plain)
        self.wrapped: Format = book.add_format({**plain, "text_wrap": True})
        self.quoted: Format = book.add_format({**plain, "quote_prefix": True})
        self.warning: Format = book.add_format({**plain, "bold": True, "font_color": _WARNING})
        self.heading: Format = book.add_format(
            {**plain, "bold": True, "font_color": _PAPER, "bg_color": _INK, "text_wrap": True}
        )
        self.numbers = {
            kind: book.add_format({**plain, "num_format": shown}) for kind, shown in _NUMBER_FORMATS.items()
        }


def _write_opening(page: Worksheet, look: _Look, lines: Sequence[tuple[str, str]], notice: str) -> None:
    _print_on_a4(page, notice)
    page.set_column(0, 0, 20)
    page.set_column(1, 1, _LINE)
    for row, (name, text) in enumerate(lines):
        page.set_row(row, 15 * math.ceil(len(text) / _LINE))
        page.write_string(row, 0, _safe(name), look.text)
        page.write_string(row, 1, _safe(text), look.wrapped)


def _write_sheet(
    page: Worksheet,
    look: _Look,
    sheet: Sheet,
    tables: Mapping[str, PublicTable],
    connection: duckdb.DuckDBPyConnection,
    notice: str,
) -> None:
    found = connection.execute(sheet.query)
    names = [column[0] for column in found.description]
    words = {one.name: one.words for table in tables.values() for one in table.columns}
    words |= {one.name: one.words for one in tables[sheet.table].columns}
    header = 0
    if notice:
        page.write_string(0, 0, notice, look.warning)
        header = 1
    _print_on_a4(page, notice)
    page.repeat_rows(0, header)
    page.freeze_panes(header + 1, 0)
    page.set_column(0, len(names) - 1, 18)
    for at, name in enumerate(names):
        page.write_string(header, at, words[name].get("label_id", name), look.heading)
    kinds = [_kind(name, words[name].get("unit", "")) for name in names]
    written = 0
    while batch := found.fetchmany(5000):
        for row, values in enumerate(batch, start=header + written + 1):
            for at, value in enumerate(values):
                _write_cell(page, row, at, value, kinds[at], look)
        written += len(batch)
    page.autofilter(header, 0, header + max(written, 1), len(names) - 1)


def _print_on_a4(page: Worksheet, notice: str) -> None:
    if notice:
        page.set_header(f"&C&B{notice}")
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _kind(name: str, unit: str) -> str:
    if name.endswith("_idr"):
        return "rupiah"
    return "fraction" if unit in {"points", "percent", "ratio", "as_in_unit"} else "whole"


def _write_cell(page: Worksheet, row: int, column: int, value: Any, kind: str, look: _Look) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_string(row, column, "ya" if value else "tidak", look.text)
    elif isinstance(value, int | Decimal):
        page.write_number(row, column, float(value), look.numbers[kind])
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None), look.numbers["time"])
    elif isinstance(value, date):
        page.write_datetime(row, column, value, look.numbers["date"])
    else:
        text = str(value)
        is_formula = text.lstrip().startswith(_STARTS_FORMULA)
        page.write_string(row, column, _safe(text), look.quoted if is_formula else look.text)


def _safe(text: str) -> str:
    # XlsxWriter takes a text between these tags for markup that it wrote itself
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text[:32_767]


def _listed(periods: Sequence[str]) -> str:
    return ", ".join(f"'{period}'" for period in periods)
