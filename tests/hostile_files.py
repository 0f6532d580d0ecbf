"""Hostile and mistaken documents, each made here, with the rule that refuses it and a word of the reason.

Nothing in them harms: a program is its first bytes, a macro is a name, a bomb is made of zeros.
"""

from __future__ import annotations

import gzip
import io
import random
import sqlite3
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb

from pipelines.reports.form import write_form
from pipelines.settings import MB

SHEET = "xl/worksheets/sheet4.xml"
BOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
TYPES = "[Content_Types].xml"
STRINGS = "xl/sharedStrings.xml"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
HEADER = b"record,region,period,service,component,target,realised\n"
ROW = b"achievement,64.71,2024-Q4,K-KES-01,recipients,10,9\n"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_FREE_ROW = 200
Change = Callable[[bytes], bytes] | bytes | None


@dataclass(frozen=True, slots=True)
class Hostile:
    """A document for a source of ``kind``, the rule that refuses it, a word of its place or value."""

    kind: str
    rule_id: str
    says: str
    make: Callable[[], bytes]


HOSTILE: dict[str, Hostile] = {}
Maker = Callable[[], bytes]


def _hostile(rule_id: str, says: str = "", kind: str = "workbook") -> Callable[[Maker], Maker]:
    def add(make: Maker) -> Maker:
        HOSTILE[make.__name__.strip("_")] = Hostile(kind, rule_id, says, make)
        return make

    return add


def _given(kind: str, rule_id: str, files: Mapping[str, tuple[str, Maker]]) -> None:
    for name, (says, make) in files.items():
        HOSTILE[name] = Hostile(kind, rule_id, says, make)


@lru_cache
def good_form() -> bytes:
    """An honest form with one row."""
    buffer = io.BytesIO()
    row = {
        "record": "achievement",
        "sector": "kesehatan",
        "service": "K-KES-01",
        "component": "recipients",
        "target": "10",
        "realised": "9",
    }
    write_form(
        buffer,
        region_code="64.71",
        region_name="Kota Balikpapan",
        period="2024-Q4",
        rows=[row],
        version="spm-2",
    )
    return buffer.getvalue()


def big_form(rows: int) -> bytes:
    """The honest form with ``rows`` more on the same sheet, their texts shared and hardly compressible."""
    draw = random.Random(0)
    with zipfile.ZipFile(io.BytesIO(good_form())) as archive:
        first = archive.read(STRINGS).count(b"<si>")
    texts = "".join(f"<si><t>Alat {number} {draw.randbytes(90).hex()}</t></si>" for number in range(rows))
    cells = "".join(
        f'<row r="{row}"><c r="A{row}" t="str"><v>K-KES-01</v></c><c r="C{row}" t="str"><v>goods_services</v></c>'
        f'<c r="E{row}" t="s"><v>{first + number}</v></c><c r="G{row}"><v>{draw.randrange(10**6)}</v></c>'
        f'<c r="H{row}"><v>{draw.randrange(10**6)}</v></c></row>'
        for number, row in enumerate(range(_FREE_ROW, _FREE_ROW + rows))
    )
    return changed(
        {STRINGS: _inserted(b"</sst>", texts.encode()), SHEET: _inserted(b"</sheetData>", cells.encode())}
    )


