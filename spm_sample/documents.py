"""One document of a region and quarter: its rows, how it is damaged, its bytes, and where each row stands.

Put here: writing CSV and workbooks. Keep out: what goes wrong in them (``errors``), their markup
(``workbook_edits``).
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipelines.registry.forms import FormSheet, forms
from pipelines.registry.periods import Period
from pipelines.registry.regions import Region
from pipelines.reports.form import write_form
from pipelines.submissions.demo_mark import COLUMN, MARK
from pipelines.submissions.rows import COLUMNS
from spm_sample import workbook_edits
from spm_sample.rows import Row

FORM_VERSION = "spm-2"
PART_OF_A_CUT_WORKBOOK = 0.6
_OWN_FIELDS = {"team": ("team", ""), "action_plan": ("team", "")}


@dataclass(slots=True, eq=False)
class Document:
    """A document to be written. ``suffix`` ends its name; rows are known by identity, not by what they say.

    ``kept_fields`` gives, per ``id`` of a CSV row, how many of its fields are written; ``formulas`` per
    ``id`` the formula that stands for its realised value; ``copies`` are further names for the same bytes.
    ``instead`` stands for all of it; ``edit`` is the last change to its bytes.
    """

    region: Region
    period: Period
    kind: str
    rows: list[Row]
    received_at: datetime
    suffix: str = ""
    region_text: str = ""
    period_text: str = ""
    is_indonesian: bool = False
    numbers_as_text: bool = False
    form_version: str = FORM_VERSION
    columns: tuple[str, ...] = COLUMNS
    kept_fields: dict[int, int] = field(default_factory=dict)
    formulas: dict[int, str] = field(default_factory=dict)
    pushed_down: str | None = None
    has_hidden_sheet: bool = False
    is_cut: bool = False
    instead: bytes | None = None
    edit: Callable[[bytes], bytes] | None = None
    copies: list[tuple[str, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.region_text = self.region_text or self.region.region_code
        self.period_text = self.period_text or str(self.period)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.named(self.suffix)

    def named(self, suffix: str) -> str:
        """The file's name with another suffix."""
        ending = "xlsx" if self.kind == "workbook" else "csv"
        return f"{self.region.region_code}_{self.period}{suffix}.{ending}"


def places(document: Document) -> dict[int, tuple[str, dict[str, str]]]:
    """Per ``id`` of a row: its place, and the places of its target and realised value."""
    if document.kind == "csv":
        return {
            id(row): (f"L{line}", {"target": f"L{line}", "realised": f"L{line}"})
            for line, row in enumerate(document.rows, start=2)
        }
    sheets = {(sheet.record, sheet.sector): sheet for sheet in forms()[FORM_VERSION].sheets}
    used: dict[str, int] = {}
    found = {}
    for row in document.rows:
        sheet = home_sheet(row, sheets)
        used[sheet.name] = used.get(sheet.name, 0) + 1
        number = sheet.header_row + used[sheet.name] + (sheet.name == document.pushed_down)
        cells = {
            column.field: f"{sheet.name}!{chr(65 + at)}{number}"
            for at, column in enumerate(sheet.columns)
            if column.is_value
        }
        found[id(row)] = (f"{sheet.name}!A{number}", cells)
    return found


def home_sheet(row: Row, sheets: dict[tuple[str, str], FormSheet]) -> FormSheet:
    """The sheet of the form that a row stands on."""
    own = _OWN_FIELDS.get(row["record"])
    return sheets[
        own or ((row["record"], row["sector"]) if row["record"] == "achievement" else (row["record"], ""))
    ]


def content(document: Document) -> bytes:
    """The bytes of the document; the same document gives the same bytes."""
    if document.instead is not None:
        return document.instead
    made = _workbook(document) if document.kind == "workbook" else _csv(document)
    made = document.edit(made) if document.edit else made
    if document.is_cut:
        return made[: int(len(made) * PART_OF_A_CUT_WORKBOOK)]
    return made


def write(document: Document, inbox: Path) -> int:
    """Write the document and its copies below ``inbox/<period>/``, as received; returns how many."""
    folder = inbox / str(document.period)
    folder.mkdir(parents=True, exist_ok=True)
    made = content(document)
    named = [(document.suffix, document.received_at), *document.copies]
    for suffix, received_at in named:
        path = folder / document.named(suffix)
        path.write_bytes(made)
        seconds = received_at.timestamp()
        os.utime(path, (seconds, seconds))
    return len(named)


def _csv(document: Document) -> bytes:
    text = io.StringIO()
    # Excel writes semicolons where the comma is the decimal sign
    delimiter = ";" if document.is_indonesian else ","
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow((*document.columns, COLUMN))
    for row in document.rows:
        told = {
            **row,
            "region": row["region"] or document.region_text,
            "period": row["period"] or document.period_text,
        }
        fields = [*(told[name] for name in document.columns if name in told), MARK]
        writer.writerow(fields[: document.kept_fields.get(id(row), len(fields))])
    return text.getvalue().encode()


def _workbook(document: Document) -> bytes:
    buffer = io.BytesIO()
    write_form(
        buffer,
        region_code=document.region_text,
        region_name=document.region.region_name,
        period=str(document.period),
        rows=document.rows,
        version=FORM_VERSION,
        numbers_as_text=document.numbers_as_text,
        is_demo=True,
    )
    made = buffer.getvalue()
    if document.period_text != str(document.period):
        made = workbook_edits.with_text(made, str(document.period), document.period_text)
    if document.form_version != FORM_VERSION:
        made = workbook_edits.with_text(made, FORM_VERSION, document.form_version)
    sheets = forms()[FORM_VERSION].sheets
    numbers = {sheet.name: number for number, sheet in enumerate(sheets, start=1)}
    if document.formulas:
        made = workbook_edits.with_formulas(made, _formula_cells(document, numbers))
    if document.pushed_down:
        header = next(sheet.header_row for sheet in sheets if sheet.name == document.pushed_down)
        made = workbook_edits.with_row_above(
            made, numbers[document.pushed_down], header, "Isian perangkat daerah"
        )
    if document.has_hidden_sheet:
        made = workbook_edits.with_hidden_sheet(made, "Data lama", len(sheets) + 1)
    return made


def _formula_cells(document: Document, numbers: dict[str, int]) -> dict[int, dict[str, str]]:
    """Per number of a sheet: cell to formula, as they stand before anything is pushed down."""
    where = places(document)
    found: dict[int, dict[str, str]] = {}
    for row_id, formula in document.formulas.items():
        sheet, cell = where[row_id][1]["realised"].split("!")
        if sheet == document.pushed_down:
            cell = f"{cell[0]}{int(cell[1:]) - 1}"
        found.setdefault(numbers[sheet], {})[cell] = formula
    return found
