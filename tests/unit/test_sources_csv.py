"""Every line of a CSV document becomes a row, a rejected row, or layout; its place is its physical line."""

from __future__ import annotations

import pytest

from pipelines.readers.documents import csv
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import COLUMNS, ROW_SCHEMA, RawFile, Reject, unread_of

SPEC = ReadingSpec(name="daerah", kind="csv")
HEADER = "record,region,period,service,target,realised,note"
ROW = "achievement,64.71,2024-Q4,K-PEND-01,100,{},{}"


def _read(content: bytes | str, spec: ReadingSpec = SPEC) -> list[dict[str, object]]:
    table = csv.read(RawFile("x.csv", content if isinstance(content, bytes) else content.encode()), spec)
    assert not isinstance(table, Reject), table
    assert table.schema == ROW_SCHEMA
    return table.to_pylist()


def _lines(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def test_a_row_keeps_its_texts_as_typed() -> None:
    (row,) = _read(_lines(HEADER, ROW.format("1.234", " na ")))
    assert (row["realised"], row["note"], row["sector"]) == ("1.234", "na", None)
    assert (row["row_place"], row["target_place"], row["realised_place"]) == ("L2", "L2", "L2")
    assert row["realised_is_number"] is False
    assert row["reject_rule"] is None


def test_places_count_blank_lines_and_lines_within_quotes() -> None:
    rows = _read(
        _lines(
            "", HEADER, "", ROW.format(1, '"dua\nbaris"'), ",,,,,,", ROW.format(2, ""), "", ROW.format(3, "")
        )
    )
    assert [(row["realised"], row["row_place"]) for row in rows] == [("1", "L4"), ("2", "L7"), ("3", "L9")]
    assert rows[0]["note"] == "dua\nbaris"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(_lines(HEADER, ROW.format(5, "Désa")).encode(), id="utf-8"),
        pytest.param(_lines(HEADER, ROW.format(5, "Désa")).encode("utf-8-sig"), id="utf-8-with-mark"),
        pytest.param(_lines(HEADER, ROW.format(5, "Désa")).encode("cp1252"), id="cp1252"),
        pytest.param(_lines(HEADER, ROW.format(5, "Désa")).replace(",", ";").encode(), id="semicolons"),
        pytest.param(_lines(HEADER, ROW.format(5, "Désa")).replace(",", "\t").encode(), id="tabs"),
        pytest.param(
            _lines(HEADER, ROW.format(5, "Désa")).replace("\n", "\r\n").encode(), id="windows-lines"
        ),
        pytest.param(
            _lines(HEADER.upper().replace(",", " , "), ROW.format(5, "Désa")).encode(), id="header-case"
        ),
    ],
)
def test_encodings_and_delimiters_read_alike(content: bytes) -> None:
    (row,) = _read(content)
    assert (row["realised"], row["note"], row["row_place"]) == ("5", "Désa", "L2")


def test_a_letter_of_another_encoding_costs_no_other_letter() -> None:
    text = _lines(
        HEADER, ROW.format(1, "–"), ROW.format(2, "?"), ROW.format(3, "!"), ROW.format(4, "baik" * 99)
    )
    rows = _read(text.encode().replace(b"?", b"Caf\xe9 \x81").replace(b"!", b"a\0b"))
    assert [row["note"] for row in rows[:3]] == ["–", "Café \ufffd", "a\ufffdb"]


def test_their_columns_and_codes_become_ours() -> None:
    spec = ReadingSpec(
        name="provinsi",
        kind="csv",
        columns={"Jenis": "record", "Daerah": "region", "TW": "period", "Capaian": "realised"},
        values={"record": {"A": "achievement"}, "region": {"01": "64.71"}},
    )
    (row,) = _read(_lines("jenis;daerah;tw;CAPAIAN;target;lain", "A;01;2024-Q4;7;9;x"), spec)
    assert [row[name] for name in ("record", "region", "realised")] == ["achievement", "64.71", "7"]


