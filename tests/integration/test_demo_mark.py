"""Made-up data say so in every form in which they leave, wherever they were copied; other data never do."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
import yaml
from typer.testing import CliRunner

from bi.superset.bundle import BUNDLE
from pipelines.build import steps
from pipelines.build.demo_data import MadeUpSourceError, mixture_of
from pipelines.cli.app import app
from pipelines.landing.landed_rows import land
from pipelines.landing.raw_store import RawStore
from pipelines.messages import message, say
from pipelines.publish.open_data.tables import DEMO_COLUMN
from pipelines.publish.postgres.address import Address
from pipelines.publish.postgres.publication import publish_to
from pipelines.publish.releases import Releases
from pipelines.registry.periods import Period
from pipelines.reports.form import write_form
from pipelines.reports.region_form import write_region_form
from pipelines.reports.site.pages import site_files
from pipelines.settings import Settings
from pipelines.submissions.demo_mark import COLUMN, MARK, carries_mark, marked_title
from spm_sample.command import write_sample
from tests.integration.candidates import release
from tests.integration.home import (
    NOW,
    build_periods,
    candidate_of,
    document,
    published,
    put,
    query,
    settings_of,
    take_in,
)
from tests.integration.loads import asked

pytestmark = pytest.mark.open_gate

PERIOD = "2024-Q4"
CITY, OTHER = "64.71", "64.72"
NOTICE = message("demo.notice")


def row(region: str, realised: str = "7", period: str = PERIOD) -> dict[str, str]:
    what = {"record": "achievement", "service": "K-PEND-01", "component": "recipients", "target": "10"}
    return {**what, "region": region, "period": period, "realised": realised}


def marked(content: bytes) -> bytes:
    """A CSV with the column of a sample."""
    header, *rows = content.decode().splitlines()
    return "\n".join([f"{header},{COLUMN}", *(f"{one},{MARK}" for one in rows)]).encode()


def publish(settings: Settings, *periods: str) -> Path:
    """Take in and publish; the folder of the release."""
    release(Releases(settings.published), candidate_of(settings, periods or (PERIOD,)))
    return Releases(settings.published).current_folder()


def is_demo(settings: Settings) -> bool:
    """What the current release says of itself: each way in which it does, all alike."""
    folder = Releases(settings.published).current_folder()
    manifest = json.loads((folder / "manifest.json").read_text())
    files = sorted(folder.glob("*.parquet"))
    (said,) = {b"spm.demo" in pq.read_metadata(file).metadata for file in files}
    comments = query("select comment from duckdb_tables()", folder / "spm.duckdb")
    assert {text["comment"].startswith(NOTICE.indonesian) for text in comments} == {said}
    assert {NOTICE.english in text["comment"] for text in comments} == {said}
    assert [one["is_demo"] for one in published(settings, "mart_release")][-1] is said
    assert (manifest["is_demo"], manifest["content"]["is_demo"]) == (said, said)
    assert ("notice" in manifest) is said
    assert (NOTICE.indonesian in (folder / "quality.html").read_text()) is said
    return said


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample of four regions, workbooks and CSV."""
    folder = tmp_path_factory.mktemp("sample") / "set"
    write_sample(folder, (Period.parse(PERIOD),), 4, "mixed", 2, 1, 0.0, [])
    return folder


