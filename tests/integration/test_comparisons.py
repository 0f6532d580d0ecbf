"""What a quarter is compared with is the same whether one run built it or an earlier release holds it.

And what changes there builds again what was compared with it, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.build.check_files import check_files, readings_of
from pipelines.build.plan import left_behind, plan_run
from pipelines.registry.catalogue import services_owed
from pipelines.registry.comparisons import compared_with
from pipelines.registry.periods import Period
from pipelines.settings import Settings
from pipelines.warehouse import dbt
from tests.integration.home import document, publish_periods, published, put, query, settings_of

BALIKPAPAN, KUTIM = "64.71", "64.08"
YEARS = ("2021-Q4", "2022-Q4", "2023-Q4")
PERIODS = (*YEARS, "2024-Q3", "2024-Q4")
SERVICES = [service.service_code for service in services_owed("regency_city", Period(2024, 4))]
DAY = datetime(2025, 1, 10, 3, tzinfo=UTC)


def _results(region: str, period: str, realised: Iterable[int], target: int = 9000) -> list[dict[str, str]]:
    return [
        {
            "record": "achievement",
            "region": region,
            "period": period,
            "service": service,
            "component": "recipients",
            "target": str(target),
            "realised": str(value),
        }
        for service, value in zip(SERVICES, realised, strict=False)
    ]


def _budget(region: str, period: str, allocated: int) -> dict[str, str]:
    where = {"record": "budget", "region": region, "period": period, "sector": "kesehatan"}
    return where | {"target": str(allocated), "realised": "1000000"}


def _rows(period: str) -> list[dict[str, str]]:
    """A region whose last quarter breaks every rule that looks back, and one that is as it ever was."""
    is_last = period == "2024-Q4"
    usual = [1000 + 13 * number for number in range(len(SERVICES))]
    # nobody served, a slip, a swap, a target changed; and far fewer services than in the quarter before
    broken = [0, 10130, 9000, 1039] if is_last else usual
    rows = _results(BALIKPAPAN, period, broken) + _results(KUTIM, period, usual)
    if is_last:
        rows[2] |= {"target": "1026"}
        rows[3] |= {"target": "9100"}
    return [*rows, _budget(BALIKPAPAN, period, 5_000_000 if is_last else 5_000_000_000)]


def _settings(folder: Path, periods: Iterable[str]) -> Settings:
    settings = settings_of(folder)
    for period in periods:
        put(folder / "inbox" / f"{period}.csv", document(_rows(period)), DAY)
    return settings


def _findings(settings: Settings) -> list[tuple[object, ...]]:
    told = ("rule_id", "region_code", "period", "source_ref", "value", "message_id")
    found = [row for row in published(settings, "mart_finding") if row["status"] != "fixed"]
    return sorted(tuple(row[name] for name in told) for row in found)


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = _settings(tmp_path_factory.mktemp("at-once"), PERIODS)
    publish_periods(settings, PERIODS)
    return settings


def test_earlier_quarters_say_the_same_from_the_release_as_from_the_run(
    at_once: Settings, tmp_path: Path
) -> None:
    one_by_one = _settings(tmp_path, PERIODS)
    publish_periods(one_by_one, PERIODS[:-1])
    publish_periods(one_by_one, PERIODS[-1:])
    assert _findings(one_by_one) == _findings(at_once)
    last = {
        rule for rule, region, period, *_ in _findings(at_once) if (region, period) == (BALIKPAPAN, "2024-Q4")
    }
    assert {"OUT-001", "VAL-010", "VAL-011", "VAL-009", "BUD-001", "OUT-003"} <= last
    assert ("CPY-001", KUTIM, "2024-Q4") in {tuple(found[:3]) for found in _findings(at_once)}


def test_what_is_compared_with_a_changed_quarter_is_built_again_and_no_more_than_that(
    at_once: Settings,
) -> None:
    assert plan_run(at_once, PERIODS).build == {}
    put(
        at_once.home.parent / "inbox" / "susulan.csv",
        document(_results(BALIKPAPAN, "2021-Q4", [8000] * 12)),
        datetime(2025, 2, 1, tzinfo=UTC),
    )
    publish_periods(at_once, PERIODS[:1])  # received, and its own quarter built
    before = _findings(at_once)
    publish_periods(at_once, ["2022-Q4", "2023-Q4", "2024-Q4"])
    planned = _findings(at_once)
    assert planned != before
    assert publish_periods(at_once, PERIODS).is_new is False
    assert _findings(at_once) == planned


def test_a_late_document_plans_the_quarters_that_look_back_on_it(tmp_path: Path) -> None:
    settings = _settings(tmp_path, PERIODS)
    publish_periods(settings, PERIODS)
    put(
        tmp_path / "inbox" / "susulan.csv",
        document(_results(BALIKPAPAN, "2022-Q4", [8000] * 12)),
        datetime(2025, 2, 1, tzinfo=UTC),
    )
    _receive(settings)
    plan = plan_run(settings, PERIODS)
    assert plan.build == {
        "2022-Q4": ["dokumen baru / new documents"],
        "2023-Q4": ["2022-Q4: berubah / changed"],
        "2024-Q4": ["2022-Q4: berubah / changed"],
    }
    assert plan.unchanged == ["2021-Q4", "2024-Q3"]


@pytest.mark.slow
def test_a_late_quarter_that_is_published_alone_leaves_those_behind_that_look_back_on_it(
    tmp_path: Path,
) -> None:
    settings = _settings(tmp_path, PERIODS)
    publish_periods(settings, PERIODS)
    assert left_behind(settings) == {}
    put(
        tmp_path / "inbox" / "susulan.csv",
        document(_results(BALIKPAPAN, "2024-Q3", [8000] * 12)),
        datetime(2025, 2, 1, tzinfo=UTC),
    )
    publish_periods(settings, ["2024-Q3"])
    assert list(left_behind(settings)) == ["2024-Q4"]
    assert plan_run(settings, ["2024-Q4"]).build == {"2024-Q4": ["2024-Q3: berubah / changed"]}
    publish_periods(settings, ["2024-Q4"])
    assert plan_run(settings, PERIODS).build == {}
    assert left_behind(settings) == {}


def test_the_plan_knows_what_the_models_compare_with(at_once: Settings) -> None:
    work_file = at_once.work / "test" / dbt.WORK_FILE_NAME
    found = query("select period, compared_period from intermediate.int_periods__compared", work_file)
    built = {row["period"] for row in found}
    assert {(row["period"], row["compared_period"]) for row in found} == {
        (period, str(before)) for period in built for before in compared_with(Period.parse(period))
    }
    assert len(compared_with(Period(2024, 4))) == 8


def test_a_check_says_nothing_of_history_and_receipt(tmp_path: Path) -> None:
    put(tmp_path / "laporan.csv", document(_rows("2024-Q4")), datetime(2026, 1, 1, tzinfo=UTC))
    rules = {found["rule_id"] for found in check_files(readings_of([tmp_path / "laporan.csv"]))}
    assert "VAL-001" in rules
    assert not rules & {
        "VAL-009",
        "VAL-010",
        "VAL-011",
        "OUT-001",
        "OUT-003",
        "CPY-001",
        "TIM-002",
        "TIM-003",
    }


def _receive(settings: Settings) -> None:
    from pipelines.build import steps
    from pipelines.sources.config import load_sources

    assert settings.sources_file is not None
    for spec in load_sources(settings.sources_file):
        steps.take_in(settings, spec, PERIODS)
