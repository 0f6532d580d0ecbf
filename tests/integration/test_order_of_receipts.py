"""Which of several documents of a region counts: the one that came last, whatever their files and senders say
of the time; and what came keeps its place, however often a run is repeated or its sources are read anew."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from pipelines.landing.raw_store import RawStore
from pipelines.settings import Settings
from tests.integration.home import NOW, build_periods, document, put, query, settings_of, take_in

pytestmark = pytest.mark.open_gate

PERIOD = "2024-Q4"
MODELS = ["mart_document", "fct_indicator", "mart_compliance", "mart_finding"]
JANUARY = datetime(2025, 1, 10, 3, tzinfo=UTC)
KEYS = ("record", "region", "period", "service", "component", "target")
VALUES = ("achievement", "64.71", PERIOD, "K-KES-01", "recipients", "1000")


def report(realised: int, **said: str) -> bytes:
    return document([dict(zip(KEYS, VALUES, strict=True)) | {"realised": str(realised)} | said])


def later(settings: Settings, hours: int) -> Settings:
    return replace(settings, now=NOW + timedelta(hours=hours))


def counted(settings: Settings) -> int:
    (row,) = query(
        "select realised from marts.fct_indicator where region_code = '64.71' and realised is not null",
        build_periods(settings, [PERIOD], models=MODELS),
    )
    return int(row["realised"])


def rules_found(settings: Settings) -> set[str]:
    work_file = settings.home / "work" / "test" / "work.duckdb"
    found = query("select rule_id from marts.mart_finding where rule_id like 'TIM%'", work_file)
    return {row["rule_id"] for row in found}


def receipts(settings: Settings) -> list[tuple[str, int, bool]]:
    every = sorted(RawStore(settings.raw).receipts(), key=lambda receipt: (receipt.intake, receipt.name))
    return [(receipt.name, receipt.intake, receipt.is_again) for receipt in every]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


def test_what_a_later_intake_brings_counts_though_its_file_is_older(
    settings: Settings, tmp_path: Path
) -> None:
    put(tmp_path / "inbox" / "a.csv", report(100, submitted_at="2025-01-10T09:00:00+07:00"), JANUARY)
    take_in(settings, [PERIOD])
    put(tmp_path / "inbox" / "b.csv", report(900), JANUARY - timedelta(days=2))
    take_in(later(settings, 1), [PERIOD])
    assert counted(settings) == 900


def test_within_one_intake_the_time_of_the_store_decides_and_no_time_of_sending_does(
    settings: Settings, tmp_path: Path
) -> None:
    put(tmp_path / "inbox" / "a.csv", report(900), JANUARY)
    put(
        tmp_path / "inbox" / "b.csv",
        report(100, submitted_at="2025-01-12T09:00:00+07:00"),
        JANUARY - timedelta(1),
    )
    take_in(settings, [PERIOD])
    assert counted(settings) == 900


def test_the_same_bytes_after_others_count_again_and_are_told(settings: Settings, tmp_path: Path) -> None:
    for hours, (name, realised) in enumerate([("a", 100), ("b", 900), ("c", 100)]):
        put(tmp_path / "inbox" / f"{name}.csv", report(realised), JANUARY + timedelta(hours=hours))
        take_in(later(settings, hours), [PERIOD])
    assert receipts(settings) == [("a.csv", 1, False), ("b.csv", 2, False), ("c.csv", 3, True)]
    assert counted(settings) == 100
    assert "TIM-004" in rules_found(settings)


def test_a_file_that_is_put_back_with_its_old_time_counts_again(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "inbox" / "a.csv"
    for hours, realised in enumerate([100, 900, 100]):
        put(path, report(realised), JANUARY + timedelta(hours=realised))
        take_in(later(settings, hours), [PERIOD])
    assert receipts(settings) == [("a.csv", 1, False), ("a.csv", 2, False), ("a.csv", 3, True)]
    assert counted(settings) == 100


def test_a_repeated_intake_receives_nothing_and_a_new_way_of_reading_keeps_the_order(
    settings: Settings, tmp_path: Path
) -> None:
    assert settings.sources_file is not None
    put(tmp_path / "inbox" / "new.csv", report(100), JANUARY)
    take_in(settings, [PERIOD])
    put(tmp_path / "inbox" / "old.csv", report(900), JANUARY - timedelta(days=2))
    put(tmp_path / "inbox" / "again.csv", report(100), JANUARY - timedelta(days=3))
    take_in(later(settings, 1), [PERIOD])
    before = receipts(settings)
    take_in(later(settings, 2), [PERIOD])
    assert receipts(settings) == before
    assert counted(settings) == 900
    with settings.sources_file.open("a", encoding="utf-8") as file:
        file.write("  timezone: WITA\n")
    take_in(later(settings, 3), [PERIOD])
    assert sorted({(name, intake) for name, intake, _ in receipts(settings)}) == sorted(
        {(name, intake) for name, intake, _ in before}
    )
    assert len(receipts(settings)) == 2 * len(before)
    assert counted(settings) == 900


def test_both_times_are_kept_and_the_one_that_counts_is_as_the_source_declares(
    settings: Settings, tmp_path: Path
) -> None:
    assert settings.sources_file is not None
    put(tmp_path / "inbox" / "a.csv", report(100), JANUARY)
    text = settings.sources_file.read_text(encoding="utf-8")
    settings.sources_file.write_text(text.replace("  receipt_time: store\n", ""), encoding="utf-8")
    take_in(settings, [PERIOD])
    (receipt,) = RawStore(settings.raw).receipts()
    assert (receipt.receipt_time, receipt.received_at) == ("seen", receipt.seen_at)
    assert datetime.fromisoformat(receipt.seen_at) == NOW
    assert datetime.fromisoformat(receipt.stored_at) == JANUARY
    counted(settings)
    work_file = settings.home / "work" / "test" / "work.duckdb"
    (row,) = query("select receipt_time, received_at from marts.mart_document", work_file)
    assert (row["receipt_time"], row["received_at"].astimezone(UTC)) == ("seen", NOW)


# 2024-Q4 closes at midnight of 2025-01-20 in Jakarta; the receipt is later
CLOSE = {
    "WITA, half past midnight": ("2025-01-21T00:30:00+08:00", None, "64.71", "on_time"),
    "written WITA": ("2025-01-21 00.30 WITA", None, "64.71", "on_time"),
    "an hour later": ("2025-01-21T01:00:00+08:00", None, "64.71", "late"),
    "WIT": ("2025-01-21 01:59 WIT", None, "91.03", "on_time"),
    "WIT, late": ("2025-01-21 02:00 WIT", None, "91.03", "late"),
    "the source's zone": ("2025-01-21 00:30:00", "Asia/Makassar", "31", "on_time"),
    "the source's offset": ("2025-01-20 17:00:00", "+00:00", "31", "late"),
    "the region's zone": ("2025-01-21 00:30:00", None, "64.71", "on_time"),
    "the region's zone, western": ("2025-01-21 00:30:00", None, "32.73", "late"),
    "before the period": ("2024-09-30T23:59:59+07:00", None, "64.71", "late"),
    "after the receipt": ("2052-01-12T10:00:00+07:00", None, "64.71", "late"),
    "for ever": ("infinity", None, "64.71", "late"),
    "for ever ago": ("-infinity", None, "64.71", "late"),
}


@pytest.mark.parametrize("case", CLOSE)
def test_at_the_close_of_a_window_a_time_is_read_by_its_zone(case: str, tmp_path: Path) -> None:
    said, zone, region, timeliness = CLOSE[case]
    settings = settings_of(tmp_path)
    assert settings.sources_file is not None
    with settings.sources_file.open("a", encoding="utf-8") as file:
        file.write(f"  timezone: '{zone}'\n" if zone else "")
    service = "P-KES-01" if len(region) == 2 else "K-KES-01"
    put(
        tmp_path / "inbox" / "a.csv",
        report(900, region=region, service=service, submitted_at=said),
        datetime(2025, 2, 1, tzinfo=UTC),
    )
    take_in(settings, [PERIOD])
    work_file = build_periods(settings, [PERIOD], models=["mart_compliance"])
    found = query(
        "select timeliness from marts.mart_compliance where region_code = $region", work_file, region=region
    )
    assert found == [{"timeliness": timeliness}]


def test_receipts_of_before_are_read_as_they_counted(settings: Settings, tmp_path: Path) -> None:
    put(tmp_path / "inbox" / "a.csv", report(100), JANUARY)
    put(tmp_path / "inbox" / "b.csv", report(900), JANUARY - timedelta(days=1))
    take_in(settings, [PERIOD])
    later_keys = {"receipt_time", "stored_at", "seen_at", "intake", "read_in", "is_again"}
    (batch,) = RawStore(settings.raw).batches()
    lines = [json.loads(line) for line in batch.read_text(encoding="utf-8").splitlines()]
    old = [{key: value for key, value in line.items() if key not in later_keys} for line in lines]
    content = "".join(json.dumps(line) + "\n" for line in old).encode()
    batch.unlink()
    batch.with_name(f"inbox-{sha256(content).hexdigest()[:16]}.ndjson").write_bytes(content)
    shutil.rmtree(settings.landing)
    take_in(later(settings, 1), [PERIOD])
    assert len(receipts(settings)) == 2
    for landed in settings.landing.rglob("*.parquet"):
        landed.unlink()
    take_in(later(settings, 2), [PERIOD])
    assert counted(settings) == 100