@pytest.mark.parametrize(
    ("labels", "columns"),
    [
        ("record,kode_wilayah,nama wilayah,period,target,realised", {"kode_wilayah": "region"}),
        ("record,region,Nama Daerah,period,target,realised", {}),
        ("record,kode,nama,period,target,realised", {"kode": "region"}),
        ("record,kode,pemda,period,target,realised", {"kode": "region", "pemda": "region_name"}),
    ],
)
def test_the_name_beside_a_code_is_read_with_it(labels: str, columns: dict[str, str]) -> None:
    spec = ReadingSpec(name="daerah", kind="csv", columns=columns)
    lines = [labels, *(f"achievement,{whose},2024-Q4,9,8" for whose in ("64.71,Kota Samarinda", "64.72,"))]
    lines.append("achievement,Kota Bontang,Bontang,2024-Q4,9,8")
    assert [row["region"] for row in _read(_lines(*lines), spec)] == [
        "64.71 Kota Samarinda",
        "64.72",
        "Kota Bontang",
    ]


def test_the_mark_of_made_up_data_is_no_unread_column() -> None:
    text = _lines("record,region,period,target,realised,is_demo,lain", "achievement,64.71,2024-Q4,9,8,x,y")
    reading = csv.read(RawFile("x.csv", text.encode()), SPEC)
    assert [part.value for part in unread_of(reading)] == ["lain"]


def test_a_row_that_does_not_fit_is_kept_with_its_text_and_the_next_go_on() -> None:
    long = ROW.format("1,5", "koma")
    rows = _read(_lines(HEADER, long, "achievement,64.71", ROW.format(2, "")))
    assert [row["reject_rule"] for row in rows] == ["ROW-001", "ROW-001", None]
    assert (rows[0]["reject_text"], rows[0]["region"], rows[0]["period"]) == (long, "64.71", "2024-Q4")
    assert (rows[1]["reject_text"], rows[1]["region"], rows[1]["row_place"]) == (
        "achievement,64.71",
        None,
        "L3",
    )
    assert [rows[0][name] for name in ("record", "target", "realised")] == [None, None, None]


def test_the_region_of_a_row_that_does_not_fit_is_told_only_where_the_period_stands_in_its_place() -> None:
    (row,) = _read(_lines(HEADER, "achievement,Kutai Timur, Kab.,2024-Q4,K-PEND-01,100,1,x"))
    assert (row["reject_rule"], row["region"], row["period"]) == ("ROW-001", None, None)


def test_a_stray_quote_that_another_one_closes_swallows_nothing() -> None:
    rows = _read(_lines(HEADER, ROW.format(1, '"buka'), ROW.format(2, "baik"), ROW.format(3, 'tutup",5')))
    assert [row["row_place"] for row in rows if row["reject_rule"]] == ["L2", "L4"]
    assert [row["realised"] for row in rows if not row["reject_rule"]] == ["2"]


@pytest.mark.parametrize("note", ['"tidak ditutup', '"salah" kutip', 'x"y'])
def test_a_stray_quote_costs_its_own_line_only(note: str) -> None:
    rows = _read(_lines(HEADER, ROW.format(1, note), *(ROW.format(n, '"baik"') for n in range(300))))
    bad = [row["row_place"] for row in rows if row["reject_rule"]]
    good = [row["realised"] for row in rows if not row["reject_rule"]]
    assert bad == ([] if note == 'x"y' else ["L2"])
    assert good[-300:] == [str(n) for n in range(300)]


@pytest.mark.parametrize(
    ("content", "rule", "said"),
    [
        pytest.param(b"PK\x03\x04\0\0", "DOC-001", "CSV", id="not-text"),
        pytest.param(b"", "DOC-005", "", id="empty"),
        pytest.param(_lines(HEADER, "", ",,,,,,").encode(), "DOC-005", "", id="header-only"),
        pytest.param(
            b"record,period,target\nachievement,2024-Q4,1\n", "DOC-002", "region, realised", id="columns"
        ),
        pytest.param((HEADER + ",Realised\n").encode(), "DOC-002", "realised", id="column-twice"),
    ],
)
def test_a_document_that_cannot_be_read_says_why(content: bytes, rule: str, said: str) -> None:
    reject = csv.read(RawFile("x.csv", content), SPEC)
    assert isinstance(reject, Reject)
    assert reject.rule_id == rule
    assert said in reject.value


def test_every_column_of_ours_is_taken() -> None:
    (row,) = _read(_lines(",".join(COLUMNS), ",".join(f"v-{name}" for name in COLUMNS)))
    assert [row[name] for name in COLUMNS] == [f"v-{name}" for name in COLUMNS]


