"""Tables of other shapes become rows of ours by the layout of their source; what does not fit is refused.

The files in `tests/fixtures/layouts` have the shapes of real ones; `sources.yaml` beside them declares each.
"""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from pipelines.readers.child import lines_in_child
from pipelines.readers.dispatch import read_document
from pipelines.settings import PROJECT_DIR, Limits
from pipelines.sources.config import SourcesError, load_sources
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject

FILES = PROJECT_DIR / "tests" / "fixtures" / "layouts"
SOURCES = {source.name: source for source in load_sources(FILES / "sources.yaml")}
NAMED = {"record": "achievement", "region": "Kab. A", "period": "2024-Q4"}


def _spec(name: str) -> ReadingSpec:
    # as a receipt keeps it
    return ReadingSpec.from_json(SOURCES[name].canonical_json())


def _made(layout: dict[str, Any], columns: dict[str, str], kind: str = "csv", **more: Any) -> ReadingSpec:
    layout = {**layout, "constants": {**NAMED, **layout.get("constants", {})}}
    layout["constants"] = {
        name: text for name, text in layout["constants"].items() if name not in columns.values()
    }
    return ReadingSpec(name="a", kind=kind, columns=columns, layout=layout, **more)


def _read(file: RawFile, spec: ReadingSpec) -> list[dict[str, Any]]:
    table = read_document(file, spec, Limits())
    assert not isinstance(table, Reject), table
    return table.to_pylist()


def _of(name: str) -> list[dict[str, Any]]:
    (path,) = FILES.glob(SOURCES[name].place)
    return _read(RawFile(path.name, path.read_bytes()), _spec(name))


def _values(rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows if row["reject_rule"] is None]


def _refused(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["reject_rule"], row["row_place"]) for row in rows if row["reject_rule"]]


def _csv(text: str, spec: ReadingSpec) -> list[dict[str, Any]]:
    return _read(RawFile("x.csv", text.encode()), spec)


def test_three_levels_of_labels_merged_cells_and_a_total_that_is_wrong() -> None:
    rows = _of("air_minum")
    sheet = " Capaiam SPM AMM"
    assert _values(rows, "item", "target", "target_place", "realised", "realised_place") == [
        ("Satu / Desa A", "1200", f"{sheet}!D9", "340", f"{sheet}!E9+F9"),
        ("Satu / Desa B", "900", f"{sheet}!D10", "15", f"{sheet}!E10+F10"),
        ("Satu / Desa C", "700", f"{sheet}!D11", "790", f"{sheet}!E11+F11"),
        ("Dua / Desa D", "500", f"{sheet}!D12", None, f"{sheet}!A12"),
    ]
    assert {row["region"] for row in rows} == {"KABUPATEN CONTOH"}
    assert _refused(rows) == [("LAY-003", f"{sheet}!D13")]
    assert "3310 ≠ 3300" in rows[-1]["reject_text"]


def test_a_title_with_two_years_is_refused_at_its_cell() -> None:
    spec = _spec("air_minum")
    layout = spec.layout.model_dump(mode="json")  # type: ignore[union-attr]
    layout["pieces"] = {**layout["pieces"], "cell A3": ["TAHUN {year}"]}
    path = next(FILES.glob("o01*"))
    found = read_document(
        RawFile(path.name, path.read_bytes()),
        ReadingSpec(name="a", kind="workbook", columns=spec.columns, layout=layout),
        Limits(),
    )
    assert isinstance(found, Reject)
    assert (found.rule_id, found.place) == ("LAY-001", " Capaiam SPM AMM!A3")
    assert "2024, 2025" in found.value


def test_percents_in_three_notations_are_compared_and_not_read() -> None:
    rows = _of("puskesmas")
    assert _values(rows, "target", "realised") == [
        ("1000", "955"),
        ("2000", "1500"),
        ("300", "300"),
        ("1234", "1100"),
    ]
    assert _refused(rows) == [("LAY-003", "SPM!D4")]


def test_tables_below_each_other_take_what_they_are_about_from_their_titles() -> None:
    rows = _of("bertumpuk")
    assert _values(rows, "component", "item", "target", "realised", "realised_place") == [
        ("recipients", "Ibu Hamil", "1000", "950", "L6:E"),
        ("goods_services", "Tablet tambah darah", "180000", "90000", "L13:E"),
    ]
    assert _refused(rows) == []


