"""Excel packages with markup that lies in wait, parts that act, and links that reach out."""

from __future__ import annotations

from collections.abc import Callable

from tests.hostile.document import Collection, Maker
from tests.hostile.forms import (
    BOOK,
    BOOK_RELATIONS,
    SHEET,
    STRINGS,
    TYPES,
    changed,
    good_form,
    inserted,
    with_cells,
)
from tests.hostile.wrong_types import OLE2

PACKAGES = Collection()
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships"
SHEET_RELATIONS = "xl/worksheets/_rels/sheet2.xml.rels"
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def _relation(kind: str, target: str, *, external: bool = False) -> Callable[[bytes], bytes]:
    mode = ' TargetMode="External"' if external else ""
    text = f'<Relationship Id="rId99" Type="{kind}" Target="{target}"{mode}/>'
    return inserted(b"</Relationships>", text.encode())


def _relations(kind: str, target: str, *, external: bool = False) -> bytes:
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    return _relation(kind, target, external=external)(empty)


def _with_doctype(part: bytes) -> bytes:
    end = part.index(b"?>") + 2
    return part[:end] + DOCTYPE + part[end:]


def _as_utf16(part: bytes) -> bytes:
    return _with_doctype(part).decode().replace("UTF-8", "UTF-16").encode("utf-16")


PACKAGES.add(
    "workbook",
    "DOC-015",
    {
        "doctype_in_a_sheet": ("DOCTYPE", lambda: changed({SHEET: _with_doctype})),
        "doctype_in_the_workbook": ("DOCTYPE", lambda: changed({BOOK: _with_doctype})),
        "doctype_in_the_content_types": ("DOCTYPE", lambda: changed({TYPES: _with_doctype})),
        "doctype_in_relations": ("DOCTYPE", lambda: changed({"_rels/.rels": _with_doctype})),
        "doctype_in_shared_strings": ("DOCTYPE", lambda: changed({STRINGS: _with_doctype})),
        "doctype_in_utf_16": ("UTF-8", lambda: changed({STRINGS: _as_utf16})),
        "utf_16_without_a_mark": ("UTF-8", lambda: changed({STRINGS: lambda part: _as_utf16(part)[2:]})),
        "utf_7": ("UTF-8", lambda: changed({SHEET: lambda part: part.replace(b"UTF-8", b"UTF-7", 1)})),
        "deep_relations": (
            "levels",
            lambda: changed({BOOK_RELATIONS: inserted(b"</Relationships>", b"<a>" * 100 + b"</a>" * 100)}),
        ),
        "relation_leaves_the_package": (
            "passwd",
            lambda: changed({BOOK_RELATIONS: _relation(f"{OFFICE}/theme", "../../../../etc/passwd")}),
        ),
    },
)

PACKAGES.add(
    "workbook",
    "DOC-013",
    {
        "macros": ("vbaproject", lambda: changed({"xl/vbaProject.bin": OLE2})),
        "macros_under_another_name": (
            "vbaproject",
            lambda: changed(
                {"xl/theme/x.dat": b"x", BOOK_RELATIONS: _relation(f"{MICROSOFT}/vbaProject", "theme/x.dat")}
            ),
        ),
        "macro_enabled_type": (
            "macroenabled",
            lambda: changed(
                {
                    TYPES: lambda part: part.replace(
                        b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
                        b"vnd.ms-excel.sheet.macroEnabled.main",
                    )
                }
            ),
        ),
        "excel_4_macro_sheet": ("macrosheet", lambda: changed({"xl/macrosheets/sheet1.xml": b"<a/>"})),
        "dialog_sheet": ("dialogsheet", lambda: changed({"xl/dialogsheets/sheet1.xml": b"<a/>"})),
        "active_x": ("activex", lambda: changed({"xl/activeX/activeX1.xml": b"<a/>"})),
        "ole_object": ("embeddings", lambda: changed({"xl/embeddings/oleObject1.bin": OLE2})),
        "embedded_workbook": ("another file", lambda: changed({"xl/media/image1.png": good_form()})),
        "program_as_printer_settings": (
            "another file",
            lambda: changed({"xl/printerSettings/printerSettings1.bin": b"MZ\x90\0\3\0\0\0"}),
        ),
        "ole_as_picture": ("another file", lambda: changed({"xl/media/image1.emf": OLE2})),
        "custom_ribbon": ("customui", lambda: changed({"customUI/customUI.xml": b"<a/>"})),
        "web_extension": ("webextension", lambda: changed({"xl/webextensions/taskpanes.xml": b"<a/>"})),
    },
)


def _linked(target: str, kind: str = f"{OFFICE}/hyperlink") -> Maker:
    return lambda: changed({SHEET_RELATIONS: _relations(kind, target, external=True)})


PACKAGES.add(
    "workbook",
    "DOC-014",
    {
        "external_link": ("externallink", lambda: changed({"xl/externalLinks/externalLink1.xml": b"<a/>"})),
        "external_link_by_relation": (
            "externallink",
            lambda: changed(
                {BOOK_RELATIONS: _relation(f"{OFFICE}/externalLinkPath", "http://a.example", external=True)}
            ),
        ),
        "external_picture": ("a.example", _linked("http://a.example/x.png", f"{OFFICE}/image")),
        "external_by_a_reference": (
            "a.example",
            lambda: changed(
                {
                    SHEET_RELATIONS: _relations(
                        f"{OFFICE}/image", "http://a.example/x.png", external=True
                    ).replace(b'"External"', b"'&#69;xternal'")
                }
            ),
        ),
        "link_to_a_script": ("javascript", _linked("javascript:alert(1)")),
        "dde": (
            "DDE",
            lambda: with_cells(b"<c r=\"A9\"><f>cmd|' /C calc'!A0</f><v>0</v></c>"),
        ),
        "connection": ("connections", lambda: changed({"xl/connections.xml": b"<connections/>"})),
        "query_table": ("querytable", lambda: changed({"xl/queryTables/queryTable1.xml": b"<a/>"})),
    },
)
