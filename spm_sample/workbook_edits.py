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
_LINK_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
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
    return _with_sheet(
        content, sheet, f'<sheet name="{escape(name)}" sheetId="{{}}" state="hidden" r:id="rIdNew"/>', number
    )


def with_copied_sheet(content: bytes, number: int, name: str, new_number: int) -> bytes:
    """Sheet ``number`` once more as a last sheet, number ``new_number``, called ``name``."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        sheet = old.read(_part(number)).decode()
    # what a sheet draws on by relations stays with the first
    sheet = re.sub(r"<(?:drawing|legacyDrawing)\b[^>]*/>|<hyperlinks>.*?</hyperlinks>", "", sheet)
    return _with_sheet(
        content, sheet, f'<sheet name="{escape(name)}" sheetId="{{}}" r:id="rIdNew"/>', new_number
    )


def with_link(content: bytes, number: int, cell: str, target: str) -> bytes:
    """A ``cell`` of sheet ``number``, below all others, that says so and leads to ``target``."""
    part, relations = _part(number), f"xl/worksheets/_rels/sheet{number}.xml.rels"
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    said = f'<row r="{row}"><c r="{cell}" t="inlineStr"><is><t>bukti</t></is></c></row></sheetData>'
    link = f'<hyperlinks><hyperlink ref="{cell}" r:id="rIdLink"/></hyperlinks>'
    kind = f'Type="{_LINK_RELATION}" TargetMode="External"'
    relation = f'<Relationship Id="rIdLink" {kind} Target="{escape(target)}"/>'

    def edit(xml: str) -> str:
        xml = _replacing(part, "</sheetData>", said)(xml)
        # links come before the margins of the page
        return _replacing(part, "<pageMargins", f"{link}<pageMargins")(xml)

    with zipfile.ZipFile(io.BytesIO(content)) as old:
        has_relations = relations in old.namelist()
    edits: dict[str, Edit] = {part: edit}
    if has_relations:
        end = "</Relationships>"
        return _edited(content, edits | {relations: _replacing(relations, end, relation + end)})
    declared = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    alone = f'{declared}<Relationships xmlns="{_RELATIONS}">{relation}</Relationships>'
    return _edited(content, edits, {relations: alone})


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """A further part of the archive."""
    return _edited(content, {}, {name: part})


def with_doctype(content: bytes) -> bytes:
    """The shared texts declare a document type with an entity, as a bomb of XML does."""
    declared = '?>\n<!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa">]>'
    return _edited(content, {_STRINGS: lambda xml: xml.replace("?>", declared, 1)})


def with_far_cells(content: bytes, number: int, count: int = MOST_STRAY_CELLS + 1) -> bytes:
    """Sheet ``number`` has filled cells in the last corner there can be; by default too many to be stray."""
    rows = range(1_048_577 - count, 1_048_577)
    row = "".join(f'<row r="{at}"><c r="XFD{at}"><v>1</v></c></row>' for at in rows)
    part = _part(number)
    return _edited(content, {part: _replacing(part, "</sheetData>", row + "</sheetData>")})


def with_sheet_named(content: bytes, old: str, new: str) -> bytes:
    """The sheet ``old`` is called ``new``."""
    part = "xl/workbook.xml"
    return _edited(content, {part: _replacing(part, f'name="{escape(old)}"', f'name="{escape(new)}"')})


def _with_sheet(content: bytes, sheet: str, entry: str, number: int) -> bytes:
    """A further part ``sheet``, number ``number``, that the workbook lists by ``entry``."""
    relation = f'<Relationship Id="rIdNew" Type="{_SHEET_RELATION}" Target="worksheets/sheet{number}.xml"/>'
    override = f'<Override PartName="/{_part(number)}" ContentType="{_SHEET_TYPE}"/>'
    parts = {
        "xl/workbook.xml": ("</sheets>", entry.format(number)),
        "xl/_rels/workbook.xml.rels": ("</Relationships>", relation),
        "[Content_Types].xml": ("</Types>", override),
    }
    edits = {part: _replacing(part, end, new + end) for part, (end, new) in parts.items()}
    return _edited(content, edits, {_part(number): sheet})


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