def test_a_row_whose_columns_are_shifted_is_held_back() -> None:
    rows = _of("renstra")
    assert (_values(rows, "note"), _refused(rows)) == ([], [("LAY-002", "L3")])


def test_years_become_quarters_and_a_blank_one_no_row() -> None:
    assert _values(_of("tahunan"), "period", "realised", "realised_place") == [
        ("2018-Q4", "88.1", "L2:E"),
        ("2019-Q4", "89", "L2:F"),
        ("2021-Q4", "91.5", "L2:H"),
        ("2022-Q4", "92,3", "L2:I"),
        ("2023-Q4", "n/a", "L2:J"),
    ]


def test_months_by_themselves_are_added_up_to_the_end_of_each_quarter() -> None:
    rows = _of("bulanan")
    assert _values(rows, "service", "period", "target", "realised")[:4] == [
        ("K-KES-01", "2024-Q1", "1200", "300"),
        ("K-KES-01", "2024-Q2", "1200", "580"),
        ("K-KES-01", "2024-Q3", "1200", "580"),
        ("K-KES-01", "2024-Q4", "1200", "580"),
    ]
    # of the row without a single month nothing is made, and a target of 0 stays one
    assert {row["service"] for row in rows} == {"K-KES-01", "K-KES-12"}
    assert rows[4]["target"] == "0"


def test_villages_that_do_not_add_up_are_found_at_the_total() -> None:
    rows = _of("desa")
    assert _values(rows, "target", "realised") == [("120", "118"), ("400", "380")]
    assert _refused(rows) == [("LAY-003", "L3:D")]
    assert "380 ≠ 200 (L3:I) + 170 (L3:K)" in rows[-1]["reject_text"]


def test_a_null_of_a_dump_is_blank_and_a_column_without_a_label_has_its_letter() -> None:
    assert _values(_of("jawaban"), "realised", "note") == [("6", "Contoh Ulu"), (None, "Contoh Ulu")]


def test_only_leaf_rows_are_read_and_a_total_that_counts_twice_is_found() -> None:
    rows = _of("anggaran")
    assert _values(rows, "target", "realised") == [("1000", "800"), ("2000", "1700")]
    assert _refused(rows) == [("LAY-003", "L6:C"), ("LAY-003", "L6:D")]


def test_a_name_beside_a_code_is_read_with_it() -> None:
    assert _values(_of("penilaian"), "region", "realised") == [
        ("32730", "81.2"),
        ("32000", "77.0"),
        ("3275 BEKASI", "70"),
        ("d41d8cd98f00b204e9800998ecf8427e", "55"),
    ]


def test_parts_are_points_or_percents_by_what_adds_up() -> None:
    rows = _of("poin")
    assert _values(rows, "realised") == [("76.66",), ("66.84",), ("94",)]
    assert _refused(rows) == [("LAY-003", "L3:E")]


def test_quarters_as_columns_with_the_path_of_targets_beside_them() -> None:
    assert _values(_of("triwulan"), "period", "realised", "note") == [
        ("2025-Q1", "13,35%", "25%"),
        ("2025-Q2", "31,98%", "50%"),
        ("2025-Q3", "54,06%", "75%"),
        ("2025-Q4", "35,85%", "100%"),
    ]


def test_an_item_is_its_version_and_its_code() -> None:
    rows = _of("butir")
    assert _values(rows, "service", "item", "realised") == [
        ("K-KES-01", "1:1.B.7", "900"),
        ("K-KES-01", "2:1.B.7", "400"),  # another item under the same code
        ("K-KES-09", "2:9.B.10", "10"),
        ("K-KES-06", "2:6.B.12.a", "5"),
        ("K-KES-06", "2:6.B.17", "4"),
        ("K-KES-02", "2:2.B.6", "38"),
    ]
    assert _refused(rows) == [("LAY-002", "L8")]  # without its version a code is no item


def test_rows_that_a_system_deleted_are_left_out_and_units_compared_with_names() -> None:
    rows = _of("pohon")
    assert [row["row_place"] for row in rows if row["reject_rule"] is None] == ["L2", "L3", "L5"]
    assert _refused(rows) == [("LAY-003", "L5:C")]


