"""The summary as XLSX, for people: the nation, regions, sectors, compliance, budgets, what columns mean.

Headings are the Indonesian labels, and codes of sectors and levels are written as words. Numbers are shown
the Indonesian way (1.234,56) where the program keeps to the format's language. Each table and each of its
columns has a name for formulas (``Tabel_Daerah``, ``Daerah_index``). Rows are written one after the other, so
size costs no memory.

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
from xlsxwriter.utility import xl_range_abs
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
_LEVELS = {"province": "Provinsi", "regency": "Kabupaten", "city": "Kota"}
_SCOPES = {"national": "Nasional", "province": "Provinsi", "regency_city": "Kabupaten dan kota"}
_BASES = {"submitted": "Laporan daerah", "published": "Berita atau laporan lama"}
_TEXT_UNITS = ("code", "text", "boolean", "date", "timestamp")
_ABOUT_NAMES = (
    "Nama rentang",
    "Tiap tabel bernama Tabel_Lembar dan tiap kolom Lembar_kolom, misalnya Tabel_Daerah dan Daerah_index;"
    " nama kolom ada di lembar Kolom. Contoh rumus: AVERAGE(Daerah_index).",
)
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER_FORMATS = {
    "whole": "[$-421]#,##0",
    "fraction": "[$-421]#,##0.00",
    "percent": "[$-421]0.0%",
    "rupiah": '[$-421]"Rp" #,##0',
    "date": "[$-421]dd mmmm yyyy",
    "time": "[$-421]dd mmmm yyyy hh:mm",
}
_WIDTHS = {"whole": 10.5, "fraction": 10.5, "percent": 10.5, "rupiah": 25.0, "date": 18.0, "time": 24.0}
_NARROWEST, _WIDEST = 9.0, 56.0
_LINE_HEIGHT = 13.5
_LINE = 90
_INK, _PAPER, _WARNING = "#1F3864", "#FFFFFF", "#A10D0D"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, what it holds in a sentence, its query; labels are those of ``table``'s columns.

    Its first ``keys`` columns say what a row is about and stay in sight.
    """

    title: str
    about: str
    table: str
    keys: int
    query: str


