"""What a plan over past quarters warns of: dates that were lost, gaps, sources that failed, registry rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.build.plan import RegistryChange, plan_run
from pipelines.cli.app import app
from tests.integration.home import NOW, document, publish_periods, put, settings_of
from tests.integration.test_sector_blocking import BALIKPAPAN, health

SOURCES = """
sources:
- {name: archive, kind: csv, path: "archive/**/*.csv"%s}
- {name: portal, kind: csv, path: "http://127.0.0.1:9/{period}.csv", periods: 2018-Q4..2018-Q4}
"""


def plan(folder: Path, sources: str, *, code: int) -> dict[str, Any]:
    """The plan over two years, asked of the command line."""
    (folder / "sources.yaml").write_text(sources, encoding="utf-8")
    asked = ["run", "2018-Q4..2019-Q3", "--plan", "--json", "--sources", str(folder / "sources.yaml")]
    done = CliRunner().invoke(app, [*asked, "--home", str(folder / "home")], env={"SPM_NOW": NOW.isoformat()})
    assert done.exit_code == code, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Documents of three quarters of the past, two beside a gap, that lie there with the dates of then."""
    for year, quarter in ((2018, 4), (2019, 1), (2019, 3)):
        rows = ({**row, "period": f"{year}-Q{quarter}"} for row in health(BALIKPAPAN, "200", "90"))
        received = datetime(year + quarter // 4, 3 * quarter % 12 + 1, 10, tzinfo=UTC)
        put(tmp_path / "archive" / f"{year}-{quarter}.csv", document(rows), received)
    return tmp_path


def test_documents_that_count_as_received_years_later_are_counted(archive: Path) -> None:
    one_source = "\n".join(SOURCES.splitlines()[:3])
    found = plan(archive, one_source % "", code=0)
    late = [
        (one["period"], one["documents"], one["years"], one["receipt_time"]) for one in found["long_after"]
    ]
    assert late == [("2018-Q4", 1, 6, "seen"), ("2019-Q1", 1, 6, "seen"), ("2019-Q3", 1, 5, "seen")]
    assert found["skipped"] == found["gaps"] == ["2019-Q2"]


def test_copies_that_lost_their_dates_are_named_where_the_time_of_the_store_counts(
    archive: Path,
) -> None:
    one_source = "\n".join(SOURCES.splitlines()[:3])
    copied = archive / "archive" / "2018-4.csv"
    put(copied, copied.read_bytes(), datetime(2025, 5, 1, tzinfo=UTC))
    found = plan(archive, one_source % ", receipt_time: store", code=0)
    assert [(one["period"], one["receipt_time"]) for one in found["long_after"]] == [("2018-Q4", "store")]


def test_a_source_that_failed_is_named_with_its_reason_and_ends_the_plan_with_3(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.sources.files.fetching.ATTEMPTS", 1)
    found = plan(archive, SOURCES % ", receipt_time: store", code=3)
    assert list(found["incomplete"]) == ["portal"]
    assert all(
        len(message) < 400 and "\n" not in message for message in found["incomplete"]["portal"]["messages"]
    )
    assert sorted(found["build"]) == ["2018-Q4", "2019-Q1", "2019-Q3"]


def test_a_row_without_a_quarter_builds_every_period_and_the_plan_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path)
    put(tmp_path / "inbox" / "q4.csv", document(health(BALIKPAPAN, "200", "90")))
    publish_periods(settings, ["2024-Q4"])
    since = RegistryChange.since

    def changed(*given: Any) -> RegistryChange:
        """The change as it would be found, had a unit another word when the release was made."""
        monkeypatch.setattr("pipelines.provenance.code.registry_sha256", lambda: "another")
        found = since(*given)
        assert found is not None
        units = found.before["units"]
        units[0].cells["unit"] += " lama"
        return found

    monkeypatch.setattr(RegistryChange, "since", changed)
    monkeypatch.setattr("pipelines.build.plan.registry_digest", lambda _: "another")
    planned = plan_run(settings, ["2024-Q4"])
    assert planned.registry_wide == ["units"]
    assert "(units)" in planned.build["2024-Q4"][0]
