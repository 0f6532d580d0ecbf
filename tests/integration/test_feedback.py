"""Feedback tells each sender the outcome of every row, on the cell at fault; nothing of theirs acts in it."""

from __future__ import annotations

import io
import json
import re
import shutil
import sqlite3
import zipfile
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

from pipelines.build.check_files import check_files, readings_of
from pipelines.cli.app import app
from pipelines.readers.documents.grids import Grid, from_json, of_csv, of_workbook, to_json
from pipelines.registry.forms import LISTS
from pipelines.registry.rules import rules
from pipelines.reports.feedback.places import Shown, sheets_of
from pipelines.reports.feedback.words import comment_on
from pipelines.reports.feedback.workbooks import FeedbackWritten, write_feedback
from pipelines.reports.form import write_form
from pipelines.reports.received import Document, Finding
from pipelines.settings import Settings
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import COLUMNS, RawFile
from tests.integration.home import NOW, RECEIVED, document, publish_periods, published, put

PERIOD = "2024-Q4"
BY_CSV, BY_FORM, BY_DATABASE, BY_PROVINCE, UNREADABLE = "64.71", "64.72", "64.08", "64.74", "64.09"
PERSONAL, MASKED = "Hubungi 0812 0000 0000", "Hubungi [telepon]"
HOSTILE = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://jahat.example","klik")',
    "+1",
    "-1234",
    "@SUM(1+1)",
    "\t=1+1",
    "<r><t>palsu</t></r>",
    "_x003D_1+1",
)
SOURCES = """
sources:
- {name: berkas, kind: csv, path: "inbox/*.csv", receipt_time: store}
- {name: formulir, kind: workbook, path: "inbox/*.xlsx", receipt_time: store}
- {name: aplikasi, kind: sql, url: "sqlite:///aplikasi.db", query: select * from laporan, key: nomor}
"""


def _row(region: str, service: str, target: str, realised: str, **others: str) -> dict[str, str]:
    fixed = {"record": "achievement", "region": region, "period": PERIOD, "sector": "pendidikan"}
    return {**fixed, "service": service, "component": "recipients"} | {
        "target": target,
        "realised": realised,
        **others,
    }


def _hostile_rows(region: str) -> list[dict[str, str]]:
    """Good rows of free items, whose names and notes want to be more than text."""
    goods = {"component": "goods_services", "unit": "unit"}
    return [
        _row(region, "K-PEND-03", "10", "9", item=f"{text} barang", note=text, **goods) for text in HOSTILE
    ]


def _form(region: str, rows: list[dict[str, str]]) -> bytes:
    buffer = io.BytesIO()
    write_form(buffer, region_code=region, region_name="Kota", period=PERIOD, rows=rows)
    return buffer.getvalue()