def test_fields_of_an_api_are_labels_and_millions_become_rupiah() -> None:
    body = json.loads((FILES / "o11_money_two_scales.json").read_text())
    text = "\n".join(json.dumps(row) for row in body["paguPerTahun"])
    spec = _made(
        {"pieces": {"name": "{year}"}, "scale": {"value": "1000000"}, "constants": {"period": "{year}-Q4"}},
        {"value": "target"},
        "rest",
        key=["name"],
    )
    (row,) = _read(RawFile("pagu.ndjson", text.encode()), spec)
    assert (row["period"], row["target"], row["target_place"]) == ("2026-Q4", "33924780000", "2026:value")
    spec = _made({"leave_out": {"name": ["NULLs", "N/A"]}}, {"value": "realised"}, "rest", key=["name"])
    text = "\n".join(json.dumps(row) for row in [*body["perDesa"], {"name": "Desa A", "value": 3}])
    assert _values(_read(RawFile("d.ndjson", text.encode()), spec), "realised") == [("3",)]


@pytest.mark.parametrize(
    ("amounts", "labels", "cells", "expected"),
    [
        ("running", "Januari,Februari,Maret,April,Mei,Juni", "1,2,3,4,5,6", ["3", "6"]),
        ("running", "1,2,3,4,5,6", "1,2,3,4,5,", ["3"]),
        ("increments", "Jan,Feb,Mar,Apr,Mei,Jun", "1,2,3,,,", ["6"]),
        ("increments", "Jan,Pebruari,Maret,Apr,Mei,Jun", "1,2,3,0,0,1", ["6", "7"]),
        ("increments", "Jan,Feb,Mar,Apr", "1,2,3,4", ["6"]),
    ],
)
def test_a_quarter_is_read_once_all_of_it_is_there(
    amounts: str, labels: str, cells: str, expected: list[str]
) -> None:
    spec = _made(
        {
            "unpivot": {"values": {"Nilai": "{month}"}, "amounts": amounts},
            "constants": {"period": "2024-Q{quarter}"},
        },
        {"Nilai": "realised"},
    )
    rows = _csv(f"Kode,{labels}\nA,{cells}\n", spec)
    assert [row["realised"] for row in rows if row["reject_rule"] is None] == expected
    assert _refused(rows) == []


def test_quarters_by_themselves_and_years_above_them() -> None:
    spec = _made(
        {
            "header": "1..2",
            "unpivot": {"values": {"N": "{year} / TW {quarter}"}, "amounts": "increments"},
            "constants": {"period": "{year}-Q{quarter}"},
        },
        {"N": "realised"},
    )
    rows = _csv("Kode,2023,,2024,\n,TW I,TW II,TW I,TW II\nA,1,2,5,6\n", spec)
    assert _values(rows, "period", "realised", "realised_place") == [
        ("2023-Q1", "1", "L3:B"),
        ("2023-Q2", "3", "L3:B+C"),
        ("2024-Q1", "5", "L3:D"),
        ("2024-Q2", "11", "L3:D+E"),
    ]


def test_a_month_that_is_not_there_is_no_zero() -> None:
    spec = _made(
        {
            "unpivot": {"values": {"N": "{month}"}, "amounts": "increments"},
            "constants": {"period": "2024-Q{quarter}"},
        },
        {"N": "realised"},
    )
    found = read_document(RawFile("x.csv", b"Kode,Jan,Mar\nA,1,2\n"), spec, Limits())
    assert isinstance(found, Reject)
    assert (found.rule_id, "{month} = 2" in found.value) == ("DOC-002", True)
    rows = _csv("Kode,Jan,Feb,Mar\nA,1,,2\n", spec)
    assert _refused(rows) == [("LAY-002", "L2")]


def test_tiers_as_columns_and_headings_above_rows() -> None:
    spec = _made(
        {
            "headings": [{"name": "Bidang", "column": "Uraian", "where": {"L Target": "", "P Target": ""}}],
            "unpivot": {"values": {"T": "{jenis} Target", "R": "{jenis} Realisasi"}},
            "constants": {"item": "{Bidang} {Uraian} {jenis}"},
        },
        {"T": "target", "R": "realised"},
    )
    text = "Uraian,L Target,L Realisasi,P Target,P Realisasi\nSD,,,,\nA,10,9,8,7\nSMP,,,,\nB,6,5,4,3\n"
    assert _values(_csv(text, spec), "item", "target", "realised") == [
        ("SD A L", "10", "9"),
        ("SD A P", "8", "7"),
        ("SMP B L", "6", "5"),
        ("SMP B P", "4", "3"),
    ]


