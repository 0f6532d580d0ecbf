"""Documents that cost more than they may: bytes, parts, cells, memory."""

from __future__ import annotations

import io
import random
import zipfile

from pipelines.settings import MB
from tests.hostile.document import Collection
from tests.hostile.forms import SHEET, STRINGS, changed, good_form, inserted, with_cells

OVERSIZE = Collection()


def _cells(rows: range) -> bytes:
    """A filled cell in a far column of each of ``rows``."""
    return "</row><row>".join(f'<c r="ZZ{row}"><v>1</v></c>' for row in rows).encode()


OVERSIZE.add(
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
            lambda: changed({STRINGS: inserted(b"</sst>", b"<si><t>" + b"a" * (20 * MB) + b"</t></si>")}),
        ),
        "many_far_cells": ("far outside", lambda: with_cells(_cells(range(1_048_500, 1_048_521)))),
        "far_row_of_nameless_cells": (
            "far outside",
            lambda: with_cells(b'<c r="C1"/></row><row r="1048576">' + b"<c><v>1</v></c>" * 21),
        ),
        "a_table_with_long_gaps": ("far outside", lambda: with_cells(_cells(range(1_000, 1_000_000, 1_000)))),
    },
)


@OVERSIZE.one("DOC-011", "when unpacked")
def many_parts_below_the_ratio() -> bytes:
    block = random.Random(0).randbytes(1500) + b"\0" * 60_000
    return changed({f"xl/media/{number}.bmp": block * 600 for number in range(6)})


@OVERSIZE.one("DOC-011", "cells")
def too_many_cells() -> bytes:
    rows = (f"<c><v>{number}</v></c><c/>" + "</row><row>" * (number % 50 == 0) for number in range(1_000_001))
    return with_cells("".join(rows).encode())


@OVERSIZE.one("DOC-016", "memor")
def far_corner_written_oddly() -> bytes:
    return with_cells(b"<c\n r = 'XFD1048576'><v>1</v></c>")


@OVERSIZE.one("DOC-016", "memor")
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
            STRINGS: inserted(b"</sst>", f"<si><t>{text}</t></si>".encode()),
            SHEET: inserted(b"</sheetData>", ("</row>".join(rows) + "</row>").encode()),
        }
    )
