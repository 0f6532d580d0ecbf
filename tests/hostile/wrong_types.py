"""Files that are no form and no CSV, whatever their names say: the wrong attachment, mostly."""

from __future__ import annotations

import gzip
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from tests.hostile.document import Collection
from tests.hostile.forms import (
    BOOK,
    BOOK_RELATIONS,
    HEADER,
    ROW,
    SHEET,
    TYPES,
    archive,
    changed,
    good_form,
    inserted,
)

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
WORD_TYPES = (
    b'<Types><Override PartName="/word/document.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
WRONG_TYPES = Collection()


def typed(name: str, kind: str) -> Callable[[bytes], bytes]:
    return inserted(b"</Types>", f'<Override PartName="/{name}" ContentType="{kind}"/>'.encode())


def _database(suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data{suffix}"
        connection = sqlite3.connect(path) if suffix == ".sqlite" else duckdb.connect(str(path))
        connection.execute("create table t (a integer)")
        connection.commit()
        connection.close()
        return path.read_bytes()


WRONG_TYPES.add(
    "workbook",
    "DOC-010",
    {
        "old_excel": (".xls", lambda: OLE2 + "Workbook".encode("utf-16-le") + b"\0" * 4096),
        "excel_4": (".xls", lambda: b"\x09\x04\x06\x00\x00\x00\x10\x00" + b"\0" * 600),
        "open_document": (
            "OpenDocument",
            lambda: archive(
                ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<a/>")
            ),
        ),
        "binary_excel": (
            ".xlsb",
            lambda: changed(
                {TYPES: typed("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main")}
            ),
        ),
        "word": ("Word", lambda: archive((TYPES, WORD_TYPES), ("word/document.xml", b"<a/>"))),
        "web_page_as_workbook": ("HTML", lambda: b"\r\n <HTML><table><tr><td>1</td></tr></table></HTML>"),
        "csv_as_workbook": ("CSV", lambda: HEADER + ROW),
        "pdf_as_workbook": ("PDF", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
        "sqlite": ("SQLite", lambda: _database(".sqlite")),
        "duckdb": ("DuckDB", lambda: _database(".duckdb")),
        "access": ("Access", lambda: b"\0\1\0\0Standard ACE DB\0" + b"\0" * 4096),
        "zip_of_csv": ("ZIP", lambda: archive(("a.csv", HEADER), ("b.csv", ROW))),
        "empty_zip": ("ZIP", archive),
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
WRONG_TYPES.add(
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
        "relations_are_no_xml": (
            "no XML",
            lambda: changed({BOOK_RELATIONS: b"<Relationships><Relationship"}),
        ),
        "no_sheets": (
            "without a sheet",
            lambda: changed({BOOK: lambda book: book[: book.index(b"<sheets>")] + b"<sheets/></workbook>"}),
        ),
        "half_a_sheet": ("", lambda: changed({SHEET: lambda sheet: sheet[: len(sheet) // 2]})),
    },
)


@WRONG_TYPES.one("DOC-012", "Office")
def encrypted_workbook() -> bytes:
    return OLE2 + "EncryptionInfo".encode("utf-16-le") + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4096


WRONG_TYPES.add(
    "csv",
    "DOC-010",
    {
        "workbook_as_csv": ("ZIP", good_form),
        "pdf_as_csv": ("PDF", lambda: b"%PDF-1.4\n"),
        "sqlite_as_csv": ("SQLite", lambda: _database(".sqlite")),
        "elf_as_csv": ("ELF", lambda: b"\x7fELF\2\1\1"),
        "web_page_as_csv": ("HTML", lambda: b"<!DOCTYPE html><html><body>404</body></html>"),
        "json_as_csv": ("JSON", lambda: b'[{"record": "achievement"}]'),
        "web_page_in_utf_16_as_csv": ("HTML", lambda: "<html><body>404</body></html>".encode("utf-16")),
        "gzip_as_csv": ("gzip", lambda: gzip.compress(HEADER + ROW)),
        "parquet_as_csv": ("Parquet", lambda: b"PAR1" + b"\0" * 64 + b"PAR1"),
    },
)
WRONG_TYPES.add("csv", "DOC-001", {"nul_in_csv": ("CSV", lambda: HEADER + b"a\0b\n")})
WRONG_TYPES.add(
    "csv",
    "DOC-011",
    {
        "csv_too_large": ("MB", lambda: HEADER + ROW * 600_000),
        "csv_of_nothing_but_commas": ("fields", lambda: HEADER + b"," * 2_100_000),
    },
)
WRONG_TYPES.add(
    "rest",
    "DOC-001",
    {
        "extract_that_is_not_utf_8": ("UTF-8", lambda: b'{"a":"\xff"}\n'),
        "extract_that_is_not_ours": ("JSON", lambda: b"{not json}\n"),
    },
)
