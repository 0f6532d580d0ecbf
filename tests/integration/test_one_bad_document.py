"""One bad document never stops the others: whatever its name, bytes or time, it is received or refused."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from pipelines.build import steps
from pipelines.landing import landed_rows
from pipelines.landing.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.sources.config import load_sources
from pipelines.submissions.file_facts import LONGEST_NAME, clean_name, clean_place
from pipelines.submissions.unfetched import is_unfetched, placeholder
from pipelines.warehouse.unread import held_back
from tests.integration.home import build_periods, document, put, settings_of, take_in

pytestmark = pytest.mark.attack("hostile documents")

Q4 = "2024-Q4"
HONEST = {
    "record": "achievement",
    "region": "64.71",
    "period": Q4,
    "service": "K-PEND-01",
    "component": "recipients",
    "target": "100",
    "realised": "90",
}
NOT_UTF_8 = b"laporan \xff\xfe 2024-Q4.csv"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    found = settings_of(tmp_path)
    put(tmp_path / "inbox/baik.csv", document([HONEST]))
    return found


def _put(home: Settings, name: bytes, content: bytes, modified_at: float = 1_736_000_000) -> None:
    path = os.path.join(os.fsencode(home.home.parent / "inbox"), name)
    with open(path, "wb") as file:
        file.write(content)
    os.utime(path, (modified_at, modified_at))


def _landed(home: Settings) -> list[dict[str, Any]]:
    """What is said of each document that is landed, by name."""
    files = [str(path) for path in home.landing.glob("*/*.documents.parquet")]
    found = duckdb.execute("select * from read_parquet($files) order by name", {"files": files})
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _row_counts(home: Settings) -> dict[str, int]:
    return {found["name"]: found["row_count"] for found in _landed(home)}


def test_a_name_that_is_not_utf_8_is_kept_as_its_bytes_and_stops_nothing(home: Settings) -> None:
    _put(home, NOT_UTF_8, b"%PDF-1.7 bukan laporan")
    take_in(home, [Q4])
    assert _row_counts(home) == {"baik.csv": 1, "laporan %FF%FE 2024-Q4.csv": 0}
    work_file = build_periods(home, [Q4], models=["mart_finding"])
    with duckdb.connect(str(work_file), read_only=True) as connection:
        told = connection.execute(
            "select rule_id, documents.name from marts.mart_finding"
            " inner join staging.stg_landing__documents as documents"
            " on left(source_ref, 12) = documents.document_id where rule_id like 'DOC-%'"
        ).fetchall()
    assert told == [("DOC-010", "laporan %FF%FE 2024-Q4.csv")]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(b"\x1b[2J\x1b]0;a\x07.csv", id="moves-the-cursor"),
        pytest.param(b"laporan\n2024-Q4.csv", id="two-lines"),
        pytest.param("\u202evsc.exe".replace("exe", "csv").encode(), id="runs-backwards"),
        pytest.param(b"x" * 251 + b".csv", id="as-long-as-can-be"),
        pytest.param("\u2028\u200b\ufeff.csv".encode(), id="invisible"),
        pytest.param(b"'; drop table--.csv", id="a-quote"),
    ],
)
def test_a_name_of_a_sender_is_one_line_of_letters(home: Settings, name: bytes) -> None:
    _put(home, name, document([{**HONEST, "region": "64.72"}]))
    take_in(home, [Q4])
    counts = _row_counts(home)
    assert list(counts.values()) == [1, 1]
    assert all(found.isprintable() and len(found) <= LONGEST_NAME for found in counts)
    assert all(found.endswith("csv") for found in counts)


@pytest.mark.parametrize("seconds", [-(10**9), 0, 2**33, 10**10])
def test_a_time_that_cannot_be_is_none(home: Settings, seconds: int) -> None:
    _put(home, b"jam.csv", document([{**HONEST, "region": "64.72"}]), seconds)
    take_in(home, [Q4])
    found = next(one for one in _landed(home) if one["name"] == "jam.csv")
    assert (found["row_count"], found["stored_at"], found["receipt_time"]) == (1, None, "seen")
    assert found["received_at"] == home.now


def test_a_home_that_holds_a_receipt_of_such_a_name_recovers_by_itself(home: Settings) -> None:
    take_in(home, [Q4])
    receipts = next((home.raw / "receipts").glob("*.ndjson"))
    kept = json.loads(receipts.read_text())
    kept["name"] = kept["origin"] = os.fsdecode(NOT_UTF_8)
    receipts.unlink()
    content = (json.dumps(kept) + "\n").encode()
    named = f"{kept['source']}-{hashlib.sha256(content).hexdigest()[:16]}.ndjson"
    receipts.with_name(named).write_bytes(content)
    for landed in home.landing.glob("*/*"):
        landed.unlink()
    take_in(home, [Q4])
    assert _row_counts(home) == {"baik.csv": 0, "laporan %FF%FE 2024-Q4.csv": 1}


def test_a_name_that_was_cleaned_is_the_same_document_at_the_next_run(home: Settings) -> None:
    _put(home, NOT_UTF_8, document([{**HONEST, "region": "64.72"}]))
    take_in(home, [Q4])
    later = replace(home, now=home.clock().replace(year=2026))
    intake = steps.take_in(later, load_sources(home.sources_file)[0], [Q4])  # type: ignore[arg-type]
    assert (intake.seen, intake.new) == (2, 0)


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours that one text meets while its document is landed."""
    real = landed_rows.written_period

    def faulty(text: str) -> Any:
        if text == "meledak":
            raise ZeroDivisionError("planted \x1b fault")
        return real(text)

    monkeypatch.setattr(landed_rows, "written_period", faulty)