def test_blanks_within_an_outer_group_do_not_take_the_text_of_another() -> None:
    spec = _made({"fill_down": ["Kab", "Kec"]}, {"Kab": "region", "Kec": "item", "N": "realised"})
    rows = _csv("Kab,Kec,N\nA,satu,1\n,,2\nB,,3\n", spec)
    assert _values(rows, "region", "item", "realised") == [
        ("A", "satu", "1"),
        ("A", "satu", "2"),
        ("B", None, "3"),
    ]


@pytest.mark.parametrize(
    ("decimal", "text", "expected"),
    [
        (",", "1.234,5", "1234.5"),
        (",", "1.234", "1234"),
        (".", "1,234", "1234"),
        (".", "1.234", "1.234"),
        (",", "89,14 %", "89.14%"),
        (",", "Rp 1.000,-", "1000"),
        (",", "12.34", "12.34"),
    ],
)
def test_a_declared_sign_decides_and_what_it_does_not_fit_stays_as_typed(
    decimal: str, text: str, expected: str
) -> None:
    (row,) = _csv(f'Kode;N\nA;"{text}"\n', _made({"decimal": decimal}, {"N": "realised"}))
    assert row["realised"] == expected
    assert row["realised_is_number"] is (text != "12.34")


def test_what_is_not_written_in_one_way_is_not_added_up() -> None:
    spec = _made({"sums": {"N": ["A", "B"]}}, {"N": "realised"})
    assert _refused(_csv("A,B\n1.234,5\n", spec)) == [("LAY-002", "L2")]
    assert _values(_csv('A,B\n"1.234,50",5\n', spec), "realised") == [("1239.5",)]
    assert _refused(_csv("A,B\n10%,5\n", spec)) == [("LAY-002", "L2")]
    assert _refused(_csv("A,B\n,5\n", spec)) == [("LAY-002", "L2")]
    # a word of the registry that means 0 is one, and another is a blank
    assert _values(_csv("A,B\nnihil,5\n-,belum ada\n", spec), "realised") == [("5",), (None,)]
    zero = _made({"sums": {"N": ["A", "B"]}, "blanks": "zero"}, {"N": "realised"})
    assert _values(_csv("A,B\n,5\n", zero), "realised") == [("5",)]


def test_every_line_says_what_it_became(tmp_path: Path) -> None:
    (path,) = FILES.glob(SOURCES["bertumpuk"].place)
    found = lines_in_child(RawFile(path.name, path.read_bytes()), _spec("bertumpuk"), Limits())
    assert isinstance(found, list)
    assert [line.place for line in found] == [f"L{number}" for number in range(1, 18)]
    assert all(line.why or line.rows for line in found)
    assert found[5].rows[0]["realised"] == ("950", "L6:E")
    assert found[6].why.startswith("jumlah")


def test_one_far_cell_costs_nothing() -> None:
    book = Workbook()
    book.active.append(["Kode", "N"])  # type: ignore[union-attr]
    book.active.append(["A", 5])  # type: ignore[union-attr]
    book.active["XFD3"] = "x"  # type: ignore[index]
    content = io.BytesIO()
    book.save(content)
    spec = _made({"keep": {"N": "{number}"}}, {"N": "realised"}, "workbook")
    assert _values(_read(RawFile("x.xlsx", content.getvalue()), spec), "realised") == [("5",)]


def test_of_several_sheets_one_is_named() -> None:
    book = Workbook()
    for name, value in (("TW I", 1), ("TW II", 2), ("Catatan", 3)):
        sheet = book.create_sheet(name)
        sheet.append(["Kode", "N"])
        sheet.append(["A", value])
    del book["Sheet"]
    content = io.BytesIO()
    book.save(content)
    file = RawFile("x.xlsx", content.getvalue())
    unnamed = read_document(file, _made({}, {"N": "realised"}, "workbook"), Limits())
    assert isinstance(unnamed, Reject)
    assert (unnamed.rule_id, "'TW I', 'TW II', 'Catatan'" in unnamed.value) == ("LAY-001", True)
    layout = {
        "sheet": "TW *",
        "pieces": {"sheet": "TW {quarter}"},
        "constants": {"period": "2024-Q{quarter}"},
    }
    rows = _read(file, _made(layout, {"N": "realised"}, "workbook"))
    assert _values(rows, "period", "realised", "realised_place") == [
        ("2024-Q1", "1", "TW I!B2"),
        ("2024-Q2", "2", "TW II!B2"),
    ]
    wrong = read_document(file, _made({"sheet": "Bulan"}, {"N": "realised"}, "workbook"), Limits())
    assert isinstance(wrong, Reject)
    assert wrong.rule_id == "DOC-004"


