"""Honest forms, and the means to change one part of them."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Mapping
from functools import lru_cache

from pipelines.reports.form import write_form

SHEET = "xl/worksheets/sheet4.xml"
BOOK = "xl/workbook.xml"
BOOK_RELATIONS = "xl/_rels/workbook.xml.rels"
TYPES = "[Content_Types].xml"
STRINGS = "xl/sharedStrings.xml"
HEADER = b"record,region,period,service,component,target,realised\n"
ROW = b"achievement,64.71,2024-Q4,K-KES-01,recipients,10,9\n"
Change = Callable[[bytes], bytes] | bytes | None
_FREE_ROW = 200


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
        f'<row r="{row}"><c r="A{row}" t="str"><v>K-KES-01</v></c>'
        f'<c r="C{row}" t="str"><v>goods_services</v></c>'
        f'<c r="E{row}" t="s"><v>{first + number}</v></c><c r="G{row}"><v>{draw.randrange(10**6)}</v></c>'
        f'<c r="H{row}"><v>{draw.randrange(10**6)}</v></c></row>'
        for number, row in enumerate(range(_FREE_ROW, _FREE_ROW + rows))
    )
    return changed(
        {STRINGS: inserted(b"</sst>", texts.encode()), SHEET: inserted(b"</sheetData>", cells.encode())}
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


def inserted(before: bytes, text: bytes) -> Callable[[bytes], bytes]:
    def insert(part: bytes) -> bytes:
        assert before in part, before
        return part.replace(before, text + before, 1)

    return insert


def with_cells(cells: bytes) -> bytes:
    """The good form with a row of ``cells`` more on one sheet."""
    return changed({SHEET: inserted(b"</sheetData>", b"<row>" + cells + b"</row>")})


def archive(*entries: tuple[str, bytes], attributes: int = 0) -> bytes:
    """A ZIP archive of stored entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = attributes
            info.create_system = 3
            archive.writestr(info, content)
    return buffer.getvalue()
