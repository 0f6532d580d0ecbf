"""Changes to a written form that no form writer makes: what people and other programs do to workbooks.

Source: Office Open XML, as xlsxwriter lays it out. The same bytes in give the same bytes out.

Put here: edits of the parts of an .xlsx archive. Keep out: which document gets which (``errors``).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from html import escape

from pipelines.readers.guard.far_cells import MOST_STRAY_CELLS

_STRINGS = "xl/sharedStrings.xml"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_SHEET_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Edit = Callable[[str], str]


class EditError(RuntimeError):
    """The archive has not the markup that an edit looks for; the message names part and markup."""


def with_text(content: bytes, old: str, new: str) -> bytes:
    """Every cell that says ``old`` and nothing else says ``new``."""
    return _edited(
        content, {_STRINGS: _replacing(_STRINGS, f"<t>{escape(old)}</t>", f"<t>{escape(new)}</t>")}
    )


def with_formulas(content: bytes, cells: Mapping[int, Mapping[str, str]]) -> bytes:
    """Per number of a sheet, cells become formulas whose value was never computed."""
    edits = {}
    for number, formulas in cells.items():
        part = _part(number)

        def edit(xml: str, part: str = part, formulas: Mapping[str, str] = formulas) -> str:
            for cell, formula in formulas.items():
                pattern = rf'<c r="{cell}"( s="\d+")?(?: t="\w+")?(?:/>|>.*?</c>)'
                xml, found = re.subn(pattern, rf'<c r="{cell}"\1><f>{escape(formula)}</f></c>', xml, count=1)
                if not found:
                    raise EditError(f"{part}: no cell {cell}")
            return xml

        edits[part] = edit
    return _edited(content, edits)


def with_row_above(content: bytes, number: int, header_row: int, text: str) -> bytes:
    """Sheet ``number`` gets a row with a merged cell where its header stood; header and rows move down."""
    part = _part(number)

    def moved(match: re.Match[str]) -> str:
        row = int(match[2])
        return f"{match[1]}{row + 1 if row >= header_row else row}{match[3]}"

    def edit(xml: str) -> str:
        head, data, rest = re.split(r"(<sheetData>.*</sheetData>)", xml, flags=re.DOTALL)
        data = re.sub(r'(<row r=")(\d+)(")', moved, re.sub(r'(<c r="[A-Z]+)(\d+)(")', moved, data))
        cell = f'<c r="A{header_row}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        new = f'<row r="{header_row}">{cell}</row><row r="{header_row + 1}"'
        data = _replacing(part, f'<row r="{header_row + 1}"', new)(data)
        merged = f'<mergeCells count="1"><mergeCell ref="A{header_row}:E{header_row}"/></mergeCells>'
        # the parts of a sheet have an order: merged cells come before formats, validations and margins
        first = re.search(r"<(conditionalFormatting|dataValidations|pageMargins)\b", rest)
        if first is None:
            raise EditError(f"{part}: no page margins")
        return head + data + rest[: first.start()] + merged + rest[first.start() :]

    return _edited(content, {part: edit})


def with_hidden_sheet(content: bytes, name: str, number: int) -> bytes:
    """A further, hidden sheet, number ``number``, with an old value on it."""
    sheet = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{_MAIN}"><sheetData><row r="1"><c r="A1"><v>2023</v></c></row></sheetData>'
        "</worksheet>"
    )
    relation = f'<Relationship Id="rIdOld" Type="{_SHEET_RELATION}" Target="worksheets/sheet{number}.xml"/>'
    entry = f'<sheet name="{escape(name)}" sheetId="{number}" state="hidden" r:id="rIdOld"/>'
    override = f'<Override PartName="/{_part(number)}" ContentType="{_SHEET_TYPE}"/>'
    parts = {
        "xl/workbook.xml": ("</sheets>", entry),
        "xl/_rels/workbook.xml.rels": ("</Relationships>", relation),
        "[Content_Types].xml": ("</Types>", override),
    }
    edits = {part: _replacing(part, end, new + end) for part, (end, new) in parts.items()}
    return _edited(content, edits, {_part(number): sheet})


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """A further part of the archive."""
    return _edited(content, {}, {name: part})


def with_doctype(content: bytes) -> bytes:
    """The shared texts declare a document type with an entity, as a bomb of XML does."""
    declared = '?>\n<!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa">]>'
    return _edited(content, {_STRINGS: lambda xml: xml.replace("?>", declared, 1)})


def with_far_cells(content: bytes, number: int) -> bytes:
    """Sheet ``number`` has filled cells in the last corner there can be, too many for stray ones."""
    rows = range(1_048_576 - MOST_STRAY_CELLS, 1_048_577)
    row = "".join(f'<row r="{at}"><c r="XFD{at}"><v>1</v></c></row>' for at in rows)
    part = _part(number)
    return _edited(content, {part: _replacing(part, "</sheetData>", row + "</sheetData>")})


def with_sheet_named(content: bytes, old: str, new: str) -> bytes:
    """The sheet ``old`` is called ``new``."""
    part = "xl/workbook.xml"
    return _edited(content, {part: _replacing(part, f'name="{escape(old)}"', f'name="{escape(new)}"')})


def _part(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _replacing(part: str, old: str, new: str) -> Edit:
    def edit(xml: str) -> str:
        if old not in xml:
            raise EditError(f"{part}: no {old}")
        return xml.replace(old, new)

    return edit


def _edited(
    content: bytes, edits: Mapping[str, Edit], added: Mapping[str, str | bytes] | None = None
) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            xml = old.read(member)
            edit = edits.get(member.filename)
            new.writestr(member, edit(xml.decode()).encode() if edit else xml, zipfile.ZIP_DEFLATED)
        for part, text in (added or {}).items():
            # a fixed date, as xlsxwriter gives its own parts
            new.writestr(zipfile.ZipInfo(part, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return made.getvalue()
