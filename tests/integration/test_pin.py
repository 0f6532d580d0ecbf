"""A rollback holds: while a release is pinned runs receive, say what is set aside, and publish nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner

from pipelines.build.plan import plan_run
from pipelines.cli.app import app
from pipelines.defs.resources import HomeResource
from pipelines.defs.sensors import new_documents
from pipelines.publish.pin import FILE, PinError, PinnedError, pin_of, set_pin
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from tests.integration.home import document, home_copied, publish_periods, put, settings_of, take_in

pytestmark = pytest.mark.open_gate

PERIOD = "2024-Q4"


def send(settings: Settings, realised: str) -> None:
    """Lay a report into the inbox, later than those before it."""
    row = {"record": "achievement", "region": "64.71", "period": PERIOD, "service": "K-PEND-01"}
    row |= {"component": "recipients", "target": "100", "realised": realised}
    received = datetime(2025, 1, 10, 3, int(realised), tzinfo=UTC)
    put(settings.home.parent / "inbox" / f"{realised}.csv", document([row]), received)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two releases, of which the second was a mistake. Copy it."""
    folder = tmp_path_factory.mktemp("pinned")
    made = settings_of(folder)
    for realised in ("10", "20"):
        send(made, realised)
        publish_periods(made, [PERIOD])
    return folder


@pytest.fixture
def settings(made_once: Path, tmp_path: Path) -> Settings:
    """The same for the test's own."""
    return home_copied(made_once, tmp_path / "copy")


def spm(settings: Settings, *arguments: str) -> Any:
    return CliRunner().invoke(
        app, [*arguments, "--home", str(settings.home)], env={"SPM_NOW": "2025-06-01T10:00:00+07:00"}
    )


def run(settings: Settings) -> Any:
    return spm(settings, "run", PERIOD, "--sources", str(settings.sources_file), "--json")


def test_a_run_receives_and_publishes_nothing_until_the_pin_is_lifted(settings: Settings) -> None:
    releases = Releases(settings.published)
    first = releases.find("r0001")
    said = spm(
        settings, "rollback", "r0001", "--name", "Siti", "--reason", "angka keliru", "--until", "2025-06-30"
    )
    assert said.exit_code == 0, said.output
    assert releases.current_id() == first
    send(settings, "30")

    said = run(settings)
    assert said.exit_code == 6, said.output
    found = json.loads(said.stdout)
    assert found["published"] == []
    assert list(found["set_aside"]) == [PERIOD]
    assert [one["document"] for one in found["documents_aside"]] == ["20.csv", "30.csv"]
    assert (found["pin"]["name"], found["pin"]["reason"], found["pin"]["until"]) == (
        "Siti",
        "angka keliru",
        "2025-06-30",
    )
    assert releases.current_id() == first

    plan = spm(settings, "run", PERIOD, "--sources", str(settings.sources_file), "--plan")
    assert plan.exit_code == 0
    assert {"Siti", "20.csv", "30.csv"} <= set(re.findall(r"\w+\.csv|Siti", plan.stdout))
    listed = json.loads(spm(settings, "releases", "--json").stdout)
    assert [one["is_pinned"] for one in listed] == [True, False]

    assert spm(settings, "release", "unpin").exit_code == 0
    assert plan_run(settings, [PERIOD]).pin is None
    assert list(plan_run(settings, [PERIOD]).build) == [PERIOD]
    assert spm(settings, "release", "unpin").exit_code == 2


def test_the_last_day_of_a_pin_ends_at_midnight_in_jakarta(settings: Settings) -> None:
    last = datetime(2025, 6, 30, 16, 59, tzinfo=UTC)
    set_pin(settings, Releases(settings.published).current_id(), "Siti", "", last.date())
    assert pin_of(replace(settings, now=last)) is not None
    assert pin_of(replace(settings, now=last + timedelta(minutes=1))) is None


def test_the_sensor_takes_in_what_comes_and_asks_for_no_run(settings: Settings) -> None:
    set_pin(settings, Releases(settings.published).current_id(), "Siti", "angka keliru", None)
    send(settings, "30")
    home = HomeResource(path=str(settings.home), sources_file=str(settings.sources_file))
    with dg.build_sensor_context(resources={"home": home}) as context:
        ticks = list(new_documents(context) or [])
    assert [type(tick) for tick in ticks] == [dg.SkipReason]
    assert re.search(f"Siti.*{PERIOD}", str(ticks[0]))
    assert list(plan_run(settings, [PERIOD]).set_aside) == [PERIOD]


def test_nothing_is_published_by_a_run_that_began_before_the_pin(settings: Settings) -> None:
    send(settings, "30")
    take_in(settings, [PERIOD])
    set_pin(settings, Releases(settings.published).current_id(), "Siti", "", None)
    with pytest.raises(PinnedError, match="Siti"):
        publish_periods(settings, [PERIOD])


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"release_id": 1, "name": "a", "reason": "", "until": null}']
)
def test_a_pin_that_cannot_be_read_holds_until_it_is_lifted(content: str, settings: Settings) -> None:
    (settings.published / FILE).write_text(content)
    with pytest.raises(PinError, match="unpin"):
        plan_run(settings, [PERIOD])
    assert run(settings).exit_code == 2
    assert spm(settings, "release", "unpin").exit_code == 0
    assert pin_of(settings) is None


def test_a_pin_needs_a_name_and_a_day_to_come(settings: Settings) -> None:
    first = Releases(settings.published).find("r0001")
    for wrong in (["--name", " "], ["--until", "2025-05-31"], ["--until", "besok"]):
        assert spm(settings, "rollback", first, *wrong).exit_code == 2
    assert Releases(settings.published).current_id() != first
    assert spm(settings, "rollback", "previous").exit_code == 0
    assert Releases(settings.published).current_id() == first