def changed(changes: Mapping[str, Change], content: bytes | None = None) -> bytes:
    """The good form with parts replaced (bytes), edited (a function), left out (none) or added."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content or good_form())) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            change = changes.get(name, lambda part: part)
            part = change(old.read(name)) if callable(change) else change
            if part is not None:
                new.writestr(name, part)
        for name, change in changes.items():
            if name not in old.namelist() and isinstance(change, bytes):
                new.writestr(name, change)
    return buffer.getvalue()


def _inserted(before: bytes, text: bytes) -> Callable[[bytes], bytes]:
    def insert(part: bytes) -> bytes:
        assert before in part, before
        return part.replace(before, text + before, 1)

    return insert


def _relation(kind: str, target: str, *, external: bool = False) -> Callable[[bytes], bytes]:
    mode = ' TargetMode="External"' if external else ""
    text = f'<Relationship Id="rId99" Type="{kind}" Target="{target}"{mode}/>'
    return _inserted(b"</Relationships>", text.encode())


def _relations(kind: str, target: str, *, external: bool = False) -> bytes:
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    return _relation(kind, target, external=external)(empty)


def _typed(name: str, kind: str) -> Callable[[bytes], bytes]:
    return _inserted(b"</Types>", f'<Override PartName="/{name}" ContentType="{kind}"/>'.encode())


def _archive(*entries: tuple[str, bytes], attributes: int = 0) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = attributes
            info.create_system = 3
            archive.writestr(info, content)
    return buffer.getvalue()


def _named(name: str) -> Maker:
    return lambda: _renamed(
        changed({"xl/media/placeholder.png": b"x"}), b"xl/media/placeholder.png", name.encode()
    )


def _renamed(content: bytes, old: bytes, new: bytes) -> bytes:
    return content.replace(old, new.ljust(len(old), b"x")[: len(old)])


def _entry(content: bytes, name: str) -> tuple[int, int]:
    """Where an entry stands in the directory, and where its own header stands."""
    at = content.index(name.encode(), content.index(b"PK\1\2")) - 46
    return at, struct.unpack_from("<I", content, at + 42)[0]


def _patched(content: bytes, *patches: tuple[int, bytes]) -> bytes:
    made = bytearray(content)
    for at, new in patches:
        made[at : at + len(new)] = new
    return bytes(made)


def _with_size(size: int, name: str = STRINGS) -> bytes:
    content = good_form()
    directory, header = _entry(content, name)
    return _patched(
        content, (directory + 24, struct.pack("<I", size)), (header + 22, struct.pack("<I", size))
    )


def _database(suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data{suffix}"
        connection = sqlite3.connect(path) if suffix == ".sqlite" else duckdb.connect(str(path))
        connection.execute("create table t (a integer)")
        connection.commit()
        connection.close()
        return path.read_bytes()


# --- other types, under the name of a workbook -------------------------------------------------------------
_given(
    "workbook",
    "DOC-010",
    {
        "old_excel": (".xls", lambda: OLE2 + "Workbook".encode("utf-16-le") + b"\0" * 4096),
        "excel_4": (".xls", lambda: b"\x09\x04\x06\x00\x00\x00\x10\x00" + b"\0" * 600),
        "open_document": (
            "OpenDocument",
            lambda: _archive(
                ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<a/>")
            ),
        ),
        "binary_excel": (
            ".xlsb",
            lambda: changed(
                {TYPES: _typed("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main")}
            ),
        ),
        "word": (
            "Word",
            lambda: _archive(
                (
                    TYPES,
                    b'<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
                    b'officedocument.wordprocessingml.document.main+xml"/></Types>',
                ),
                ("word/document.xml", b"<a/>"),
            ),
        ),
        "web_page_as_workbook": ("HTML", lambda: b"\r\n <HTML><table><tr><td>1</td></tr></table></HTML>"),
        "csv_as_workbook": ("CSV", lambda: HEADER + ROW),
        "pdf_as_workbook": ("PDF", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
        "sqlite": ("SQLite", lambda: _database(".sqlite")),
        "duckdb": ("DuckDB", lambda: _database(".duckdb")),
        "access": ("Access", lambda: b"\0\1\0\0Standard ACE DB\0" + b"\0" * 4096),
        "zip_of_csv": ("ZIP", lambda: _archive(("a.csv", HEADER), ("b.csv", ROW))),
        "empty_zip": ("ZIP", lambda: _archive()),
        "rar": ("RAR", lambda: b"Rar!\x1a\x07\x01\x00" + b"\0" * 64),
        "seven_zip": ("7z", lambda: b"7z\xbc\xaf\x27\x1c\0\4" + b"\0" * 64),
        "gzip": ("gzip", lambda: gzip.compress(good_form())),
        "program": ("program", lambda: b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" + good_form()),
        "picture": ("PNG", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 64),
        "mhtml": ("MHTML", lambda: b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"),
        "excel_2003_xml": (
            "XML",
            lambda: b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
        ),
        "no_content_types": ("ZIP", lambda: changed({TYPES: None})),
    },
)
_given(
    "workbook",
    "DOC-001",
    {
        "nothing": (".xlsx", lambda: b""),
        "words": (".xlsx", lambda: b"Laporan dikirim menyusul.\n"),
        "cut_off": ("cut off", lambda: good_form()[:-2000]),
        "cut_off_early": ("cut off", lambda: good_form()[:100]),
        "no_workbook_part": ("workbook", lambda: changed({BOOK: None})),
        "sheet_part_missing": ("missing", lambda: changed({SHEET: None})),
        "sheet_is_no_xml": ("no XML", lambda: changed({SHEET: b"GIF89a nothing to see"})),
        "relations_are_no_xml": ("no XML", lambda: changed({RELATIONS: b"<Relationships><Relationship"})),
        "no_sheets": (
            "without a sheet",
            lambda: changed({BOOK: lambda book: book[: book.index(b"<sheets>")] + b"<sheets/></workbook>"}),
        ),
        "half_a_sheet": ("", lambda: changed({SHEET: lambda sheet: sheet[: len(sheet) // 2]})),
    },
)


@_hostile("DOC-012", "Office")
def encrypted_workbook() -> bytes:
    return OLE2 + "EncryptionInfo".encode("utf-16-le") + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4096


# --- archives that say one thing and hold another ------------------------------------------------------------
_given(
    "workbook",
    "DOC-015",
    {
        "junk_before": ("before", lambda: b"junk" + good_form()),
        "junk_after": ("after", lambda: good_form() + b"<script>"),
        "parent_folder": ("name", _named("../../../etc/cron.d/spmxxxx")),
        "absolute_path": ("name", _named("/etc/cron.d/spm")),
        "drive_letter": ("name", _named("C:/Windows/win.ini")),
        "backslash": ("name", _named("xl\\media\\a.png")),
        "nul_in_name": ("name", _named("xl/media/a.png\0.exe")),
        "size_declared_too_small": ("false", lambda: _with_size(10)),
        "size_declared_too_large": ("false", lambda: _with_size(90_000)),
        "sizes_differ": (
            "differ",
            lambda: _patched(good_form(), (_entry(good_form(), STRINGS)[0] + 24, struct.pack("<I", 10))),
        ),
        "names_differ": (
            "differ",
            lambda: _patched(good_form(), (_entry(good_form(), STRINGS)[1] + 30, b"xl/sharedStrange.xml")),
        ),
        "zip64_sizes": (
            "ZIP64",
            lambda: _patched(good_form(), (_entry(good_form(), STRINGS)[0] + 24, b"\xff" * 4)),
        ),
    },
)


@_hostile("DOC-001", "damaged")
def wrong_checksum() -> bytes:
    directory, header = _entry(good_form(), STRINGS)
    return _patched(good_form(), (directory + 16, b"\0\0\0\0"), (header + 14, b"\0\0\0\0"))


@_hostile("DOC-001", "damaged")
def unknown_compression() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(TYPES, b"<Types/>")
    return buffer.getvalue()


@_hostile("DOC-001", "damaged")
def second_disk() -> bytes:
    return _patched(good_form(), (good_form().rindex(b"PK\5\6") + 4, b"\1\0"))


@_hostile("DOC-012", SHEET)
def encrypted_part() -> bytes:
    directory, header = _entry(good_form(), SHEET)
    return _patched(good_form(), (directory + 8, b"\1"), (header + 6, b"\1"))


@_hostile("DOC-015", "twice")
def name_used_twice() -> bytes:
    return _renamed(
        changed({"xl/worksheets/sheetX.xml": b"<a/>"}), b"xl/worksheets/sheetX.xml", SHEET.encode()
    )


@_hostile("DOC-015", "twice")
def name_used_twice_in_another_case() -> bytes:
    return changed({"XL/Workbook.xml": b"<a/>"})


@_hostile("DOC-015", "symbolic link")
def symbolic_link() -> bytes:
    return _archive(
        (TYPES, b"<Types/>"), ("xl/a.xml", b"/etc/passwd"), attributes=(stat.S_IFLNK | 0o777) << 16
    )


@_hostile("DOC-015", "overlap")
def parts_inside_each_other() -> bytes:
    inner = _archive(("xl/inner.bin", b"y" * 100))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(TYPES, b"<Types/>")
        archive.writestr("xl/outer.bin", inner[: inner.index(b"PK\1\2")])
        with zipfile.ZipFile(io.BytesIO(inner)) as other:
            info = other.getinfo("xl/inner.bin")
        info.header_offset = archive.getinfo("xl/outer.bin").header_offset + 30 + len("xl/outer.bin")
        archive.filelist.append(info)
    return buffer.getvalue()


@_hostile("DOC-015", "ZIP64")
def zip64_directory() -> bytes:
    content = good_form()
    end = content.rindex(b"PK\5\6")
    return content[:end] + b"PK\6\7" + b"\0" * 16 + content[end:]


# --- too much ------------------------------------------------------------------------------------------------
_given(
    "workbook",
    "DOC-011",
    {
        "file_too_large": ("MB", lambda: good_form() + b"\0" * (25 * MB)),
        "too_many_parts": (
            "parts",
            lambda: changed({f"xl/media/{number}.png": b"x" for number in range(1001)}),
        ),
        "bomb": ("times larger", lambda: changed({"xl/media/bomb.png": b"\0" * (50 * MB)})),
        "bomb_as_shared_strings": (
            "times larger",
            lambda: changed({STRINGS: _inserted(b"</sst>", b"<si><t>" + b"a" * (20 * MB) + b"</t></si>")}),
        ),
        "far_corner": ("far outside", lambda: _with_cells(b'<c r="XFD1048576"><v>1</v></c>')),
        "far_but_not_in_the_corner": ("far outside", lambda: _with_cells(b'<c r="ZZ9999"><v>1</v></c>')),
        "far_row_of_nameless_cells": (
            "far outside",
            lambda: _with_cells(b'<c r="C1"/></row><row r="1048576"><c><v>1</v></c>'),
        ),
    },
)


def _with_cells(cells: bytes) -> bytes:
    return changed({SHEET: _inserted(b"</sheetData>", b"<row>" + cells + b"</row>")})


@_hostile("DOC-011", "when unpacked")
def many_parts_below_the_ratio() -> bytes:
    block = random.Random(0).randbytes(1500) + b"\0" * 60_000
    return changed({f"xl/media/{number}.bmp": block * 600 for number in range(6)})


@_hostile("DOC-011", "cells")
def too_many_cells() -> bytes:
    rows = (f"<c><v>{number}</v></c><c/>" + "</row><row>" * (number % 50 == 0) for number in range(1_000_001))
    return _with_cells("".join(rows).encode())


@_hostile("DOC-016", "memor")
def far_corner_written_oddly() -> bytes:
    return _with_cells(b"<c\n r = 'XFD1048576'><v>1</v></c>")


@_hostile("DOC-016", "memor")
def one_long_text_in_many_cells() -> bytes:
    text = random.Random(0).randbytes(15_000).hex()
    with zipfile.ZipFile(io.BytesIO(good_form())) as archive:
        index = archive.read(STRINGS).count(b"<si>")
    rows = (
        f'<row r="{row}">'
        + "".join(f'<c r="{letter}{row}" t="s"><v>{index}</v></c>' for letter in "ABCDEFGHI")
        for row in range(200, 9_200)
    )
    return changed(
        {
            STRINGS: _inserted(b"</sst>", f"<si><t>{text}</t></si>".encode()),
            SHEET: _inserted(b"</sheetData>", ("</row>".join(rows) + "</row>").encode()),
        }
    )


# --- markup ----------------------------------------------------------------------------------------------------
def _with_doctype(part: bytes) -> bytes:
    end = part.index(b"?>") + 2
    return part[:end] + DOCTYPE + part[end:]


def _as_utf16(part: bytes) -> bytes:
    return _with_doctype(part).decode().replace("UTF-8", "UTF-16").encode("utf-16")


_given(
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
            lambda: changed({RELATIONS: _inserted(b"</Relationships>", b"<a>" * 100 + b"</a>" * 100)}),
        ),
        "relation_leaves_the_package": (
            "passwd",
            lambda: changed({RELATIONS: _relation(f"{OFFICE}/theme", "../../../../etc/passwd")}),
        ),
    },
)

# --- what acts ---------------------------------------------------------------------------------------------------
MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships"
_given(
    "workbook",
    "DOC-013",
    {
        "macros": ("vbaproject", lambda: changed({"xl/vbaProject.bin": OLE2})),
        "macros_under_another_name": (
            "vbaproject",
            lambda: changed(
                {"xl/theme/x.dat": b"x", RELATIONS: _relation(f"{MICROSOFT}/vbaProject", "theme/x.dat")}
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

# --- what reaches out ----------------------------------------------------------------------------------------------
SHEET_RELATIONS = "xl/worksheets/_rels/sheet2.xml.rels"


def _linked(target: str, kind: str = f"{OFFICE}/hyperlink") -> Maker:
    return lambda: changed({SHEET_RELATIONS: _relations(kind, target, external=True)})


_given(
    "workbook",
    "DOC-014",
    {
        "external_link": ("externallink", lambda: changed({"xl/externalLinks/externalLink1.xml": b"<a/>"})),
        "external_link_by_relation": (
            "externallink",
            lambda: changed(
                {RELATIONS: _relation(f"{OFFICE}/externalLinkPath", "http://a.example", external=True)}
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
        "link_to_a_file": ("file:", _linked("file:///C:/Windows/System32/calc.exe")),
        "link_to_a_share": ("a.example", _linked("\\\\a.example\\share\\x.xlsx")),
        "link_to_a_script": ("javascript", _linked("javascript:alert(1)")),
        "link_to_a_drive": ("C:", _linked("C:\\x.exe")),
        "dde": (
            "DDE",
            lambda: _with_cells(b"<c r=\"A9\"><f>cmd|' /C calc'!A0</f><v>0</v></c>"),
        ),
        "connection": ("connections", lambda: changed({"xl/connections.xml": b"<connections/>"})),
        "query_table": ("querytable", lambda: changed({"xl/queryTables/queryTable1.xml": b"<a/>"})),
    },
)

# --- under the name of a CSV ------------------------------------------------------------------------------------------
_given(
    "csv",
    "DOC-010",
    {
        "workbook_as_csv": ("ZIP", good_form),
        "pdf_as_csv": ("PDF", lambda: b"%PDF-1.4\n"),
        "sqlite_as_csv": ("SQLite", lambda: _database(".sqlite")),
        "elf_as_csv": ("ELF", lambda: b"\x7fELF\2\1\1"),
        "web_page_as_csv": ("HTML", lambda: b"<!DOCTYPE html><html><body>404</body></html>"),
        "json_as_csv": ("JSON", lambda: b'[{"record": "achievement"}]'),
        "utf_16_as_csv": ("UTF-16", lambda: (HEADER + ROW).decode().encode("utf-16")),
        "gzip_as_csv": ("gzip", lambda: gzip.compress(HEADER + ROW)),
        "parquet_as_csv": ("Parquet", lambda: b"PAR1" + b"\0" * 64 + b"PAR1"),
    },
)
_given("csv", "DOC-001", {"nul_in_csv": ("CSV", lambda: HEADER + b"a\0b\n")})
_given(
    "csv",
    "DOC-011",
    {
        "csv_too_large": ("MB", lambda: HEADER + ROW * 600_000),
        "csv_of_nothing_but_commas": ("fields", lambda: HEADER + b"," * 2_100_000),
    },
)
_given("rest", "DOC-001", {"extract_that_is_not_utf_8": ("UTF-8", lambda: b'{"a":"\xff"}\n')})
_given("rest", "DOC-016", {"extract_that_is_not_ours": ("JSONDecodeError", lambda: b"{not json}\n")})
