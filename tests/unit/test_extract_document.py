"""An extract is kept in the source's own words, one document a region and period, and reads back whole."""

from __future__ import annotations

import json
import tracemalloc
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.submissions.extract import Number, as_resubmission, documents, flat, parsed, read, refused
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject, Unread, unread_of

SPEC = ReadingSpec(
    name="espm",
    kind="rest",
    columns={"jenis": "record", "daerah.kode": "region", "triwulan": "period", "capaian": "realised"},
    values={"record": {"A": "achievement"}},
    key=("id",),
)


def _row(number: int, **fields: Any) -> dict[str, Any]:
    record = {"id": number, "jenis": "A", "daerah": {"kode": "64.71"}, "triwulan": "2024-Q4", "capaian": 5}
    return record | {"target": 9} | fields


def _rows(*records: dict[str, Any]) -> list[dict[str, Any]]:
    """Records as they come off the wire: numbers as the texts they were written as."""
    return [flat(record) for record in parsed(json.dumps(records))]


def _read(file: RawFile) -> list[dict[str, Any]]:
    reading = read(file, SPEC)
    assert not isinstance(reading, Reject), reading
    return reading.to_pylist()


def test_each_region_and_period_is_a_document_of_its_own() -> None:
    found = documents(SPEC, _rows(_row(1), _row(2, daerah={"kode": "64.72"}), _row(3, triwulan="2024-Q3")))
    assert [file.name for file in found] == [
        "64.71_2024-Q3.ndjson",
        "64.71_2024-Q4.ndjson",
        "64.72_2024-Q4.ndjson",
    ]


def test_the_order_of_the_rows_does_not_change_the_bytes() -> None:
    rows = _rows(_row(10), _row(9), _row(2))
    assert documents(SPEC, rows) == documents(SPEC, rows[::-1])


def test_a_number_keeps_the_text_it_was_written_as() -> None:
    rows = [flat(record) for record in parsed('[{"id": 1, "daerah": {"kode": 64.70}, "capaian": 1234.50}]')]
    assert rows[0]["capaian"] == Number("1234.50")
    (file,) = documents(SPEC, rows)
    assert b'"capaian":1234.50' in file.content
    assert b'"daerah.kode":64.70' in file.content


def test_a_row_comes_back_in_our_columns_with_its_key_as_its_place() -> None:
    (file,) = documents(SPEC, _rows(_row(7, capaian=12.5, catatan="dua\nbaris\u2028tiga")))
    (row,) = _read(file)
    assert (row["record"], row["region"], row["realised"]) == ("achievement", "64.71", "12.5")
    assert (row["row_place"], row["realised_place"], row["realised_is_number"]) == ("7", "7", True)


def test_the_name_beside_a_code_is_read_with_it() -> None:
    whose = {"kode": "64.71", "nama": "Kota Samarinda"}
    (file,) = documents(SPEC, _rows(_row(1, daerah=whose)))
    assert [row["region"] for row in _read(file)] == ["64.71 Kota Samarinda"]
    assert unread_of(read(file, SPEC)) == []


def test_a_text_that_looks_like_a_number_stays_a_text() -> None:
    (file,) = documents(SPEC, _rows(_row(7, capaian="1.234")))
    (row,) = _read(file)
    assert (row["realised"], row["realised_is_number"]) == ("1.234", False)


def test_a_row_without_its_key_is_kept_with_a_rule() -> None:
    (file,) = documents(SPEC, _rows(_row(1), _row(2, id=None)))
    rows = _read(file)
    held, good = sorted(rows, key=lambda row: row["reject_rule"] is None)
    assert (good["reject_rule"], good["row_place"]) == (None, "1")
    assert (held["reject_rule"], held["row_place"]) == ("ROW-002", "L1")
    assert held["reject_text"].startswith('{"capaian":5')


def test_two_rows_of_one_key_have_two_places() -> None:
    (file,) = documents(SPEC, _rows(_row(1, capaian=5), _row(1, capaian=6)))
    assert [row["row_place"] for row in _read(file)] == ["1", "1#2"]


