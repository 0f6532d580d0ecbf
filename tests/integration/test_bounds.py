"""What is sent costs no more than it may: text, rows, records, memory and time are bounded, and named."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.build import steps
from pipelines.landing import raw_store
from pipelines.readers import reading
from pipelines.registry.periods import Period
from pipelines.reports.form import write_form
from pipelines.settings import MB, PROJECT_DIR, Limits, Settings
from pipelines.sources.config import load_sources
from pipelines.sources.rest import connector as rest
from pipelines.sources.rest.spec import RestSource
from pipelines.sources.source import SourceUnavailable, UnknownShape
from tests.integration.home import document, put, settings_of, take_in
from tests.unreliable_server import Portal, Reply

pytestmark = pytest.mark.attack("memory and time")

Q4 = "2024-Q4"
ROW = {
    "record": "achievement",
    "region": "64.71",
    "period": Q4,
    "service": "K-PEND-01",
    "component": "recipients",
    "target": "100",
    "realised": "90",
}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    found = settings_of(tmp_path)
    put(tmp_path / "inbox/baik.csv", document([ROW]))
    return found


def _landed(home: Settings, kind: str = "documents") -> list[dict[str, Any]]:
    files = [str(path) for path in home.landing.glob(f"*/*.{kind}.parquet")]
    found = duckdb.execute("select * from read_parquet($files) order by all", {"files": files})
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _said(home: Settings) -> dict[str, tuple[str | None, str | None, int]]:
    return {
        found["name"]: (found["reject_rule"], found["reject_value"], found["row_count"])
        for found in _landed(home)
    }


def _form_of_one_text(letters: int, rows: int) -> bytes:
    """A valid form whose one long text is stored once and used in each of its rows."""
    row = {
        "record": "achievement",
        "sector": "kesehatan",
        "service": "K-KES-01",
        "component": "goods_services",
    }
    row |= {"item": "alat", "target": "10", "realised": "9", "note": "catatan " * (letters // 8)}
    buffer = io.BytesIO()
    write_form(
        buffer,
        region_code="64.71",
        region_name="Kota Balikpapan",
        period=Q4,
        rows=[row] * rows,
        version="spm-2",
    )
    return buffer.getvalue()


def test_one_text_that_a_form_uses_a_thousand_times_is_refused_by_what_it_becomes(tmp_path: Path) -> None:
    home = settings_of(tmp_path)
    assert home.sources_file is not None
    home.sources_file.write_text("sources:\n- {name: meja, kind: workbook, path: inbox/*.xlsx}\n")
    form = _form_of_one_text(16_000, 1000)
    assert len(form) < 100_000
    put(tmp_path / "inbox/besar.xlsx", form)
    put(tmp_path / "inbox/kecil.xlsx", _form_of_one_text(80, 1000))
    take_in(home, [Q4])
    assert _said(home) == {
        "besar.xlsx": ("DOC-011", "16 MB > 2 MB isi baris / of rows", 0),
        "kecil.xlsx": (None, None, 1000),
    }
    (refused,) = (found for found in _landed(home) if found["reject_rule"])
    assert (refused["reject_region"], refused["reject_period"]) == ("64.71", Q4)


def test_a_value_that_is_too_long_costs_its_row_alone(home: Settings) -> None:
    long = "x" * (Limits().cell_letters + 1)
    rows = [{**ROW, "realised": "1"}, {**ROW, "note": long}, {**ROW, "region": long, "note": long}]
    put(home.home.parent / "inbox/panjang.csv", document(rows))
    take_in(home, [Q4])
    found = [row for row in _landed(home, "rows") if row["reject_rule"]]
    assert [(row["reject_rule"], row["region"], row["period"], row["row_place"]) for row in found] == [
        ("ROW-003", "64.71", Q4, "L3"),
        ("ROW-003", None, Q4, "L4"),
    ]
    assert {row["reject_text"] for row in found} == {"note: 32768 > 32767"}
    assert not any(row["note"] or row["realised"] for row in found)
    assert _said(home)["panjang.csv"] == (None, None, 3)


def test_a_line_that_does_not_fit_is_kept_as_far_as_a_cell_holds_text(home: Settings) -> None:
    put(home.home.parent / "inbox/baris.csv", document([ROW]) + b"a,b," + b"x" * 100_000 + b"\n")
    take_in(home, [Q4])
    (found,) = (row for row in _landed(home, "rows") if row["reject_rule"])
    assert (found["reject_rule"], len(found["reject_text"])) == ("ROW-001", Limits().cell_letters)


def test_what_documents_of_a_source_become_together_is_bounded_and_small_ones_are_read(
    home: Settings,
) -> None:
    inbox = home.home.parent / "inbox"
    # 1.4 MB of rows that were sent as 40 kB would each pass alone
    wide = [{**ROW, "note": f"{number}"} for number in range(4000)]
    for name in ("a", "b", "c"):
        put(inbox / f"{name}.csv", document([{**row, "unit": name} for row in wide]))
    tight = replace(home, limits=Limits(landed_ratio=1, source_landed_bytes=1 * MB))
    take_in(tight, [Q4])
    said = _said(tight)
    assert said["baik.csv"] == (None, None, 1)
    refused = [name for name, (rule, _, _) in said.items() if rule == "DOC-011"]
    assert refused
    assert len(refused) < 3


def test_what_a_source_ever_sent_for_a_period_is_bounded_over_runs_and_other_periods_are_read(
    home: Settings,
) -> None:
    inbox = home.home.parent / "inbox"
    tight = replace(home, limits=Limits(period_landed_bytes=1 * MB))
    wide = [{**ROW, "note": f"{number}"} for number in range(2500)]
    for run, name in enumerate("abcd"):
        put(inbox / f"{name}.csv", document([{**row, "unit": name} for row in wide]))
        put(inbox / f"kecil-{name}.csv", document([{**ROW, "unit": name}]))
        take_in(replace(tight, now=tight.clock() + timedelta(days=run)), [Q4])
    put(inbox / "lain.csv", document([{**row, "period": "2024-Q3"} for row in wide]))
    take_in(replace(tight, now=tight.clock() + timedelta(days=9)), [Q4])
    said = _said(tight)
    refused = {name: value for name, (rule, value, _) in said.items() if rule == "DOC-011"}
    assert "d.csv" in refused
    assert "a.csv" not in refused
    assert str(refused["d.csv"]).startswith("2 MB > 1 MB isi baris semua dokumen sumber ini untuk 2024-Q4")
    assert said["lain.csv"] == (None, None, 2500)
    assert {said[f"kecil-{name}.csv"][2] for name in "abcd"} == {1}
    # landed anew it is the same: what came earlier counts, whatever the names of the batches
    for landed in home.landing.glob("*/*"):
        landed.unlink()
    take_in(tight, [Q4])
    assert _said(tight) == said


def test_a_source_that_takes_too_long_is_read_in_several_runs_and_named(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_store, "BATCH_SIZE", 2)
    for number in range(4):
        put(home.home.parent / f"inbox/{number}.csv", document([{**ROW, "note": str(number)}]))
    assert home.sources_file is not None
    (spec,) = load_sources(home.sources_file)
    monkeypatch.setattr(reading.Budget, "is_spent", True)
    left = []
    for _ in range(4):
        intake = steps.take_in(home, spec, [Q4])
        left.append([message.split(": ")[1].split(" ")[0] for message in intake.messages])
        assert intake.incomplete == ([Q4] if intake.messages else [])
    # the batches are of two, two and one
    assert left[-2:] == [[], []]
    assert left[0]
    assert len(_landed(home)) == 5


def test_in_a_hurry_a_document_has_a_tenth_of_its_time_and_one_try(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, bool]] = []

    def noted(file: Any, spec: Any, limits: Limits, *, once: bool = False) -> Any:
        asked.append((limits.parse_seconds, once))
        return real(file, spec, limits, once=once)

    real = reading.read_in_child
    monkeypatch.setattr(reading, "read_in_child", noted)
    monkeypatch.setattr(reading.Budget, "is_spent", True)
    take_in(home, [Q4])
    assert asked == [(3, True)]
    assert _said(home)["baik.csv"] == (None, None, 1)


# --- answers of an API


def _spec(portal: Portal, **keys: Any) -> RestSource:
    given = {
        "name": "espm",
        "kind": "rest",
        "url": f"{portal.origin}/capaian",
        "key": "id",
        "records": "data",
        "backoff_seconds": 0.001,
        "attempts": 2,
    }
    return RestSource.model_validate({**given, **keys})


PEAK = """
    import resource, sys
    from pipelines.registry.periods import Period
    from pipelines.sources.rest import connector
    from tests.integration.test_bounds import HOSTILE, _spec
    from tests.unreliable_server import Portal, Reply
    import gzip
    body = gzip.compress(HOSTILE[sys.argv[1]]())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Portal([], fixed=Reply(body=body, headers={"Content-Encoding": "gzip"})) as portal:
        try:
            connector.extract(_spec(portal), Period(2024, 4))
            said = "read"
        except Exception as error:
            said = f"{type(error).__name__} {error}"
    print(len(body), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, said)
