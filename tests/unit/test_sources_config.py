"""The sources file is read strictly: what it does not know, it names; what it holds, it keeps as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.registry.periods import Period
from pipelines.sources.config import SourcesError, load_sources
from pipelines.submissions.reading_spec import ReadingSpec

GOOD = """
sources:
  - name: daerah
    kind: csv
    path: inbox/{period}/*.csv
    columns: {Kode: service}
    values: {service: {0101: K-PEND-01, no: K-PEND-02}}
    region_codes: bps
    periods: 2023-Q1..2024-Q4
"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "sources.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_codes_stay_as_they_were_typed(tmp_path: Path) -> None:
    (spec,) = load_sources(_file(tmp_path, GOOD))
    assert spec.values["service"] == {"0101": "K-PEND-01", "no": "K-PEND-02"}


def test_a_relative_path_starts_at_the_folder_of_the_file(tmp_path: Path) -> None:
    (spec,) = load_sources(_file(tmp_path, GOOD))
    assert spec.location(Period(2024, 4)) == str(tmp_path / "inbox/2024-Q4/*.csv")


def test_the_stored_spec_reads_back_and_names_no_machine(tmp_path: Path) -> None:
    (spec,) = load_sources(_file(tmp_path, GOOD))
    stored = spec.canonical_json()
    assert str(tmp_path) not in stored
    assert ReadingSpec.from_json(stored).canonical_json() == stored


def test_a_receipt_that_still_holds_the_path_of_its_source_reads_back() -> None:
    stored = '{"kind":"csv","name":"daerah","path":"inbox/*.csv","columns":{"Kode":"service"}}'
    found = ReadingSpec.from_json(stored)
    assert found == ReadingSpec(name="daerah", kind="csv", columns={"Kode": "service"})


def test_a_source_serves_both_ends_of_its_range_and_nothing_beyond(tmp_path: Path) -> None:
    (spec,) = load_sources(_file(tmp_path, GOOD))
    asked = [Period(2022, 4), Period(2023, 1), Period(2024, 4), Period(2025, 1)]
    assert [spec.serves(period) for period in asked] == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param(
            "sources: [{name: a, kind: csv, path: x, pth: y}]", [": a: ", "'pth'"], id="unknown-key"
        ),
        pytest.param(
            "sources: [{name: a, kind: csv, path: x}]\nsource: 1", ["'source'"], id="unknown-top-key"
        ),
        pytest.param("sources: [{name: a, kind: csv}]", [": a: ", "'path'"], id="missing-key"),
        pytest.param(
            "sources: [{name: a, kind: rest, url: 'https://x.id', key: id, path: x}]",
            [": a: ", "'path'"],
            id="key-of-another-kind",
        ),
        pytest.param(
            "sources: [{name: a, kind: rest, url: 'https://ani:rahasia@x.id', key: id}]",
            ["no secret in the address"],
            id="secret-in-the-address",
        ),
        pytest.param(
            "sources: [{name: a, kind: sql, url: 'sqlite:///x', url_env: X, query: select 1, key: id}]",
            ["give one of"],
            id="two-addresses",
        ),
        pytest.param(
            "sources: [{name: a, kind: rest, url: 'https://x.id', key: id, pages: {by: cursor, param: c}}]",
            ["pages.next"],
            id="half-a-page-rule",
        ),
        pytest.param("sources: [{name: a, kind: xml, path: x}]", [": a: kind 'xml': "], id="unknown-kind"),
        pytest.param("sources: [{name: A-1, kind: csv, path: x}]", ["'A-1'"], id="name"),
        pytest.param(
            "sources: [{name: a, kind: csv, path: x}, {name: a, kind: csv, path: y}]",
            ["twice"],
            id="two-of-a-name",
        ),
        pytest.param(
            "sources: [{name: a, kind: csv, path: x, columns: {Nilai: value}}]",
            ["'value'"],
            id="not-our-column",
        ),
        pytest.param("sources: [{name: a, kind: csv, path: '{tw}/x'}]", ["{tw}"], id="unknown-placeholder"),
        pytest.param(
            "sources: [{name: a, kind: csv, path: x, periods: 2024-Q9}]", ["2024-Q9"], id="not-a-range"
        ),
        pytest.param(
            "sources: [{name: a, kind: csv, path: x, periods: 2024-Q4..2024-Q1}]",
            ["backwards"],
            id="backwards",
        ),
        pytest.param("sources: []", ["'sources:'"], id="no-source"),
        pytest.param("sources: [", ["cannot be read"], id="not-yaml"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_the_file_and_what_is_wrong(
    tmp_path: Path, text: str, named: list[str]
) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(SourcesError) as refused:
        load_sources(path)
    message = str(refused.value)
    assert [word for word in [str(path), *named] if word not in message] == []
    assert "\n" not in message