@pytest.mark.parametrize(
    ("above", "delimiter"),
    [
        (("sep=;",), ";"),
        (('"sep=|"',), "|"),
        (("SEP=\t",), "\t"),
        (("LAPORAN CAPAIAN SPM;;;;;;", "Triwulan IV Tahun 2024", "", ";;;;;;"), ";"),
        (("sep=,", "LAPORAN, REALISASI,,,,,"), ","),
    ],
)
def test_the_header_is_found_below_titles_and_the_line_that_names_the_delimiter(
    above: tuple[str, ...], delimiter: str
) -> None:
    below = _lines(HEADER, ROW.format(5, "x")).replace(",", delimiter)
    (row,) = _read(_lines(*above) + below)
    assert (row["realised"], row["note"], row["row_place"]) == ("5", "x", f"L{len(above) + 2}")


def test_of_lines_that_are_no_header_the_one_that_looks_like_it_is_named() -> None:
    content = _lines("LAPORAN", HEADER.replace("realised", "realisasi"), ROW.format(5, "x"))
    assert csv.read(RawFile("x.csv", content.encode()), SPEC) == Reject(
        "DOC-002", "L2", "realised (realisasi?)", "64.71", "2024-Q4"
    )


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(ROW.format(5, "")[:-1], id="the-last-field-left-out"),
        pytest.param(ROW.format(5, "x") + ",", id="one-delimiter-too-many"),
        pytest.param(ROW.format(5, "x") + ",,,", id="three-too-many"),
    ],
)
def test_empty_fields_at_the_end_may_be_missing_or_too_many(row: str) -> None:
    (found,) = _read(_lines(HEADER, row))
    assert (found["target"], found["realised"], found["reject_rule"]) == ("100", "5", None)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("achievement,64.71,2024-Q4,K-PEND-01,5,", id="a-field-lost-before-the-end"),
        pytest.param(
            "achievement,64.71,2024-Q4,K-PEND-01,,100,5,", id="a-delimiter-doubled-before-the-target"
        ),
        pytest.param(
            "achievement,64.71,2024-Q4,K-PEND-01,100,,5,", id="a-delimiter-doubled-before-the-value"
        ),
        pytest.param("achievement,64.71,2024-Q4,K-PEND-01,100", id="no-value-at-all"),
        pytest.param(ROW.format(5, "x") + ",y", id="more-than-there-are-columns"),
    ],
)
def test_a_row_whose_values_may_have_moved_is_held_back(row: str) -> None:
    (found,) = _read(_lines(HEADER, row))
    assert (found["realised"], found["reject_rule"], found["reject_text"]) == (None, "ROW-001", row)


def test_letters_that_nobody_sees_are_taken_out() -> None:
    content = _lines(
        HEADER.replace("period", "\u200bperiod\u00a0"),
        "achievement,\u200e64.71\ufeff,2024-Q4\u00a0,K-PE\u00adND-01,1\u00a0000,\u200b5,x",
    )
    (row,) = _read(content)
    found = [row[name] for name in ("region", "period", "service", "target", "realised")]
    assert found == ["64.71", "2024-Q4", "K-PEND-01", "1 000", "5"]


OURS = ",".join(COLUMNS[: COLUMNS.index("submitted_at") + 1])
FULL = "achievement,64.71,2024-Q4,kesehatan,K-KES-0{},recipients,,orang,{}"


def _values(*lines: str) -> list[tuple[object, object, object]]:
    return [(row["target"], row["realised"], row["reject_rule"]) for row in _read(_lines(OURS, *lines))]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_text_of_excel_is_read(encoding: str) -> None:
    (row,) = _read(_lines(HEADER, ROW.format(5, "Désa")).replace(",", "\t").encode(encoding))
    assert (row["realised"], row["note"], row["row_place"]) == ("5", "Désa", "L2")


def test_a_line_in_another_encoding_spoils_no_other_and_a_mark_within_is_no_letter() -> None:
    lines = [
        HEADER.encode("utf-8-sig"),
        ROW.format(1, "Désa").encode(),
        ROW.format(2, "Désa").encode("cp1252"),
    ]
    rows = _read(b"\n".join([*lines, ("\ufeff" + ROW.format(3, "")).encode(), b""]))
    assert [(row["record"], row["realised"], row["note"]) for row in rows] == [
        ("achievement", "1", "Désa"),
        ("achievement", "2", "Désa"),
        ("achievement", "3", ""),
    ]