CSV_ROWS = [
    _row(BY_CSV, "K-PEND-01", "100", "90"),
    _row(BY_CSV, "K-PEND-02", "100", "sembilan"),
    _row(BY_CSV, "K-KES-01", "50", "-1234", sector="kesehatan"),
    _row(BY_CSV, "K-KES-02", "50", "60", sector="kesehatan"),
    *_hostile_rows(BY_CSV),
]
FORM_ROWS = [
    _row(BY_FORM, "K-PEND-01", "100", "tidak tahu"),
    _row(BY_FORM, "K-PEND-02", "100", "-1234"),
    *_hostile_rows(BY_FORM),
    {"record": "problem", "sector": "sosial", "item": "data", "note": PERSONAL},
]
PROVINCE_ROWS = [
    _row(BY_PROVINCE, "K-PEND-01", "10", "sepuluh"),
    _row(BY_PROVINCE, "K-PEND-02", "10", "9", note="rahasia 64.74"),
    _row("64.11", "K-PEND-01", "20", "19", note="milik daerah lain"),
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose release holds one document of each kind."""
    folder = tmp_path_factory.mktemp("feedback")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    inbox = folder / "inbox"
    put(inbox / f"{BY_CSV}_{PERIOD}.csv", document(CSV_ROWS))
    put(inbox / f"{BY_CSV}_{PERIOD}_lama.csv", document(CSV_ROWS[:1]), RECEIVED.replace(day=5))
    put(inbox / f"{BY_FORM}_{PERIOD}.xlsx", _form(BY_FORM, FORM_ROWS))
    put(inbox / f"{UNREADABLE}_{PERIOD}.xlsx", b"PK\x03\x04 bukan buku kerja")
    put(inbox / f"{UNREADABLE}_{PERIOD}.csv", b"a;b;c;d\nisi yang ditolak;2;3;4\n")
    put(inbox / "provinsi.csv", document(PROVINCE_ROWS))
    put(inbox / "tanpa_nama.csv", b"a;b;c\n1;2;3\n")
    rows = [_row(BY_DATABASE, "K-PEND-01", "10", "x"), _row(BY_DATABASE, "K-PEND-02", "10", "9")]
    with sqlite3.connect(folder / "aplikasi.db") as connection:
        connection.execute(f"create table laporan (nomor, {', '.join(COLUMNS)})")
        for number, row in enumerate(rows, start=7):
            values = [str(number), *(row.get(name) for name in COLUMNS)]
            connection.execute(f"insert into laporan values ({', '.join('?' * len(values))})", values)
    made = Settings(folder / "home", folder / "sources.yaml", workers=1, now=NOW)
    publish_periods(made, [PERIOD])
    return made


@pytest.fixture(scope="module")
def written(settings: Settings) -> FeedbackWritten:
    return write_feedback(settings)


def _book(written: FeedbackWritten, region: str) -> Workbook:
    return load_workbook(written.folder / PERIOD / f"{region}.xlsx")


def _comments(page: Worksheet) -> dict[str, str]:
    return {cell.coordinate: cell.comment.text for row in page.iter_rows() for cell in row if cell.comment}


def _texts(page: Worksheet) -> list[str]:
    return [str(cell.value) for row in page.iter_rows() for cell in row if cell.value is not None]


def test_a_line_of_a_csv_bears_its_finding_on_the_value_at_fault(written: FeedbackWritten) -> None:
    page = _book(written, BY_CSV)["CSV"]
    comments = _comments(page)
    # line 1 is the header; target is column I, realised J
    named = {(place, text.split("(")[1][:7]) for place, text in comments.items()}
    assert named >= {("J3", "NUM-001"), ("J4", "NUM-003"), ("J5", "VAL-001")}
    assert (page["J3"].value, page["J4"].value) == ("sembilan", -1234)
    fills = {place: page[place].fill.fgColor.rgb for place in ("J3", "J5", "J2")}
    assert fills["J3"] != fills["J5"] != fills["J2"] != fills["J3"]


def test_a_comment_says_what_why_and_how_to_fix_it(written: FeedbackWritten) -> None:
    lines = _comments(_book(written, BY_CSV)["CSV"])["J3"].split("\n")
    assert lines[0] == "WAJIB DIPERBAIKI: Angka tidak terbaca (NUM-001)"
    assert lines[1] == "Apa: Angka pada L3 tidak terbaca: sembilan."
    assert lines[2].startswith("Mengapa: Baris ini tidak dihitung")
    assert lines[3].startswith(
        "Cara memperbaiki: Tulis angka saja, misalnya 1234,5; bila tidak ada angkanya: "
    )
    assert lines[4].startswith("English: ")


def test_a_form_comes_back_cell_for_cell(written: FeedbackWritten, settings: Settings) -> None:
    # a formula of the form comes back as the value that it showed
    sent = load_workbook(io.BytesIO(_form(BY_FORM, FORM_ROWS)), data_only=True)
    back = _book(written, BY_FORM)
    shown = [page.title for page in sent.worksheets if page.sheet_state == "visible"]
    assert (back.sheetnames, sent.sheetnames) == (["Ringkasan", *shown], [*shown, LISTS])
    for name in shown:
        for row in sent[name].iter_rows():
            for cell in row:
                value = MASKED if cell.value == PERSONAL else cell.value or None
                assert back[name][cell.coordinate].value == value, f"{name}!{cell.coordinate}"
    places = {
        found["source_ref"].split(":")[1]
        for found in published(settings, "mart_finding")
        if found["region_code"] == BY_FORM
    }
    marked = {f"{page.title}!{place}" for page in back.worksheets[1:] for place in _comments(page)}
    # the table names the row of a text, the workbook its cell
    assert places - marked == {"Masalah!A6"}
    assert marked - places == {"Masalah!D6"}
    assert len(marked) >= 3


def test_personal_data_of_a_form_are_marked_where_they_stood(written: FeedbackWritten) -> None:
    page = _book(written, BY_FORM)["Masalah"]
    ((place, text),) = _comments(page).items()
    assert "PII-001" in text.splitlines()[0]
    # the note, not the first cell of its row
    assert (place, page[place].value) == ("D6", MASKED)
    assert "Teks pada Masalah!D6 memuat" in text
    summary = _book(written, BY_FORM)["Ringkasan"]
    assert "Masalah!D6" in _texts(summary)
    assert not any("Masalah!A6" in shown for shown in _texts(summary))


def test_the_index_stands_before_and_after(written: FeedbackWritten, settings: Settings) -> None:
    """Of a first release there is none before; the one after is that of the release."""
    (own,) = [row for row in published(settings, "mart_region_score") if row["region_code"] == BY_CSV]
    rows = [*_book(written, BY_CSV)["Ringkasan"].iter_rows(values_only=True)]
    header = next(at for at, row in enumerate(rows) if str(row[3]).startswith("Sebelum"))
    line = rows[header + 1]
    assert (line[1], line[3], line[7]) == (PERIOD, "belum ada", "-")
    assert line[5] == f"{own['index_display']:.2f} ({own['band_name']})".replace(".", ",")


def test_a_check_tells_what_the_file_would_do_to_the_index(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPM_HOME", str(settings.home))
    better = [
        {**row, "realised": "100" if row["service"] == "K-PEND-02" else row["realised"]} for row in CSV_ROWS
    ]
    put(tmp_path / "a.csv", document(better))
    check_files(readings_of([tmp_path / "a.csv"]), tmp_path / "balik.xlsx")
    rows = [*load_workbook(tmp_path / "balik.xlsx")["Ringkasan"].iter_rows(values_only=True)]
    line = rows[next(at for at, row in enumerate(rows) if str(row[3]).startswith("Sebelum")) + 1]
    (own,) = [row for row in published(settings, "mart_region_score") if row["region_code"] == BY_CSV]
    before, after = (Decimal(str(text).split(" ")[0].replace(",", ".")) for text in (line[3], line[5]))
    assert before == own["index_display"]
    assert after > before
    assert Decimal(str(line[7]).replace(",", ".")) == after - before


def test_a_row_of_a_database_is_found_by_its_key(written: FeedbackWritten) -> None:
    page = _book(written, BY_DATABASE)["Data"]
    labels = [cell.value for cell in page[1]]
    ((place, text),) = [
        (place, text) for place, text in _comments(page).items() if "NUM-001" in text.splitlines()[0]
    ]
    row = page[place].row
    assert (page[place].value, page.cell(row, 1 + labels.index("nomor")).value) == ("x", "7")
    assert "aplikasi" not in text


def test_receipts_add_up_and_are_those_of_the_release(written: FeedbackWritten, settings: Settings) -> None:
    page = _book(written, BY_CSV)["Ringkasan"]
    receipts = {
        row[3]: row[5:9]
        for row in page.iter_rows(values_only=True)
        if re.fullmatch("[0-9a-f]{12}", str(row[3])) and row[8] is not None
    }
    expected = {
        found["document_id"]: tuple(
            found[f"rows_{what}"] for what in ("received", "accepted", "superseded", "quarantined")
        )
        for found in published(settings, "mart_document")
        if found["region_code"] == BY_CSV
    }
    assert receipts == expected
    assert len(receipts) == 2
    assert all(received == sum(others) for received, *others in receipts.values())
    texts = "\n".join(_texts(page))
    assert all(
        found["sha256"] in texts
        for found in published(settings, "mart_document")
        if found["region_code"] == BY_CSV
    )
    assert "10 Jan 2025 10.00 WIB" in texts


def test_every_link_of_the_summary_leads_to_the_commented_cell(written: FeedbackWritten) -> None:
    linked = 0
    for path in sorted((written.folder / PERIOD).glob("*.xlsx")):
        book = load_workbook(path)
        for link in (cell.hyperlink for row in book["Ringkasan"].iter_rows() for cell in row):
            if link is not None:
                sheet, place = link.location.replace("'", "").split("!")
                assert book[sheet][place].comment is not None
                linked += 1
    assert linked >= 6


@pytest.mark.attack("output")
def test_nothing_of_a_sender_is_a_formula_or_a_link(written: FeedbackWritten) -> None:
    for path in sorted((written.folder / PERIOD).glob("*.xlsx")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                part = archive.read(name).decode()
                assert not re.search(r"<(?:\w+:)?f[\s>/]", part), name
                assert "TargetMode" not in part, name
                assert "ddeLink" not in part, name
    for region, sheet in ((BY_CSV, "CSV"), (BY_FORM, "Pendidikan")):
        cells = {cell.value: cell for row in _book(written, region)[sheet].iter_rows() for cell in row}
        for text in HOSTILE[:3] + HOSTILE[4:6]:
            cell = cells[f"{text} barang"]
            assert (cell.data_type, cell.quotePrefix) == ("s", True), text
        assert cells[-1234].data_type == "n"


def test_a_rejected_document_has_a_receipt_and_is_never_opened(written: FeedbackWritten) -> None:
    book = _book(written, UNREADABLE)
    assert book.sheetnames == ["Ringkasan"]
    assert sum(text.startswith("Ditolak. ") for text in _texts(book["Ringkasan"])) == 2


def test_of_a_document_with_several_regions_each_sees_its_own_findings(written: FeedbackWritten) -> None:
    texts = _texts(_book(written, BY_PROVINCE)["CSV"])
    assert "sepuluh" in texts
    assert "milik daerah lain" not in texts
    assert not {"sepuluh", "rahasia 64.74"} & set(_texts(_book(written, "64.11")["CSV"]))


def test_who_sent_nothing_is_counted_and_who_cannot_be_told_is_named(written: FeedbackWritten) -> None:
    (found,) = written.periods
    files = sorted(path.stem for path in (written.folder / PERIOD).iterdir())
    assert files == ["64.08", "64.09", "64.11", "64.71", "64.72", "64.74"]
    assert (found.workbooks, found.documents, found.workbooks + found.silent) == (6, 8, 546)
    assert written.unaddressed == ["tanpa_nama.csv"]


def test_the_same_release_gives_the_same_bytes(
    written: FeedbackWritten, settings: Settings, tmp_path: Path
) -> None:
    before = {path.name: path.read_bytes() for path in (written.folder / PERIOD).iterdir()}
    again = write_feedback(settings)
    assert {path.name: path.read_bytes() for path in (again.folder / PERIOD).iterdir()} == before


def test_a_document_that_is_gone_is_told_and_the_rest_goes_on(
    written: FeedbackWritten, settings: Settings, tmp_path: Path
) -> None:
    shutil.copytree(settings.home, tmp_path / "home", symlinks=True)
    (gone,) = [
        found["sha256"]
        for found in published(settings, "mart_document")
        if found["region_code"] == BY_CSV and not found["rows_superseded"]
    ]
    (tmp_path / "home" / "raw" / "blobs" / gone[:2] / gone).unlink()
    less = write_feedback(replace(settings, home=tmp_path / "home"), region=BY_CSV)
    book = _book(less, BY_CSV)
    assert book.sheetnames == ["Ringkasan", "CSV"]
    assert any("tidak dapat ditampilkan" in text for text in _texts(book["Ringkasan"]))


def test_a_check_writes_its_files_with_their_findings(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", document(CSV_ROWS))
    put(tmp_path / "b.xlsx", _form(BY_FORM, FORM_ROWS))
    feedback = tmp_path / "umpan" / "balik.xlsx"
    arguments = ["check", str(tmp_path / "a.csv"), str(tmp_path / "b.xlsx"), "--json"]
    without = CliRunner().invoke(app, arguments)
    result = CliRunner().invoke(app, [*arguments, "--feedback", str(feedback)])
    assert (result.exit_code, without.exit_code) == (1, 1)
    assert result.stdout == without.stdout
    book = load_workbook(feedback)
    marked = {
        place if page.title != "CSV" else f"L{page[place].row}"
        for page in book.worksheets[1:]
        for place in _comments(page)
    }
    found = {finding["place"].split("!")[-1] for finding in json.loads(result.stdout)}
    assert marked ^ found == {"A6", "D6"}
    assert {"Kota Balikpapan (64.71)", "Kota Samarinda (64.72)"} <= set(_texts(book["Ringkasan"]))


def test_a_check_shows_a_document_of_several_regions_once_and_whole(tmp_path: Path) -> None:
    put(tmp_path / "provinsi.csv", document(PROVINCE_ROWS))
    check_files(readings_of([tmp_path / "provinsi.csv"]), tmp_path / "balik.xlsx")
    book = load_workbook(tmp_path / "balik.xlsx")
    assert book.sheetnames == ["Ringkasan", "CSV"]
    assert {"rahasia 64.74", "milik daerah lain"} <= set(_texts(book["CSV"]))
    counts = [row[5:9] for row in book["Ringkasan"].iter_rows(values_only=True) if row[2] == "provinsi.csv"]
    assert counts == [(3, 2, 0, 1)]


def test_a_check_never_writes_over_a_file_it_checks(tmp_path: Path) -> None:
    put(tmp_path / "a.xlsx", _form(BY_FORM, FORM_ROWS))
    result = CliRunner().invoke(
        app, ["check", str(tmp_path / "a.xlsx"), "--feedback", str(tmp_path / "a.xlsx")]
    )
    assert result.exit_code == 2
    assert (tmp_path / "a.xlsx").read_bytes() == _form(BY_FORM, FORM_ROWS)


@pytest.mark.parametrize("rule_id", rules())
def test_every_rule_can_be_explained(rule_id: str) -> None:
    rule = rules()[rule_id]
    text = comment_on(
        Finding("0" * 12, "", rule_id, rule.severity, "", f"Ini. {rule.advice}", "This.", "new")
    )
    assert [line.split(":")[0] for line in text.split("\n")][1:] == [
        "Apa",
        "Mengapa",
        "Cara memperbaiki",
        "English",
    ]


def test_sheet_names_are_legal_and_told_apart() -> None:
    one = Document("0" * 12, "", "", "", RECEIVED, 1, False, None, 0, 0, 0, 0)
    names = ["Ringkasan", "KESEHATAN", "Kesehatan", "a/b[c]:*?'", "'", "History", "x" * 40, "x" * 40]
    titles = [sheet.title for sheet in sheets_of([Shown(one, [Grid(name, []) for name in names])])]
    assert len({title.casefold() for title in titles}) == len(names)
    assert not any(re.search(r"[\[\]:*?/\\]|^'|'$", title) or len(title) > 31 for title in titles)
    assert {"ringkasan", "history"}.isdisjoint(title.casefold() for title in titles)


def test_the_cells_of_a_workbook_stay_where_they_are_and_what_they_are() -> None:
    moment = datetime.fromisoformat("2024-12-31T08:00")
    book = Workbook()
    page = book.active
    page["B3"], page["C3"], page["D3"] = moment, 0.98, "=1+1"
    page["C3"].number_format = "0%"
    buffer = io.BytesIO()
    book.save(buffer)
    spec = ReadingSpec(name="a", kind="workbook")
    (grid,) = from_json(to_json(of_workbook(RawFile("a.xlsx", buffer.getvalue()), spec)))
    assert grid.rows[2] == [None, moment, 0.98, "#FORMULA"]
    assert grid.percents == {(2, 2)}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("-1234", -1234.0, id="a-number"),
        pytest.param("1234.5", 1234.5, id="a-plain-decimal"),
        pytest.param("1.234", "1.234", id="thousand-or-one"),
        pytest.param("007", "007", id="a-code"),
        pytest.param("1.234,5", "1.234,5", id="another-notation"),
        pytest.param("6471012345678901", "6471012345678901", id="more-digits-than-a-number-keeps"),
    ],
)
def test_a_csv_text_is_shown_as_a_number_only_where_it_can_be_nothing_else(text: str, cell: object) -> None:
    file = RawFile("a.csv", f"region;realised;\n64.70;{text};\n".encode())
    (grid,) = from_json(to_json(of_csv(file, ReadingSpec(name="a", kind="csv"))))
    assert grid.rows[1][:2] == ["64.70", cell]
