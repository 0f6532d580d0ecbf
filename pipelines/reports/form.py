"""The Excel form: rows put into the cells of a version's sheets.

Source: sheets and columns in ``registry.forms``. The same arguments give the same bytes.

Put here: what stands in which cell. Keep out: which rows a region gets (``form_rows``), how the form looks
(``form_layout``), reading forms (``sources``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from xlsxwriter.worksheet import Worksheet

from pipelines.errors import ConfigurationError
from pipelines.messages import message, say
from pipelines.registry import catalogue
from pipelines.registry.forms import FormSheet, current_form, forms
from pipelines.registry.periods import Period
from pipelines.registry.windows import window_of
from pipelines.reports.feedback.words import WINDOW_STATUSES, day
from pipelines.reports.form_checks import FormChecks, Progress, progress
from pipelines.reports.form_layout import (
    BLANK_ROWS,
    GUIDE,
    GUIDE_OF_CHECKS,
    LINE_HEIGHT,
    FormStyle,
    LockedWorkbook,
    is_number,
)
from pipelines.reports.safe_cells import LONGEST, safe_text

_CREATED = datetime(2019, 1, 1, tzinfo=UTC)  # fixed: the same form has the same bytes on any day
_TEAM_RECORDS = ("team", "action_plan")
_OPEN = ("submitted_at", "role", "office")
"""What an officer writes on the sheet of the identity."""
_ROW_OF_PROGRESS = 2
_CHECKED = ("service", "component", "item", "unit", "target", "realised", "note")
# a text that a number cell gives back unchanged: no leading or trailing zero, at most 15 digits
_PLAIN_NUMBER = re.compile(r"(?!-0$)-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?")
Row = Mapping[str, str | None]
"""One row by field: input columns, and what was accepted last."""


class FormError(ConfigurationError):
    """A form cannot be written as asked; the message names the row and what does not fit."""


def write_form(
    path_or_buffer: str | Path | BinaryIO,
    *,
    region_code: str,
    region_name: str,
    period: str,
    rows: Iterable[Row],
    version: str | None = None,
    numbers_as_text: bool = False,
    submitted_at: str | None = None,
    is_demo: bool = False,
) -> None:
    """Write ``rows`` into a region's form for a period (``2024-Q4``), of the current version unless named.

    Region, period and submission time are those of the form, whatever the rows say.
    A text that is a plain number becomes a number, unless ``numbers_as_text``. ``is_demo``: values are made
    up; each sheet says so, and whoever reads the form again is told.

    Raises:
        FormError: the version is unknown, or a row has a text that no cell of the form takes.
        PeriodFormatError: ``period`` is not a quarter.
    """
    names = _names(Period.parse(period))
    if version is not None and version not in forms():
        raise FormError(say("form.unknown_version", version=repr(version)))
    form = current_form() if version is None else forms()[version]
    by_sheet = _by_sheet(rows, form.sheets)
    identity = {
        "region": region_code,
        "region_name": region_name,
        "period": period,
        "form_id": f"SPM/{region_code}/{period}",
        "form_version": form.form_version,
        "submitted_at": submitted_at or "",
        "closes_on": _deadline(Period.parse(period), region_code),
        "role": "",
        "office": "",
    }
    checks = FormChecks() if form.is_guided else None
    target = str(path_or_buffer) if isinstance(path_or_buffer, Path) else path_or_buffer
    with LockedWorkbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": f"Formulir SPM {region_name} {period}", "created": _CREATED})
        style = FormStyle(book, f"{region_name} ({region_code}), {period}", is_demo, checks)
        filled = {one.name: progress(one, by_sheet[one.name]) for one in form.sheets} if checks else {}
        for sheet in form.sheets:
            page = book.add_worksheet(sheet.name)
            if sheet.record == "identity":
                row = _write_identity(page, sheet, style, identity, checks)
                if checks is not None:
                    row = _write_progress(page, row, style, filled)
                _write_guide(page, row, style, GUIDE if checks is None else GUIDE_OF_CHECKS)
            else:
                if progressed := filled.get(sheet.name):
                    formula, now = progressed.shown("Terisi: ")
                    page.write_formula(_ROW_OF_PROGRESS, 0, formula, style.progress, now)
                _write_table(page, sheet, style, by_sheet[sheet.name], names, numbers_as_text=numbers_as_text)
        if checks is not None:
            checks.write_lists(book)


def _deadline(period: Period, region_code: str) -> str:
    """The last day of the window in words, and on what that day rests."""
    window = window_of(period, region_code=region_code)
    return f"{day(window.closes_on)} ({WINDOW_STATUSES[window.status]})"


def _by_sheet(rows: Iterable[Row], sheets: tuple[FormSheet, ...]) -> dict[str, list[Row]]:
    """The rows of each sheet, in the order given."""
    homes = {(sheet.record, sheet.sector): (sheet, sheet.fields) for sheet in sheets}
    found: dict[str, list[Row]] = {sheet.name: [] for sheet in sheets}
    for number, row in enumerate(rows, start=1):
        record, service = row["record"] or "", row.get("service") or ""
        sector = row.get("sector") or _sectors().get(service, "")
        home = homes.get(("team" if record in _TEAM_RECORDS else record, "")) or homes.get((record, sector))
        if home is None:
            raise FormError(say("form.no_sheet", row=str(number), record=repr(record), sector=repr(sector)))
        sheet, fields = home
        for field in _CHECKED:
            if row.get(field) and field not in fields:
                raise FormError(
                    say(
                        "form.no_column",
                        row=str(number),
                        sheet=repr(sheet.name),
                        column=field,
                        value=repr(row[field]),
                    )
                )
        found[sheet.name].append(row)
    return found


def _write_identity(
    page: Worksheet,
    sheet: FormSheet,
    style: FormStyle,
    identity: Mapping[str, str],
    checks: FormChecks | None,
) -> int:
    """Write whose form it is; returns the row below."""
    style.lay_out_identity(page)
    for offset, column in enumerate(sheet.columns):
        row = sheet.header_row - 1 + offset
        page.write_string(row, 0, column.label, style.label)
        is_open = column.field in _OPEN
        page.write_string(row, 1, identity[column.field], style.text if is_open else style.key)
        if checks is not None and column.choices:
            page.data_validation(row, 1, row, 1, checks.of_choices(column))
    return sheet.header_row - 1 + len(sheet.columns)


def _write_progress(
    page: Worksheet, row: int, style: FormStyle, filled: Mapping[str, Progress | None]
) -> int:
    """Write how much of each sheet is filled in, kept up by formulas; returns the row below."""
    counted = {name: progressed for name, progressed in filled.items() if progressed}
    if not counted:
        return row
    page.write_string(row + 1, 0, message("form.progress").indonesian, style.label)
    listed = {**counted, message("form.progress_all").indonesian: Progress.of_all([*counted.values()])}
    for at, (name, progressed) in enumerate(listed.items(), start=row + 2):
        formula, now = progressed.shown()
        page.write_string(at, 0, name, style.guide)
        page.write_formula(at, 1, formula, style.progress, now)
    return row + 2 + len(listed) + 1


def _write_guide(page: Worksheet, first: int, style: FormStyle, guide: Sequence[str]) -> None:
    for row, sentence in enumerate(guide, start=first):
        page.merge_range(row, 0, row, 1, sentence, style.guide if row > first else style.label)
        page.set_row(row, 15 * (1 + len(sentence) // 115))


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
    has_item_names = "item_name" in sheet.fields
    style.lay_out_table(page, sheet, count)
    tallest: dict[int, int] = {}
    for at, column in enumerate(sheet.columns):
        page.write_string(header, at, column.label, style.header)
        look = style.of_field(column.field)
        writes_numbers = is_number(column.field) and not numbers_as_text
        for offset, row in enumerate(rows, start=header + 1):
            text = _text(row, column.field, has_item_names, names)
            if not text:
                page.write_blank(offset, at, None, look)
            elif writes_numbers and _is_plain_number(text):
                page.write_number(offset, at, float(text), look)
            else:
                shown = column.choices.get(text, text)
                if len(shown) > LONGEST:
                    raise FormError(
                        say("form.text_too_long", at=f"{sheet.name}: {column.label}", text=repr(text[:40]))
                    )
                page.write_string(offset, at, safe_text(shown), look)
                tallest[offset] = max(tallest.get(offset, 1), style.lines(column.field, shown, sheet))
        for offset in range(header + 1 + count, header + 1 + count + BLANK_ROWS):
            page.write_blank(offset, at, None, style.of_new_row(column.field))
    for offset, needed in tallest.items():
        if needed > 1:  # not every program makes room for wrapped text by itself
            page.set_row(offset, needed * LINE_HEIGHT)


def _text(row: Row, field: str, has_item_names: bool, names: Mapping[str, str]) -> str:
    if field == "service_name":
        return names.get(row.get("service") or "", "")
    item = row.get("item") or ""
    if field == "item_name":
        return names.get(item, item)
    if field == "item" and has_item_names and item not in names:
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