def test_bars_and_a_header_whose_label_has_two_lines_are_read() -> None:
    spec = ReadingSpec(name="x", kind="csv", columns={"Kode daerah": "region"})
    text = _lines(
        "Judul|a,b,c,d,e,f,g", 'record|"Kode\ndaerah"|period|realised|target', "achievement|64.71|2024-Q4|7|9"
    )
    (row,) = _read(text, spec)
    assert (row["region"], row["realised"], row["row_place"]) == ("64.71", "7", "L4")


def test_texts_that_only_keep_a_code_from_becoming_a_number_are_the_code() -> None:
    (row,) = _read(_lines(HEADER, 'achievement,"=""64.70""",2024-Q4,K-PEND-01,\'100,"=""95""",\'catatan'))
    assert [row[name] for name in ("region", "target", "realised", "note")] == [
        "64.70",
        "100",
        "95",
        "'catatan",
    ]


def test_the_header_once_more_is_layout_and_a_row_above_it_is_a_row() -> None:
    rows = _read(_lines(ROW.format(1, ""), HEADER, ROW.format(2, ""), HEADER.upper(), ROW.format(3, "")))
    assert [(row["realised"], row["row_place"]) for row in rows] == [("1", "L1"), ("2", "L3"), ("3", "L5")]


def test_nameless_columns_at_the_end_are_kept_aside_whether_filled_or_left_out() -> None:
    rows = _read(
        _lines(HEADER + ",,", ROW.format(1, "") + ",Contoh Ulu,", ROW.format(2, ""), ROW.format(3, "x") + ",")
    )
    assert [(row["realised"], row["reject_rule"]) for row in rows] == [("1", None), ("2", None), ("3", None)]


def test_a_block_of_rows_that_excel_wrote_shorter_is_read_whole() -> None:
    assert _values(FULL.format(1, "1000,950"), FULL.format(2, "1000,"), FULL.format(3, "50,nihil")) == [
        ("1000", "950", None),
        ("1000", "", None),
        ("50", "nihil", None),
    ]
    # nobody has filled these in yet
    assert _values(FULL.format(1, "1000"), FULL.format(2, "700"), FULL.format(3, "7,7,,")) == [
        ("1000", "", None),
        ("700", "", None),
        ("7", "7", None),
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(FULL.format(1, "1,250,900,,"), id="thousands-without-quotes"),
        pytest.param(FULL.format(1, "1250,1,000,,"), id="thousands-of-the-result"),
        pytest.param(FULL.format(1, "98,5,,,"), id="decimals-or-two-numbers"),
        pytest.param(FULL.format(1, "1,250,,,"), id="thousands-and-no-result"),
        pytest.param(FULL.format(1, "1,000,,,"), id="thousands-and-zeros"),
        pytest.param(FULL.format(1, "1000,95"), id="cut-at-the-end-of-the-file"),
        pytest.param(
            "achievement,64.71,2024-Q4,kesehatan,K-KES-01,recipients,orang,1000,950,,", id="item-lost"
        ),
        pytest.param("achievement,64.71,2024-Q4,K-KES-01,recipients,,orang,1000,950,,", id="sector-lost"),
        pytest.param("achievement,64.71,2024-Q4,kesehatan,K-KES-01,recipients,,1000,950,,", id="unit-lost"),
        pytest.param(FULL.format(1, "950,,"), id="a-value-lost"),
        pytest.param(
            "achievement,64.71,2024-Q4,kesehatan,K-KES-01,recipients,Obat, vitamin,set,9,8,,", id="words"
        ),
    ],
)
def test_a_line_of_another_width_that_could_be_read_otherwise_keeps_its_text(line: str) -> None:
    full = FULL.format(2, "10,9,,")
    text = "\n".join([OURS, full, line]) + ("" if line.endswith("1000,95") else "\n")
    found = _read(text)
    assert [row["reject_rule"] for row in found] == [None, "ROW-001"]
    assert found[1]["reject_text"] == line


def test_delimiters_doubled_on_every_line_are_a_habit_of_the_writer() -> None:
    rows = _values(FULL.format(1, "100,95,,,"), FULL.format(2, "1000,950,,,"), FULL.format(3, "3,3,,,"))
    assert rows == [("100", "95", None), ("1000", "950", None), ("3", "3", None)]
    # every line: the comma of thousands
    rows = _values(FULL.format(1, "1,250,,,"), FULL.format(2, "3,400,,,"))
    assert [rule for _, _, rule in rows] == ["ROW-001", "ROW-001"]