@pytest.fixture(scope="module")
def demo(sample: Path) -> Settings:
    """A home with the release of the sample."""
    settings = Settings(sample.parent / "home", sample / "sources.yaml", threads=1, workers=1, now=NOW)
    publish(settings)
    return settings


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with the release of a report of a region."""
    settings = settings_of(tmp_path_factory.mktemp("real"))
    put(settings.home.parent / "inbox" / "a.csv", document([row(CITY)]))
    publish(settings)
    return settings


def copied(settings: Settings, to: Path) -> Settings:
    """A home to be changed."""
    shutil.copytree(settings.home.parent, to, symlinks=True)
    sources = to / "sources.yaml"
    return replace(settings, home=to / "home", sources_file=sources if sources.exists() else None)


# --- what is made up ----------------------------------------------------------------------------------------


def test_the_release_of_a_sample_is_marked_and_of_a_report_is_not(demo: Settings, real: Settings) -> None:
    assert is_demo(demo)
    assert not is_demo(real)


def test_every_document_of_a_sample_carries_the_mark(sample: Path) -> None:
    documents = sorted((sample / "inbox").rglob("*.*"))
    assert {path.suffix for path in documents} == {".csv", ".xlsx"}
    assert [path.name for path in documents if not carries_mark(path.read_bytes())] == []


@pytest.mark.parametrize("kind", ["csv", "workbook"])
def test_a_copy_of_a_sample_through_a_source_that_says_nothing_is_marked(
    sample: Path, tmp_path: Path, kind: str
) -> None:
    ending = {"csv": "csv", "workbook": "xlsx"}[kind]
    (tmp_path / "inbox").mkdir()
    chosen = next((sample / "inbox").rglob(f"*.{ending}"))
    shutil.copy2(chosen, tmp_path / "inbox" / f"laporan asli.{ending}")
    settings = settings_of(tmp_path)
    assert settings.sources_file is not None
    settings.sources_file.write_text(f"sources:\n- {{name: inbox, kind: {kind}, path: 'inbox/*.{ending}'}}\n")
    publish(settings)
    assert is_demo(settings)
    assert mixture_of(settings).demo_sources == ["inbox"]


def test_a_source_that_is_said_to_be_made_up_is_without_any_mark(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    assert settings.sources_file is not None
    settings.sources_file.write_text(settings.sources_file.read_text() + "  demo: true\n")
    put(tmp_path / "inbox" / "a.csv", document([row(CITY)]))
    publish(settings)
    assert is_demo(settings)


def _with_text_in_the_sheet(text: str) -> bytes:
    """A workbook of a program that keeps no list of texts."""
    book, made = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = text
    book.save(made)
    inlined = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(inlined, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/sharedStrings.xml":
                continue
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(b't="s"><v>0</v>', f't="inlineStr"><is><t>{text}</t></is>'.encode())
            new.writestr(name, part)
    return inlined.getvalue()


@pytest.mark.parametrize(
    ("content", "carries"),
    [
        pytest.param(f"a,b\n1,{MARK}\n".encode(), True, id="in-a-line"),
        pytest.param(f"a\tb\n1\t{MARK}\n".encode("utf-16"), True, id="as-Excel-saves-Unicode-text"),
        pytest.param(f'{{"is_demo":"{MARK}"}}\n'.encode(), True, id="row-of-a-database"),
        pytest.param(_with_text_in_the_sheet(f"contoh [{MARK}]"), True, id="text-in-the-sheet-itself"),
        pytest.param(_with_text_in_the_sheet("contoh"), False, id="a-workbook-without"),
        pytest.param(b"note\nini data contoh / demo\n", False, id="words-of-a-person"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_the_mark_is_found_wherever_it_stands(content: bytes, carries: bool) -> None:
    assert carries_mark(content) is carries


# --- a home of real reports, and one of a demo --------------------------------------------------------------


def test_a_release_on_a_marked_one_is_marked(demo: Settings, tmp_path: Path) -> None:
    settings = replace(copied(demo, tmp_path / "copy"), sources_file=tmp_path / "sources.yaml")
    put(tmp_path / "inbox" / "a.csv", document([row(CITY, period="2025-Q1")]))
    (tmp_path / "sources.yaml").write_text("sources:\n- {name: dinas, kind: csv, path: 'inbox/*.csv'}\n")
    publish(settings, "2025-Q1")
    assert is_demo(settings)
    # each release that it was built on is named with what it was
    assert [one["is_demo"] for one in published(settings, "mart_release")] == [True, True]
    found = mixture_of(settings)
    assert (found.demo_sources, found.real_sources) == (["sample_csv", "sample_workbook"], ["dinas"])


def test_a_home_of_reports_takes_no_source_of_made_up_data(
    real: Settings, sample: Path, tmp_path: Path
) -> None:
    settings = replace(copied(real, tmp_path / "copy"), sources_file=sample / "sources.yaml")
    before = sorted(settings.raw.rglob("*"))
    with pytest.raises(MadeUpSourceError, match=r"sample_csv: .*--home"):
        take_in(settings, [PERIOD])
    assert sorted(settings.raw.rglob("*")) == before
    command = ["run", PERIOD, "--sources", str(sample / "sources.yaml"), "--home", str(settings.home)]
    refused = CliRunner().invoke(app, command)
    assert (refused.exit_code, "demo: true" in refused.output) == (2, True), refused.output


def test_a_made_up_document_among_reports_is_refused_and_the_others_go_on(
    real: Settings, tmp_path: Path
) -> None:
    settings = copied(real, tmp_path / "copy")
    inbox = settings.home.parent / "inbox"
    put(inbox / f"{CITY}_{PERIOD}.csv", marked(document([row(CITY, "1")])), NOW)
    put(inbox / f"{OTHER}_{PERIOD}.csv", document([row(OTHER, "9")]), NOW)
    publish(settings)
    assert not is_demo(settings)
    realised = {
        one["region_code"]: one["realised"]
        for one in published(settings, "fct_indicator")
        if one["realised"] is not None
    }
    assert realised == {CITY: 7, OTHER: 9}
    (found,) = [one for one in published(settings, "mart_finding") if one["rule_id"] == "DOC-020"]
    assert (found["region_code"], found["period"], found["severity"]) == (CITY, PERIOD, "fatal")


def test_indexes_of_the_press_keep_no_demo_out(sample: Path, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    index = {"record": "published_index", "region": CITY, "period": "2022-Q4", "realised": "80"}
    put(tmp_path / "inbox" / "a.csv", document([index]))
    publish(settings, "2022-Q4")
    assert not is_demo(settings)
    publish(replace(settings, sources_file=sample / "sources.yaml"), PERIOD)
    assert is_demo(settings)
    assert [one["is_demo"] for one in published(settings, "mart_release")] == [False, True]


def test_a_home_that_a_demo_made_marks_whatever_comes(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    settings.home.mkdir()
    settings.demo_marker.touch()
    put(tmp_path / "inbox" / "a.csv", document([row(CITY)]))
    publish(settings)
    assert is_demo(settings)


def test_a_marked_release_built_again_has_the_same_bytes(demo: Settings, tmp_path: Path) -> None:
    aside = replace(demo, home=tmp_path / "aside", sources_file=None)
    aside.home.mkdir()
    aside.raw.symlink_to(demo.raw)
    land(RawStore(aside.raw), aside.landing, 1, aside.limits)
    was = Releases(demo.published).current()
    assert was is not None
    work_file = build_periods(aside, was.made_from.periods)
    again = steps.make_candidate(aside, work_file, aside.work / "again", was.made_from.periods)
    release(Releases(aside.published), again)
    now = Releases(aside.published).current()
    assert now is not None
    assert now.content.tables == was.content.tables
    assert is_demo(aside)


def test_a_database_says_it_of_itself_and_each_table_until_it_holds_reports(
    demo: Settings, real: Settings, address: Address
) -> None:
    comments = "select obj_description(oid, 'pg_class') from pg_class where relkind = 'r' and relnamespace = "
    for settings, is_said in ((demo, True), (real, False)):
        publish_to(address, settings)
        (schema,) = asked(address, "select obj_description('marts'::regnamespace, 'pg_namespace')")
        tables = asked(address, f"{comments} 'marts'::regnamespace")
        assert len(tables) > 30
        assert {NOTICE.indonesian in text and NOTICE.english in text for (text,) in tables} == {is_said}
        assert (NOTICE.indonesian in schema[0], NOTICE.english in schema[0]) == (is_said, is_said)
        assert asked(address, "select is_demo from marts.mart_release") == [(is_said,)]
        # what the first row of each dashboard asks
        shown = yaml.safe_load((BUNDLE / "datasets" / "SPM" / "release.yaml").read_text(encoding="utf-8"))
        ((kind,),) = asked(address, f"select kind_of_data from ({shown['sql']}) as shown")
        assert (str(NOTICE) == kind) is is_said


# --- every form in which it leaves --------------------------------------------------------------------------


def exported(settings: Settings, folder: Path) -> Path:
    outcome = CliRunner().invoke(app, ["export", "--to", str(folder), "--home", str(settings.home)])
    assert outcome.exit_code == 0, outcome.output
    assert (NOTICE.indonesian in outcome.output.replace("\n", " ")) is is_demo(settings)
    return folder


def cells(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.fixture(scope="module")
def open_data(demo: Settings) -> Path:
    return exported(demo, demo.home.parent / "open-data")


def test_each_row_of_each_csv_says_it(open_data: Path) -> None:
    files = sorted(open_data.rglob("*.csv"))
    assert len(files) > 50
    for file in files:
        rows = cells(file, ";" if "titik-koma" in file.parent.name else ",")
        column = "COMMENT_OBS" if file.name == "spm-index.csv" else DEMO_COLUMN
        assert {one[column] for one in rows} <= {marked_title()}, file
    assert len(cells(open_data / "csv" / "mart_region_score.csv")) > 500


def test_each_sheet_of_the_summary_says_it_on_screen_and_paper(open_data: Path) -> None:
    book = openpyxl.load_workbook(open_data / "spm-ringkasan.xlsx")
    for page in book.worksheets:
        first = [str(cell.value) for row in page.iter_rows(max_row=2) for cell in row]
        assert any(NOTICE.indonesian in text for text in first), page.title
        assert NOTICE.english in str(page.oddHeader.center.text), page.title
    assert book["Nasional"]["A2"].value == "Periode"


def test_every_catalogue_says_it_of_itself_and_of_each_part(open_data: Path) -> None:
    package = json.loads((open_data / "datapackage.json").read_text())
    parts = [package, *package["resources"]]
    assert package["isDemo"] is True
    assert {"data contoh", "demo"} <= set(package["keywords"])
    pod = json.loads((open_data / "data.json").read_text())["dataset"]
    for said in (*parts, *pod):
        assert said["title"].startswith(message("demo.title").indonesian), said["title"]
        assert said["description"].startswith(NOTICE.indonesian), said["title"]
        assert said["description"].count(NOTICE.indonesian) == 1, said["title"]
    dcat = json.loads((open_data / "catalogue.jsonld").read_text())
    for part in (dcat, *dcat["dcat:dataset"]):
        titles, about = part["dct:title"], part["dct:description"]
        assert [one["@value"].split(":")[0] for one in titles] == list(message("demo.title"))
        assert [one["@value"].split(". ")[0] for one in about] == list(NOTICE)


def test_open_data_of_reports_have_no_word_of_it(real: Settings, tmp_path: Path) -> None:
    folder = exported(real, tmp_path / "open-data")
    book = openpyxl.load_workbook(folder / "spm-ringkasan.xlsx")
    assert all(page.oddHeader.center.text is None for page in book.worksheets)
    for file in folder.rglob("*.*"):
        said = file.read_bytes()
        assert MARK.encode() not in said, file
        assert DEMO_COLUMN.encode() not in said, file
        assert NOTICE.indonesian.encode() not in said, file


def test_each_page_and_chart_of_the_site_says_it(demo: Settings, real: Settings) -> None:
    short = message("demo.short")
    for settings, is_said in ((demo, True), (real, False)):
        files = dict(site_files(Releases(settings.published).current_folder()))
        pages = {name: content.decode() for name, content in files.items() if name.endswith(".html")}
        charts = {name: content.decode() for name, content in files.items() if name.startswith("grafik/")}
        assert len(pages) > 500
        assert len(charts) > 1
        assert {NOTICE.indonesian in text and NOTICE.english in text for text in pages.values()} == {is_said}
        # over each printed page
        assert {"assets/made-up.css" in text for text in pages.values()} == {is_said}
        over = files.get("assets/made-up.css", b"").decode()
        assert (f'@top-center {{ content: "{short}"' in over) is is_said
        tables = [content.decode() for name, content in files.items() if name.endswith(".csv")]
        assert len(tables) > 50
        assert {DEMO_COLUMN in text.partition("\n")[0] for text in tables} == {is_said}
        assert all(MARK in line for text in tables for line in text.splitlines()[1:]) or not is_said
        assert {short.indonesian in text and short.english in text for text in charts.values()} == {is_said}


@pytest.fixture(scope="module")
def known(sample: Path) -> str:
    """A region that the sample reports for on a workbook."""
    return sorted((sample / "inbox").rglob("*.xlsx"))[0].name.split("_")[0]


def texts(path: Path) -> list[list[Any]]:
    book = openpyxl.load_workbook(path)
    shown = [page for page in book.worksheets if page.sheet_state == "visible"]
    return [[cell.value for row in page.iter_rows(max_row=4) for cell in row] for page in shown]


def test_a_form_filled_from_it_says_it_on_each_sheet_and_is_known_again(
    demo: Settings, known: str, tmp_path: Path
) -> None:
    form = write_region_form(known, Period.parse(PERIOD), tmp_path, demo.published)
    assert all(any(MARK in str(text) for text in sheet) for sheet in texts(form))
    assert carries_mark(form.read_bytes())
    # saved by another program
    openpyxl.load_workbook(form).save(form)
    assert carries_mark(form.read_bytes())


def test_a_form_without_a_value_of_it_is_like_any_other(demo: Settings, sample: Path, tmp_path: Path) -> None:
    silent = next(
        code for code in (CITY, OTHER) if not any(code in path.name for path in sample.rglob("*_*"))
    )
    empty = write_region_form(silent, Period.parse(PERIOD), tmp_path / "a.xlsx", demo.published)
    plain = write_region_form(silent, Period.parse(PERIOD), tmp_path / "b.xlsx", None)
    assert empty.read_bytes() == plain.read_bytes()


def test_a_form_of_reports_is_not_marked(real: Settings, tmp_path: Path) -> None:
    form = write_region_form(CITY, Period.parse(PERIOD), tmp_path, real.published)
    assert not carries_mark(form.read_bytes())


@pytest.mark.parametrize("version", ["spm-1", "spm-2", "spm-3", "spm-4"])
def test_every_version_of_the_form_has_room_for_it(version: str, tmp_path: Path) -> None:
    whose = {"region_code": CITY, "region_name": "Kota Balikpapan", "period": PERIOD, "version": version}
    write_form(tmp_path / "a.xlsx", rows=[], is_demo=True, **whose)
    write_form(tmp_path / "b.xlsx", rows=[], **whose)
    for marked_sheet, plain in zip(texts(tmp_path / "a.xlsx"), texts(tmp_path / "b.xlsx"), strict=True):
        changed = [(a, b) for a, b in zip(marked_sheet, plain, strict=True) if a != b]
        assert len(changed) == 1
        assert MARK in changed[0][0]


def test_feedback_on_it_says_it(demo: Settings, known: str) -> None:
    command = ["report", "--no-site", "--region", known, "--home", str(demo.home)]
    outcome = CliRunner().invoke(app, command)
    assert outcome.exit_code == 0, outcome.output
    assert NOTICE.indonesian in outcome.output.replace("\n", " ")
    (book,) = (demo.home / "reports").rglob(f"feedback/{PERIOD}/{known}.xlsx")
    opened = openpyxl.load_workbook(book)
    assert NOTICE.indonesian in opened.worksheets[0]["A4"].value
    assert all(NOTICE.english in str(page.oddHeader.center.text) for page in opened.worksheets)


@pytest.mark.parametrize(
    "command",
    [
        ["explain", "{region}", PERIOD],
        ["trace", "{region}_2024-Q4.xlsx:Pendidikan!A6"],
        ["verify"],
        ["diff", "latest", "latest"],
        ["rollback", "{release}"],
    ],
    ids=lambda command: command[0],
)
def test_the_terminal_says_it(demo: Settings, known: str, command: list[str]) -> None:
    release_id = Releases(demo.published).current_folder().name
    asked = [word.format(region=known, release=release_id) for word in command]
    outcome = CliRunner().invoke(app, [*asked, "--home", str(demo.home)])
    assert outcome.exit_code == 0, outcome.output
    assert say("demo.notice") in outcome.output.replace("\n", " ")


def test_the_list_of_releases_says_it(demo: Settings, real: Settings) -> None:
    for settings, is_said in ((demo, True), (real, False)):
        home = ["--home", str(settings.home)]
        assert ("DEMO" in CliRunner().invoke(app, ["releases", *home]).output) is is_said
        (listed,) = json.loads(CliRunner().invoke(app, ["releases", "--json", *home]).stdout)
        assert listed["is_demo"] is is_said