@pytest.mark.parametrize("field", ["jenis", "capaian", "daerah"])
def test_a_field_that_no_row_has_any_more_rejects_the_document_by_name(field: str) -> None:
    record = _row(1)
    del record[field]
    (file,) = documents(SPEC, _rows(record))
    reading = read(file, SPEC)
    assert isinstance(reading, Reject)
    assert reading.rule_id == "DOC-002"
    assert reading.value.startswith(field)


def test_an_answer_of_unknown_shape_is_kept_and_rejected_with_its_place() -> None:
    file = refused("2024-Q4.ndjson", "$.data", "bukan daftar / not a list", '{"data": {}}')
    assert b'{\\"data\\": {}}' in file.content
    assert read(file, SPEC) == Reject("DOC-006", "$.data", "bukan daftar / not a list")


def _after(file: RawFile, *earlier: RawFile) -> RawFile:
    contents = {sha256(one.content).hexdigest(): one.content for one in earlier}
    return as_resubmission(file, list(contents), contents.__getitem__)


def test_an_extract_that_says_the_same_is_the_same_document() -> None:
    (file,) = documents(SPEC, _rows(_row(1)))
    assert _after(file) == file
    assert _after(file, file) == file


def test_a_return_to_an_earlier_state_is_a_document_of_its_own_with_the_same_rows() -> None:
    (first,) = documents(SPEC, _rows(_row(1, capaian=5)))
    (second,) = documents(SPEC, _rows(_row(1, capaian=6)))
    assert _after(second, first) == second
    third = _after(first, first, second)
    assert third.content != first.content
    assert _read(third) == _read(first)
    assert _after(first, first, second, third) == third
    fourth = _after(second, first, second, third)
    fifth = _after(first, first, second, third, fourth)
    assert len({file.content for file in (first, second, third, fourth, fifth)}) == 5


def test_results_without_a_target_are_refused_and_the_unknown_field_is_named() -> None:
    record = _row(1, sasaran=9)
    del record["target"]
    (file,) = documents(SPEC, _rows(record))
    assert read(file, SPEC) == Reject(
        "DOC-002", "", "target; tidak dikenal / unknown: sasaran", "64.71", "2024-Q4"
    )


def test_fields_that_are_not_read_are_named() -> None:
    (file,) = documents(SPEC, _rows(_row(1, catat="x", servis="y", diubah="z")))
    assert unread_of(read(file, SPEC)) == [
        Unread("DOC-021", "", "catat (note?)"),
        Unread("", "", "diubah"),
        Unread("DOC-021", "", "servis (service?)"),
    ]


def test_rows_are_on_disk_until_their_document_is_asked_for() -> None:
    spec = ReadingSpec(name="espm", kind="rest", key=("id",))
    rows = ({"id": f"{n}", "region": f"64.{n % 90:02}", "note": f"{n:01000}"} for n in range(20_000))
    tracemalloc.start()
    try:
        sizes = [len(file.content) for file in documents(spec, rows)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(sizes), sum(sizes) > 20_000_000) == (90, True)
    # one document and some rows, of twenty megabytes in all
    assert peak < 3_000_000


LETTERS = st.sampled_from(["a", "a\x00", "a b", "a_b", "A", "é", "", "\U0001f600"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("x", "y", "region"), LETTERS)), max_size=12))
def test_documents_and_their_lines_are_ordered_by_their_letters(rows: list[dict[str, str]]) -> None:
    spec = ReadingSpec(name="espm", kind="rest", key=("x", "y"))
    groups: dict[str, list[tuple[list[str], str]]] = {}
    for row in rows:
        line = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
        groups.setdefault(row["region"], []).append(([row["x"], row["y"]], line))
    wanted = ["".join(line for _, line in sorted(lines)).encode() for lines in groups.values()]
    found = [*documents(spec, rows)]
    assert sorted(file.content for file in found) == sorted(wanted)
    names = [(file.name, file.content) for file in found]
    assert names == sorted(names)
