"""The Excel form: written empty for a region's period, or filled with rows it already has.

Source: layouts in the seeds ``forms``, ``form_sheets``, ``form_columns``; what is owed in the catalogue.
The same arguments give the same bytes.

Put here: what stands in which cell. Keep out: how it looks (``form_layout``), reading forms (``sources``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipelines.registry import catalogue
from pipelines.registry.periods import Period
from pipelines.reports.form_layout import BLANK_ROWS, GUIDE, FormSheet, FormStyle, form_sheets

LEVELS = ("province", "regency", "city")
STAGES = ("data_collection", "needs_calculation", "planning", "implementation")
_CREATED = datetime(2019, 1, 1, tzinfo=UTC)  # fixed: the same form has the same bytes on any day
_TEAM_RECORDS = ("team", "action_plan")
_CHECKED = ("service", "component", "item", "unit", "target", "realised", "note")
# a text that a number cell gives back unchanged: no leading or trailing zero, at most 15 digits
_PLAIN_NUMBER = re.compile(r"(?!-0$)-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?")
Row = Mapping[str, str | None]


class FormError(ValueError):
    """A form cannot be written as asked; the message names the row and what does not fit."""


def write_form(
    path_or_buffer: str | Path | BinaryIO,
    *,
    region_code: str,
    region_name: str,
    period: str,
    rows: pa.Table | None,
    level: str,
    version: str = "spm-2",
    numbers_as_text: bool = False,
    submitted_at: str | None = None,
) -> None:
    """Write a region's form for a period (``2024-Q4``).

    ``rows`` are input rows (``COLUMNS``, texts) to put in; their region, period and submission time are
    those of the form. ``None`` writes every service owed and its quality items, with empty values.
    A text that is a plain number becomes a number, unless ``numbers_as_text``.

    Raises:
        FormError: the level or version is unknown, or a row has a text that no cell of the form takes.
        PeriodFormatError: ``period`` is not a quarter.
    """
    when = Period.parse(period)
    sheets = form_sheets().get(version)
    if sheets is None:
        raise FormError(f"versi formulir tidak dikenal / unknown form version: {version!r}")
    if level not in LEVELS:
        raise FormError(f"tingkat tidak dikenal / unknown level: {level!r}; known: {', '.join(LEVELS)}")
    given = skeleton(level, when) if rows is None else rows.to_pylist()
    by_sheet = _by_sheet(given, sheets)
    identity = {
        "region": region_code,
        "region_name": region_name,
        "period": period,
        "form_id": f"SPM/{region_code}/{period}",
        "form_version": version,
        "submitted_at": submitted_at or "",
    }
    target = str(path_or_buffer) if isinstance(path_or_buffer, Path) else path_or_buffer
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": f"Formulir SPM {region_name} {period}", "created": _CREATED})
        style = FormStyle(book, f"{region_name} ({region_code}), {period}")
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            if sheet.record == "identity":
                _write_identity(page, sheet, style, identity)
            else:
                _write_table(
                    page, sheet, style, by_sheet[sheet.name], _names(when), numbers_as_text=numbers_as_text
                )


def skeleton(level: str, period: Period) -> list[dict[str, str]]:
    """Rows with empty values: each service owed, its quality items, its budget, each sector's four stages."""
    services = catalogue.services_owed("province" if level == "province" else "regency_city", period)
    rows: list[dict[str, str]] = []
    for service in services:
        keys = {"sector": service.sector_code, "service": service.service_code}
        rows.append({"record": "achievement", **keys, "component": "recipients"})
        rows += [
            {
                "record": "achievement",
                **keys,
                "component": item.component,
                "item": item.item_code,
                "unit": item.unit,
            }
            for item in catalogue.quality_items(service.service_code, period)
        ]
    rows += [
        {"record": "budget", "sector": s.sector_code, "service": s.service_code, "unit": "rupiah"}
        for s in services
    ]
    for sector in dict.fromkeys(service.sector_code for service in services):
        rows += [{"record": "stage", "sector": sector, "item": stage, "unit": "percent"} for stage in STAGES]
    return rows