"""
HOSTILE = {
    "brackets": lambda: b'{"data":[' + b"[]," * 10_000_000 + b"[]]}",
    "objects": lambda: b'{"data":[' + b"{}," * 8_000_000 + b"{}]}",
    "fields": lambda: b'{"data":[{' + b",".join(b'"%d":1' % n for n in range(3_000_000)) + b"}]}",
    "around": lambda: b'{"data":[{"id":"1"}],"meta":[' + b"[]," * 5_000_000 + b"1]}",
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in {"brackets", "fields"} else [])
        for name in HOSTILE
    ],
)
def test_an_answer_that_unpacks_to_millions_of_objects_ends_in_the_child(name: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PEAK), name],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
        env={"NO_PROXY": "127.0.0.1", "PYTHONPATH": str(PROJECT_DIR), "PATH": ""},
    )
    packed, grown_kb, said = ended.stdout.strip().split(" ", 2)
    assert int(packed) < 8 * MB
    # the bytes of the answer are held once or twice, and nothing that they would be as objects
    assert int(grown_kb) // 1024 < 260, ended.stdout
    # what stands around the rows is left in the child, where that can hold it: the row is read
    assert said == "read" if name == "around" else said.startswith(("UnknownShape", "SourceUnavailable")), (
        said
    )


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        pytest.param(Limits(records=2), "3 rows in one answer > 2", id="rows-of-an-answer"),
        pytest.param(Limits(cells=5), "6 values in one answer > 5", id="values-of-an-answer"),
    ],
)
def test_an_answer_of_too_many_rows_or_values_is_kept_and_refused(limits: Limits, said: str) -> None:
    body = json.dumps({"data": [{"id": str(number), "a": 1} for number in range(3)]}).encode()
    with Portal([], fixed=Reply(body=body)) as portal, pytest.raises(UnknownShape, match=said):
        rest.extract(_spec(portal), Period(2024, 4), limits)


def test_the_records_of_an_extract_are_bounded_over_its_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    from tests.unreliable_server import row

    with Portal([row(number) for number in range(9)], style="number") as portal:
        spec = _spec(portal, pages={"by": "number", "param": "page", "size": 3})
        with pytest.raises(SourceUnavailable, match="SPM_MAX_RECORDS"):
            rest.extract(spec, Period(2024, 4), Limits(records=8))


def test_an_answer_beyond_the_bytes_of_an_unpacked_document_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    body = gzip.compress(b'{"data":["' + b"x" * (3 * MB) + b'"]}')
    reply = Reply(body=body, headers={"Content-Encoding": "gzip"})
    with Portal([], fixed=reply) as portal, pytest.raises(SourceUnavailable, match="2 MB"):
        rest.extract(_spec(portal), Period(2024, 4), Limits(inflated_bytes=2 * MB))
