"""Rows of the registry of a home count as those of the seeds do, for dbt and Python; a release keeps them."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from pipelines.build.plan import plan_run
from pipelines.build.rebuild import publish_again, rebuild
from pipelines.provenance.kept_registry import LostRegistryError, read
from pipelines.publish.releases import Releases
from pipelines.registry.home_rows import HOME_SEEDS, read_home_rows, serve, using
from pipelines.registry.periods import Period
from pipelines.registry.seeds import RegistryError, check_registry, read_seed
from pipelines.registry.windows import window_of
from pipelines.settings import PROJECT_DIR, Settings
from tests.integration.home import (
    SEEDS,
    Row,
    document,
    open_gate,
    publish_periods,
    published,
    put,
    query,
    restated,
    settings_of,
)
from tests.integration.test_sector_blocking import BALIKPAPAN, SAMARINDA, health

Q3, Q4 = "2024-Q3", "2024-Q4"
WAIVER = (
    f"W-1,SUB-001,{SAMARINDA},{Q4},{Q4},kesehatan,,Kebakaran kantor,Office burnt,Biro Tapem,900/1,2025-01-02,"
    "2025-12-31"
)


def write(settings: Settings, seed: str, *rows: str) -> Path:
    """Write the file of a seed in the home's registry, with the header of the seeds."""
    path = settings.registry / f"{seed}.csv"
    header = (SEEDS / f"{seed}.csv").read_text(encoding="utf-8").splitlines()[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row}\n" for row in (header, *rows)), encoding="utf-8")
    return path


def served(settings: Settings) -> None:
    """As every command begins."""
    serve(settings.registry)