def _by_sheet(rows: list[dict[str, str]], sheets: tuple[FormSheet, ...]) -> dict[str, list[Row]]:
    """The rows of each sheet, in the order given."""
    homes = {(sheet.record, sheet.sector): sheet for sheet in sheets}
    found: dict[str, list[Row]] = {sheet.name: [] for sheet in sheets}
    for number, row in enumerate(rows, start=1):
        record, service = row["record"], row.get("service") or ""
        sector = row.get("sector") or _sectors().get(service, "")
        home = homes.get(("team" if record in _TEAM_RECORDS else record, "")) or homes.get((record, sector))
        if home is None:
            raise FormError(
                f"baris / row {number}: tidak ada lembar / no sheet for record {record!r}, sector {sector!r}"
            )
        for field in _CHECKED:
            if row.get(field) and field not in home.fields:
                raise FormError(
                    f"baris / row {number}: lembar {home.name!r} tidak punya kolom / the sheet has no column "
                    f"{field} ({row[field]!r})"
                )
        found[home.name].append(row)
    return found


def _write_identity(page: Worksheet, sheet: FormSheet, style: FormStyle, identity: Mapping[str, str]) -> None:
    style.lay_out_identity(page)
    for offset, column in enumerate(sheet.columns):
        row = sheet.header_row - 1 + offset
        page.write_string(row, 0, column.label, style.label)
        page.write_string(
            row, 1, identity[column.field], style.text if column.field == "submitted_at" else style.key
        )
    for offset, sentence in enumerate(GUIDE):
        row = sheet.header_row + len(sheet.columns) + offset
        page.merge_range(row, 0, row, 1, sentence, style.guide if offset else style.label)
        page.set_row(row, 15 * (1 + len(sentence) // 95))


def _write_table(
    page: Worksheet,
    sheet: FormSheet,
    style: FormStyle,
    rows: list[Row],
    names: Mapping[str, str],
    *,
    numbers_as_text: bool,
) -> None:
    header, count = sheet.header_row - 1, len(rows)
    style.lay_out_table(page, sheet, count)
    for at, column in enumerate(sheet.columns):
        page.write_string(header, at, column.label, style.header)
        look = style.of_field(column.field)
        for offset, row in enumerate(rows, start=header + 1):
            text = _text(row, column.field, sheet, names)
            if not text:
                page.write_blank(offset, at, None, look)
            elif column.is_value and not numbers_as_text and _is_plain_number(text):
                page.write_number(offset, at, float(text), look)
            elif page.write_string(offset, at, column.choices.get(text, text), look) < 0:
                raise FormError(
                    f"{sheet.name}: {column.label}: teks terlalu panjang / more than 32,767 characters: "
                    f"{text[:40]!r}"
                )
        for offset in range(header + 1 + count, header + 1 + count + BLANK_ROWS):
            page.write_blank(offset, at, None, style.of_new_row(column.field))


def _text(row: Row, field: str, sheet: FormSheet, names: Mapping[str, str]) -> str:
    if field == "service_name":
        return names.get(row.get("service") or "", "")
    item = row.get("item") or ""
    if field == "item_name":
        return names.get(item, item)
    if field == "item" and "item_name" in sheet.fields and item not in names:
        return ""  # free text stands in the column of names
    return row.get(field) or ""


def _is_plain_number(text: str) -> bool:
    return len(text) <= 17 and bool(_PLAIN_NUMBER.fullmatch(text)) and sum(map(str.isdigit, text)) <= 15


@lru_cache
def _names(period: Period) -> dict[str, str]:
    """Names of all services, and of the quality items in force, by code."""
    names = {service.service_code: service.name_id for service in catalogue.services()}
    for code in list(names):
        names |= {item.item_code: item.name_id for item in catalogue.quality_items(code, period)}
    return names


@lru_cache
def _sectors() -> dict[str, str]:
    return {service.service_code: service.sector_code for service in catalogue.services()}
