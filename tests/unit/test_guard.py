"""The guard lets honest documents through, names its limits, and gives an answer to whatever it is shown.

That hostile documents are refused is shown where they are read: ``tests/integration/test_hostile_files.py``.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from pipelines.readers.dispatch import read_document, refusal
from pipelines.readers.guard.content_type import content_type
from pipelines.settings import MB, Limits, SettingsError, read_settings
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject, Unread, unread_of
from tests.hostile.corpus import HOSTILE
from tests.hostile.forms import HEADER, ROW, SHEET, big_form, changed, good_form, with_cells

pytestmark = pytest.mark.attack("hostile documents")

LIMITS = Limits()


def _reject(content: bytes, kind: str = "workbook", limits: Limits = LIMITS) -> Reject:
    found = refusal(content, kind, limits)
    assert found is not None
    return found


def _by_openpyxl() -> bytes:
    """What people add to a form and mean no harm by: links, a remark, a picture's worth of blanks, a name."""
    book = openpyxl.load_workbook(io.BytesIO(good_form()))
    page = book["Kesehatan"]
    page["A40"].hyperlink = "https://www.example.go.id/data"
    page["A41"].hyperlink = "mailto:biro@example.go.id"
    page["A42"].hyperlink = "Lampiran%20TW1.pdf"
    page["B42"].hyperlink = "file:///D:/bukti.pdf"
    page["C42"].hyperlink = "\\\\server\\spm\\bukti.pdf"
    page["D42"].hyperlink = "D:\\bukti.pdf"
    page["XFD1048576"].font = Font(bold=True)
    page["A43"].comment = Comment("per Desember", "dinas")
    page["A44"] = '=HYPERLINK("https://www.example.go.id";"buka")'
    page["A45"] = "capaian | target!"
    page["C1500"] = "jauh di bawah"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _streamed() -> bytes:
    """The form as a program writes it that does not know a part's size before it is written."""

    class _Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: Any) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    buffer = _Unseekable()
    with (
        zipfile.ZipFile(io.BytesIO(good_form())) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            with new.open(name, "w", force_zip64=True) as part:
                part.write(old.read(name))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("cells", "unread"),
    [
        pytest.param(b'<c r="XFD1048576"><v>1</v></c>', ["XFD1048576"], id="last-corner"),
        pytest.param(b'<c r="ZZ9999"><f>1+1</f><v>2</v></c>', ["ZZ9999"], id="formula"),
        pytest.param(
            b'<c r="C1"/></row><row r="1048576"><c><v>1</v></c><c t="inlineStr"><is><t>x</t></is></c>',
            ["A1048576", "B1048576"],
            id="cells-without-a-place",
        ),
        pytest.param(
            b"</row><row>".join(b'<c r="XFD%d"><v>1</v></c>' % row for row in range(900_001, 900_021)),
            [f"XFD{row}" for row in range(900_001, 900_021)],
            id="as-many-as-may-be",
        ),
    ],
)
def test_stray_cells_far_outside_are_named_and_the_form_is_read(cells: bytes, unread: list[str]) -> None:
    spec = ReadingSpec(name="meja", kind="workbook")
    near = read_document(RawFile("form.xlsx", good_form()), spec, LIMITS)
    read = read_document(RawFile("form.xlsx", with_cells(cells)), spec, LIMITS)
    assert not isinstance(near, Reject)
    assert not isinstance(read, Reject)
    assert read.equals(near)
    assert unread_of(read) == [Unread("DOC-024", f"Pekerjaan Umum!{place}", place) for place in unread]


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        pytest.param("workbook", good_form, id="the-form"),
        pytest.param("workbook", lambda: big_form(5_000), id="a-long-form"),
        pytest.param("workbook", _by_openpyxl, id="links-remarks-and-far-rows"),
        pytest.param("workbook", _streamed, id="sizes-after-the-bytes"),
        pytest.param(
            "workbook",
            lambda: changed({"xl/media/image1.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 900_000}),
            id="a-picture",
        ),
        pytest.param(
            "workbook",
            lambda: changed({"xl/printerSettings/printerSettings1.bin": b"L\0a\0s\0e\0r\0" * 99}),
            id="printer-settings",
        ),
        pytest.param("workbook", lambda: changed({"xl/": b"", "xl/media/": b""}), id="entries-for-folders"),
        pytest.param("csv", lambda: HEADER + ROW, id="csv"),
        pytest.param("csv", lambda: b"\xef\xbb\xbf" + HEADER.replace(b",", b";"), id="csv-with-a-mark"),
        pytest.param(
            "csv", lambda: HEADER + "Kota Pagar Alam – \xe9".encode("cp1252", "replace"), id="cp1252"
        ),
        pytest.param(
            "csv", lambda: b"MZ,record,region,period,realised\n", id="csv-beginning-as-a-program-does"
        ),
        pytest.param("rest", lambda: b'{"kode":"64.71"}\n', id="extract"),
    ],
)
def test_an_honest_document_passes(kind: str, make: Callable[[], bytes]) -> None:
    assert refusal(make(), kind, LIMITS) is None


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        pytest.param(replace(LIMITS, file_bytes=1000), "1 MB > 0 MB", id="file"),
        pytest.param(replace(LIMITS, inflated_bytes=1000), "when unpacked", id="inflated"),
        pytest.param(replace(LIMITS, entries=5), "> 5 bagian", id="entries"),
        pytest.param(replace(LIMITS, cells=50), "> 50 sel", id="cells"),
    ],
)
def test_a_document_over_a_limit_is_told_which(limits: Limits, said: str) -> None:
    reject = _reject(good_form(), limits=limits)
    assert reject.rule_id == "DOC-011"
    assert said in reject.value