@pytest.mark.usefixtures("breaking")
def test_a_fault_of_ours_that_a_document_meets_is_its_refusal_alone(home: Settings) -> None:
    _put(home, b"buruk 2024-Q4.csv", document([{**HONEST, "period": "meledak"}]))
    take_in(home, [Q4])
    assert _row_counts(home) == {"baik.csv": 1, "buruk 2024-Q4.csv": 0}
    (refused,) = held_back(home.landing, [Q4])
    assert (refused.rule_id, refused.document) == ("DOC-016", "buruk 2024-Q4.csv")
    assert "planted %1B fault" in str(refused)


@pytest.mark.parametrize(
    "content",
    [
        b'{"spm:unfetched": ',
        b'{"spm:unfetched": 1}',
        b'{"spm:unfetched": 1, "size_bytes": "x", "limit_bytes": []}',
    ],
)
def test_lines_that_look_like_our_placeholder_are_a_document_as_any_other(
    home: Settings, content: bytes
) -> None:
    _put(home, b"tipuan.csv", content)
    take_in(home, [Q4])
    assert _row_counts(home) == {"baik.csv": 1, "tipuan.csv": 0}


def test_the_placeholder_of_a_very_long_name_is_one() -> None:
    found = is_unfetched(placeholder("\udcff" * 10_000 + "n" * 10_000, 7 * 2**20, "\udcff" * 9000, 2**20))
    assert found is not None
    assert found.value == "7.0 MB > 1.0 MB"


def test_two_places_never_become_one() -> None:
    places = ["a\x80", "a\udc80", "a%80", "x" * 5000, "x" * 4999 + "y", "a\n", "a%0A"]
    assert len({clean_place(place) for place in places}) == len(places)
    assert all(len(clean_place(place)) <= 1000 for place in places)


NAMES = st.binary(min_size=1, max_size=240).filter(lambda name: not {0, 47} & {*name} and name[:1] != b".")
PIECES = st.sampled_from(
    [
        b"record,region,period,service,component,target,realised\n",
        b"achievement,64.72,2024-Q4,K-PEND-01,",
        *(b"recipients,10,9\n", b'"', b"\0", b"\xff\xfe", b"PK\x03\x04", b'="64.72"', b"1e400"),
        *(b"\xed\xa0\x80", b"2024-Q9", b";", b"\r", b"9" * 400),
        *("\u0662\u0660\u0662\u0664-Q\u0664".encode(), "\u00b2".encode()),
    ]
)
CONTENT = st.one_of(st.binary(max_size=400), st.lists(PIECES, max_size=30).map(b"".join))
TIMES = st.one_of(st.integers(-(2**31), 2**34), st.floats(0, 2e9))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(files=st.lists(st.tuples(NAMES, CONTENT, TIMES), min_size=1, max_size=6, unique_by=lambda one: one[0]))
def test_whatever_is_put_into_the_inbox_each_document_ends_in_one_place(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[bytes, bytes, float]]
) -> None:
    home = settings_of(tmp_path_factory.mktemp("fuzz"), workers=2)
    honest = document([HONEST])
    put(home.home.parent / "inbox/baik.csv", honest)
    for name, content, modified_at in files:
        _put(home, name + b".csv", content, modified_at)
    take_in(home, [Q4])
    landed = _landed(home)
    names = {found["name"] for found in landed}
    kept = {found["sha256"] for found in landed}
    assert len(landed) == len([*RawStore(home.raw).receipts()])
    for name, content, _ in files:
        # the same bytes under another name, without a time that says that they were sent again, are one
        assert hashlib.sha256(content).hexdigest() in kept
        assert (
            clean_name(os.fsdecode(name + b".csv")) in names or [one[1] for one in files].count(content) > 1
        )
    assert _row_counts(home)["baik.csv"] == 1
    target(sum(found["row_count"] for found in landed))