@pytest.mark.parametrize(
    ("layout", "named"),
    [
        pytest.param("{headr: 1}", ["'layout.headr'", "header"], id="unknown-word"),
        pytest.param("{unpivot: {value: x}}", ["'layout.unpivot.value'", "values"], id="unknown-inner-word"),
        pytest.param("{header: 7..5}", ["layout.header", "5..7"], id="header-backwards"),
        pytest.param("{header: {levels: 2}}", ["layout.header", "labels"], id="header-without-a-way"),
        pytest.param('{unpivot: {values: {N: "{month}"}}}', ["amounts"], id="months-of-which-kind"),
        pytest.param('{unpivot: {values: {N: "Jan"}}}', ["values.N", "{year}"], id="no-word-in-braces"),
        pytest.param('{pieces: {Kode: "{a}.{a}"}}', ["{a}"], id="word-twice"),
        pytest.param('{pieces: {Kode: "{a"}}', ["{a"], id="brace-not-closed"),
        pytest.param("{constants: {regio: x}}", ["'regio'", "region"], id="no-column-of-ours"),
        pytest.param("{constants: {realised: x}}", ["'realised'"], id="column-given-twice"),
        pytest.param("{scale: {N: 0}}", ["layout.scale", "N"], id="factor-zero"),
        pytest.param("{checks: {N: {percent: [A]}}}", ["checks.N", "percent"], id="percent-of-what"),
        pytest.param("{sheet: A}", ["layout.sheet", "csv"], id="sheet-of-a-csv"),
        pytest.param("{}", ["'record'", "layout.constants"], id="column-that-nothing-gives"),
    ],
)
def test_a_layout_that_cannot_be_used_is_named_with_its_place(
    tmp_path: Path, layout: str, named: list[str]
) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(
        f"sources: [{{name: a, kind: csv, path: x, columns: {{N: realised}}, layout: {layout}}}]", "utf-8"
    )
    with pytest.raises(SourcesError) as raised:
        load_sources(path)
    assert "\n" not in str(raised.value)
    assert [text for text in named if text not in str(raised.value)] == []


def test_the_example_of_the_runbook(tmp_path: Path) -> None:
    page = (PROJECT_DIR / "docs/runbooks/layout.md").read_text()
    (table,) = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    (tmp_path / "sources.yaml").write_text(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0])
    (source,) = load_sources(tmp_path / "sources.yaml")
    spec = ReadingSpec.from_json(source.canonical_json())
    rows = _read(RawFile("bulanan.csv", table.encode()), spec)
    assert _values(rows, "region", "period", "service", "target", "realised", "realised_place") == [
        ("KABUPATEN ACEH TENGAH", "2024-Q1", "K-KES-01", "1200", "300", "L4:D+E+F"),
        ("KABUPATEN ACEH TENGAH", "2024-Q2", "K-KES-01", "1200", "580", "L4:D+E+F+G+H+I"),
        ("KABUPATEN ACEH TENGAH", "2024-Q1", "K-KES-02", "1100", "250", "L5:D+E+F"),
        ("KABUPATEN ACEH TENGAH", "2024-Q2", "K-KES-02", "1100", "520", "L5:D+E+F+G+H+I"),
    ]
    assert _refused(rows) == []


def test_every_word_stands_in_the_runbook() -> None:
    from pipelines.submissions.layout import Layout

    page = (PROJECT_DIR / "docs/runbooks/layout.md").read_text()
    assert [word for word in Layout.model_fields if f"`{word}`" not in page] == []


@pytest.mark.parametrize(
    ("percent", "is_found"),
    [("89,14 %", False), ("89.1%", False), ("89%", False), ("89,16%", True), ("90%", False), ("91%", True)],
)
def test_a_percent_agrees_with_its_columns_to_its_last_digit(percent: str, is_found: bool) -> None:
    spec = _made({"checks": {"P": {"percent": ["R", "T"]}}}, {"R": "realised", "T": "target"})
    rows = _csv(f"R;T;P\n1100;1234;{percent}\n0;0;0%\n", spec)
    assert _values(rows, "target") == [("1234",), ("0",)]
    assert _refused(rows) == [("LAY-003", "L2:C")] * is_found