class Story(NamedTuple):
    """Two quarters published; then a waiver and a window in the registry of the home, and what was built."""

    settings: Settings
    releases: list[str]
    restated: list[Row]
    build: dict[str, list[str]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The two releases."""
    settings = settings_of(tmp_path_factory.mktemp("home"))
    inbox = settings.home.parent / "inbox"
    rows = [*health(BALIKPAPAN, "200", "90"), *health(SAMARINDA, "200", "90", unreadable=32)]
    put(inbox / "q4.csv", document(rows))
    put(inbox / "q3.csv", document({**row, "period": Q3} for row in health(BALIKPAPAN, "200", "90")))
    served(settings)
    first = publish_periods(settings, [Q3, Q4]).release_id
    write(settings, "waivers", WAIVER)
    write(settings, "reporting_windows", f"{Q4},2025-01-25,,announced,Surat 100/1")
    served(settings)
    planned = plan_run(settings, [Q3, Q4])
    second = publish_periods(settings, list(planned.build)).release_id
    return Story(settings, [first, second], restated(settings), planned.build)


class TestARelease:
    def test_a_row_builds_the_periods_that_it_holds_for_and_is_named(self, story: Story) -> None:
        assert list(story.build) == [Q4]
        assert "reporting_windows, waivers" in story.build[Q4][0]

    def test_models_find_what_python_reads(self, story: Story) -> None:
        found = query(
            "select window_closes_on from read_parquet($path) where period = $period",
            path=str(story.settings.published / "current" / "dim_period.parquet"),
            period=Q4,
        )
        with using(read_home_rows(story.settings.registry)):
            assert [row["window_closes_on"] for row in found] == [window_of(Period.parse(Q4)).closes_on]
        assert str(found[0]["window_closes_on"]) == "2025-01-25"
        waived = [row for row in published(story.settings, "mart_waiver") if row["waiver_id"] == "W-1"]
        assert [(row["outcome"], row["letter"]) for row in waived] == [("applied", "900/1")]

    def test_what_changed_by_it_has_the_registry_as_its_cause(self, story: Story) -> None:
        reasons = {row["reason"] for row in story.restated if row["region_code"] == SAMARINDA}
        assert reasons == {"new_reference_data"}

    def test_each_release_is_built_again_with_the_rows_of_then(self, story: Story) -> None:
        settings, releases, *_ = story
        write(settings, "waivers")  # the rows of today are others
        served(settings)
        with open_gate():
            again = rebuild(settings, releases[1])
        assert again.unlike == []
        assert not again.other_code
        assert again.ancestors == releases[:1]
        kept = read(settings.raw, Releases(settings.published).manifest(releases[1]).content.registry_sha256)
        assert kept is not None
        assert kept.own is not None
        assert sorted(kept.own.files) == ["reporting_windows", "waivers"]

    def test_a_release_whose_rows_are_gone_is_not_built_from_others(self, story: Story) -> None:
        settings, releases, *_ = story
        manifest = Releases(settings.published).manifest(releases[1])
        kept = settings.raw / "registry" / f"{manifest.content.registry_sha256}.json.gz"
        content = kept.read_bytes()
        kept.unlink()
        with pytest.raises(LostRegistryError, match="gone"):
            publish_again(settings, manifest)
        kept.write_bytes(content[:-20])
        with pytest.raises(LostRegistryError, match="not as it was kept"):
            publish_again(settings, manifest)
        kept.write_bytes(content)


FAULTS = {
    "a law": (
        "waivers",
        WAIVER.replace(SAMARINDA, "64.99"),
        r"waivers\.csv:2: region_code: '64\.99' is not in",
    ),
    "a law between seeds": (
        "reporting_windows",
        "2027-Q1,2027-03-01,,announced,",
        r"reporting_windows\.csv:2: the window of 2027-Q1 closes on 2027-03-01, before the quarter is over",
    ),
    "other weights": (
        "methods",
        (SEEDS / "methods.csv").read_text(encoding="utf-8").splitlines()[1].replace(",80,20,", ",70,30,"),
        r"methods\.csv:2: method_version permendagri-59-2021 stands in dbt_project/seeds/methods\.csv:2 with"
        r" another weight_quality_percent, weight_recipients_percent",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_one_line_that_names_the_file_of_the_home(tmp_path: Path, fault: str) -> None:
    seed, row, said = FAULTS[fault]
    settings = settings_of(tmp_path)
    write(settings, seed, row)
    served(settings)
    with pytest.raises(RegistryError, match=said) as error:
        check_registry()
    assert len(str(error.value).splitlines()) == 1
    assert str(settings.registry) in str(error.value)


def test_a_row_twice_and_a_file_that_no_home_has_are_refused(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    write(settings, "waivers", WAIVER, WAIVER)
    served(settings)
    with pytest.raises(RegistryError, match=r"waivers\.csv:3: waiver_id W-1 stands in line 2 already"):
        check_registry()
    write(settings, "waivers")
    write(settings, "regions")
    served(settings)
    with pytest.raises(RegistryError, match=r"regions\.csv: a home has no rows of regions"):
        check_registry()


def test_a_row_that_the_code_took_over_is_no_fault(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    seed = (SEEDS / "rosters.csv").read_text(encoding="utf-8").splitlines()
    write(settings, "rosters", seed[1], seed[2].replace("2010-Q1,,", "2010-Q1,2026-Q4,"))
    served(settings)
    check_registry()
    rows = list(read_seed("rosters"))
    assert len(rows) == len(seed) - 1
    assert [row["valid_to_period"] for row in rows] == ["", "2026-Q4", ""]


def test_files_without_a_row_change_nothing(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    write(settings, "waivers")
    assert read_home_rows(settings.registry) is None


def test_nothing_that_is_read_from_a_table_of_a_home_is_remembered_for_another_home() -> None:
    read = re.compile(rf"folder: Path|seeds: Path|read_seed\(['\"](?:{'|'.join(HOME_SEEDS)})['\"]")
    files = [
        path
        for package in ("registry", "provenance")
        for path in (PROJECT_DIR / "pipelines" / package).rglob("*.py")
    ]
    remembered = [
        (path, one)
        for path in files
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(one, ast.FunctionDef) and "cache" in "".join(map(ast.unparse, one.decorator_list))
    ]
    assert len(remembered) > 5
    assert [f"{path.name}: {one.name}" for path, one in remembered if read.search(ast.unparse(one))] == []