def test_the_ratio_is_that_of_each_part_not_of_the_whole() -> None:
    noise = changed({"xl/media/a.png": big_form(20_000), "xl/media/b.png": b"\0" * (3 * MB)})
    assert _reject(noise).place == "xl/media/b.png"


def test_cells_of_all_sheets_count_together() -> None:
    row = b"<row>" + b"<c><v>1</v></c>" * 60 + b"</row>"
    limits = replace(LIMITS, cells=1100)
    one = changed({SHEET: _with_rows(row)})
    three = changed({f"xl/worksheets/sheet{number}.xml": _with_rows(row) for number in (4, 5, 6)})
    assert refusal(one, "workbook", limits) is None
    assert _reject(three, limits=limits).value.endswith("> 1100 sel / cells")


def _with_rows(rows: bytes) -> Callable[[bytes], bytes]:
    return lambda part: part.replace(b"</sheetData>", rows + b"</sheetData>")


def test_an_extract_may_be_larger_than_a_document_that_people_send() -> None:
    extract = b'{"a":"b"}\n' * (3 * MB)
    assert refusal(extract, "sql", LIMITS) is None
    assert _reject(extract, "csv").rule_id == "DOC-011"


def test_damage_anywhere_is_an_answer_and_never_an_exception() -> None:
    content = good_form()
    spoiled = [content[:at] for at in range(0, len(content), 499)]
    spoiled += [
        content[:at] + bytes([content[at] ^ 0x5A]) + content[at + 1 :] for at in range(0, len(content), 97)
    ]
    for header, fields in (
        (b"PK\1\2", (4, 8, 10, 20, 24, 28, 30, 34, 42)),
        (b"PK\5\6", (4, 8, 10, 12, 16, 20)),
    ):
        for found in re.finditer(re.escape(header), content):
            for field in fields:
                at = found.start() + field
                for number in (0, 1, 60_000, 2**31, 2**32 - 1):
                    spoiled.append(content[:at] + struct.pack("<I", number) + content[at + 4 :])
    for damaged in spoiled:
        refusal(damaged[: len(content)], "workbook", LIMITS)


def test_the_corpus_is_large_and_every_rule_of_the_door_is_in_it() -> None:
    assert len(HOSTILE) >= 40
    assert {hostile.rule_id for hostile in HOSTILE.values()} == {
        "DOC-001",
        *(f"DOC-01{number}" for number in range(7)),
    }


def test_plain_text_has_no_type_of_its_own() -> None:
    assert content_type(b"Laporan SPM\n") is None


def test_limits_are_settings_with_defaults() -> None:
    assert read_settings({}).limits == Limits()
    given = read_settings({"SPM_MAX_FILE_MB": "3", "SPM_PARSE_SECONDS": "7"}).limits
    assert (given.file_bytes, given.parse_seconds, given.cells) == (3 * MB, 7, Limits().cells)


@pytest.mark.parametrize("text", ["0", "-1", "25MB", "1.5"])
def test_a_limit_that_is_no_count_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingsError, match="SPM_MAX_RATIO"):
        read_settings({"SPM_MAX_RATIO": text})