def sheets(tables: Mapping[str, PublicTable], periods: Sequence[str]) -> list[Sheet]:
    """The sheets of a release with ``periods``, oldest first."""
    query = {name: f"({table.query})" for name, table in tables.items()}
    regions = _listed(periods[-REGION_PERIODS:])
    sectors = _listed(periods[-SECTOR_PERIODS:])
    of_sector = f"left join {query['dim_sector']} as sectors on own.{{}} = sectors.sector_code"
    provinces = (
        "(select region_code as province_code,"
        " max_by(region_name, coalesce(valid_from, date '1900-01-01')) as province_name"
        f" from {query['dim_region']} where level = 'province' group by all)"
    )
    return [
        Sheet(
            "Nasional",
            "Indeks nasional, tiap tingkat pemerintahan, dan tiap bidang, semua triwulan",
            "mart_national_score",
            2,
            f"select own.* replace (coalesce(sectors.name_id, {_words_for('own.scope', _SCOPES)}) as scope)"
            f" from {query['mart_national_score']} as own {of_sector.format('scope')}"
            " order by own.period desc, sectors.sort_order nulls first, own.scope",
        ),
        Sheet(
            "Daerah",
            f"Indeks, kategori, dan peringkat tiap daerah, {REGION_PERIODS} triwulan terakhir",
            "mart_region_score",
            3,
            f"select period, region_code, region_name, {_words_for('level', _LEVELS)} as level,"
            " province_name, index, index_reported, band_name,"
            " completeness, rank_national, n_national, rank_province, n_province, gap_to_next_band,"
            f" change_from_previous_period, {_words_for('basis', _BASES)} as basis"
            f" from {query['mart_region_score']}"
            f" where period in ({regions}) order by period desc, region_code",
        ),
        Sheet(
            "Bidang",
            "Indeks tiap bidang di tiap daerah, triwulan terakhir",
            "mart_sector_score",
            4,
            "select own.period, own.region_code, regions.region_name, sectors.name_id as sector_code,"
            " own.index, own.index_reported, own.services_owed, own.services_reported,"
            " own.services_not_applicable"
            f" from {query['mart_sector_score']} as own inner join {query['mart_region_score']} as regions"
            " on own.region_code = regions.region_code and own.period = regions.period"
            f" {of_sector.format('sector_code')}"
            f" where own.period in ({sectors}) order by own.region_code, sectors.sort_order",
        ),
        Sheet(
            "Kepatuhan",
            "Berapa daerah wajib lapor dan berapa yang melapor, tiap provinsi, semua triwulan",
            "mart_compliance_summary",
            4,
            f"select own.period, {_words_for('own.level', _LEVELS)} as level, own.province_code,"
            " provinces.province_name, own.* exclude (period, level, province_code)"
            f" from {query['mart_compliance_summary']} as own"
            f" left join {provinces} as provinces on own.province_code = provinces.province_code"
            " order by own.period desc, own.level, own.province_code",
        ),
        Sheet(
            "Anggaran",
            "Anggaran dan belanja tiap bidang dari baris yang memuat keduanya, tanpa yang diragukan,"
            " kumulatif sejak Januari",
            "mart_budget",
            2,
            "select own.period, sectors.name_id as sector_code,"
            " sum(allocated_idr) filter (where spent_idr is not null) as allocated_idr,"
            " sum(spent_idr) filter (where allocated_idr is not null) as spent_idr,"
            f" sum(doubtful_lines) as doubtful_lines from {query['mart_budget']} as own"
            f" {of_sector.format('sector_code')}"
            " where doubtful_lines > 0 or (allocated_idr is not null and spent_idr is not null)"
            " group by own.period, sectors.name_id, sectors.sort_order"
            " order by own.period desc, sectors.sort_order nulls last",
        ),
        Sheet(
            "Kolom",
            "Arti setiap kolom dari semua tabel terbuka",
            "meta_column",
            2,
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

    Sheets are printed lying on A4, one page wide, with their headings on every page. ``is_demo``: its data
    are made up; the first line of each sheet, and each printed page, says so.
    """
    notice = marked_notice() if is_demo else ""
    with Workbook(str(path), _OPTIONS) as book:
        title = say("export.workbook_title")
        book.set_properties({"title": f"{title}. {notice}" if is_demo else title, "created": _CREATED})
        look = _Look(book)
        wanted = sheets(tables, periods)
        _write_opening(book.add_worksheet("Baca dulu"), look, [*opening, _ABOUT_NAMES], wanted, notice)
        for sheet in wanted:
            names = _write_sheet(book.add_worksheet(sheet.title), look, sheet, tables, connection, notice)
            for name, cells in names.items():
                book.define_name(name, f"='{sheet.title}'!{cells}")


class _Look:
    """The formats of the workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        plain = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
        self.link: Format = book.add_format({**plain, "font_color": "#0563C1", "underline": 1})
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


def _write_opening(
    page: Worksheet, look: _Look, lines: Sequence[tuple[str, str]], wanted: Sequence[Sheet], notice: str
) -> None:
    contents = [(f"Lembar {sheet.title}", sheet.about) for sheet in wanted]
    listed = [*lines, *contents]
    _print_on_a4(page, notice, len(listed) - 1, 1)
    page.set_column(0, 0, 20)
    page.set_column(1, 1, _LINE)
    for row, (name, text) in enumerate(listed):
        page.set_row(row, 15 * math.ceil(len(text) / _LINE))
        if row < len(lines):
            page.write_string(row, 0, _safe(name), look.text)
        else:
            page.write_url(row, 0, f"internal:'{wanted[row - len(lines)].title}'!A1", look.link, name)
        page.write_string(row, 1, _safe(text), look.wrapped)


def _write_sheet(
    page: Worksheet,
    look: _Look,
    sheet: Sheet,
    tables: Mapping[str, PublicTable],
    connection: duckdb.DuckDBPyConnection,
    notice: str,
) -> dict[str, str]:
    """Write a sheet; returns the cells of its table, and of each column, by the name that they get."""
    words = {one.name: one.words for table in tables.values() for one in table.columns}
    words |= {one.name: one.words for one in tables[sheet.table].columns}
    longest = _longest(connection, sheet.query)
    names = list(longest)
    labels = [words[name].get("label_id", name) for name in names]
    kinds = [_kind(name, words[name].get("unit", "")) for name in names]
    widths = [
        _width(kind, longest[name], label) for name, kind, label in zip(names, kinds, labels, strict=True)
    ]
    header = 0
    if notice:
        page.write_string(0, 0, notice, look.warning)
        header = 1
    page.repeat_rows(0, header)
    page.freeze_panes(header + 1, sheet.keys)
    lines = max(_lines(label, width) for label, width in zip(labels, widths, strict=True))
    page.set_row(header, 3 + _LINE_HEIGHT * lines)
    for at, (label, width) in enumerate(zip(labels, widths, strict=True)):
        page.set_column(at, at, width)
        page.write_string(header, at, label, look.heading)
    found = connection.execute(sheet.query)
    written = 0
    while batch := found.fetchmany(5000):
        for row, values in enumerate(batch, start=header + written + 1):
            for at, value in enumerate(values):
                _write_cell(page, row, at, value, kinds[at], look, is_long=widths[at] >= _WIDEST)
        written += len(batch)
    last = header + max(written, 1)
    page.autofilter(header, 0, last, len(names) - 1)
    _print_on_a4(page, notice, last, len(names) - 1)
    table = xl_range_abs(header, 0, last, len(names) - 1)
    columns = {
        f"{sheet.title}_{name}": xl_range_abs(header + 1, at, last, at) for at, name in enumerate(names)
    }
    return {f"Tabel_{sheet.title}": table, **columns}


def _longest(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    """How many characters the longest value of each column of a query takes."""
    names = [column[0] for column in connection.execute(query).description]
    lengths = connection.execute(f"select max(length(columns(*)::varchar)) from ({query})").fetchall()[0]
    return {name: length or 0 for name, length in zip(names, lengths, strict=True)}


def _width(kind: str, longest: int, label: str) -> float:
    """How wide a column is: its values fit, and so does the longest word of its heading."""
    values = _WIDTHS.get(kind, longest + 2.0)
    word = max(map(len, label.split())) + 3.0  # beside it stands the button of the filter
    return min(max(values, word, _NARROWEST), _WIDEST)


def _lines(label: str, width: float) -> int:
    return math.ceil(len(label) / (width - 3)) if label else 1


def _print_on_a4(page: Worksheet, notice: str, last_row: int, last_column: int) -> None:
    if notice:
        page.set_header(f"&C&B{notice}")
    page.set_landscape()
    page.set_paper(9)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.print_area(0, 0, last_row, last_column)
    page.set_footer("&L&8&F · &A&R&8&P / &N")


def _kind(name: str, unit: str) -> str:
    if name.endswith("_idr"):
        return "rupiah"
    if unit in _TEXT_UNITS:
        return "text"
    if unit == "ratio":
        return "percent"
    return "fraction" if unit in {"points", "percent", "as_in_unit"} else "whole"


def _write_cell(
    page: Worksheet, row: int, column: int, value: Any, kind: str, look: _Look, *, is_long: bool
) -> None:
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
        page.write_string(row, column, _safe(text), _look_of_text(look, is_formula, is_long))


def _look_of_text(look: _Look, is_formula: bool, is_long: bool) -> Format:
    if is_formula:
        return look.quoted
    return look.wrapped if is_long else look.text


def _words_for(column: str, words: Mapping[str, str]) -> str:
    """The SQL that puts a word for people in the place of a code."""
    listed = " ".join(f"when '{code}' then '{word}'" for code, word in words.items())
    return f"case {column} {listed} else {column} end"


def _safe(text: str) -> str:
    # XlsxWriter takes a text between these tags for markup that it wrote itself
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text[:32_767]


def _listed(periods: Sequence[str]) -> str:
    return ", ".join(f"'{period}'" for period in periods)
