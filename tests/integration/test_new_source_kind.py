"""The page on adding a source kind is whole: what it shows goes all the way, from the sources file to the
rows, the asset and the feedback, with no line of the program changed but the one in the table."""

from __future__ import annotations

import importlib
import re
import sys
from dataclasses import fields, replace
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from pipelines import sources
from pipelines.build.steps import Intake, take_in
from pipelines.defs import sensors
from pipelines.defs.assets.sources import source_asset
from pipelines.landing.landed_rows import folder
from pipelines.landing.raw_store import RawStore, Receipt
from pipelines.readers.child import grids_in_child
from pipelines.reports.feedback.places import Shown, mark, sheets_of
from pipelines.reports.received import Document, Finding
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.sources.config import SourcesError, load_sources
from pipelines.sources.kinds import KINDS
from pipelines.sources.source import Source, SourceKind
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject
from tests.integration.home import NOW

PAGE = PROJECT_DIR / "docs" / "runbooks" / "source-kind.md"
PERIOD = "2024-Q4"


def _shown(language: str) -> str:
    """The one block of a language that the page shows."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(block)


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """The source that the page shows, of the kind that it makes, with a file to read."""
    package = tmp_path / "packages" / "dump"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(_shown("python"), encoding="utf-8")
    monkeypatch.setattr(sources, "__path__", [*sources.__path__, str(package.parent)])
    monkeypatch.delitem(sys.modules, "pipelines.sources.dump", raising=False)
    monkeypatch.setitem(KINDS, "dump", importlib.import_module("pipelines.sources.dump").KIND)
    (tmp_path / "sources.yaml").write_text(_shown("yaml"), encoding="utf-8")
    (tmp_path / "ekspor").mkdir()
    (tmp_path / "ekspor" / f"{PERIOD}.json").write_text(_shown("json"), encoding="utf-8")
    (spec,) = load_sources(tmp_path / "sources.yaml")
    return spec


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own."""
    return replace(Settings(tmp_path / "home"), now=NOW)


def test_its_rows_are_extracted_received_and_landed(source: Source, settings: Settings) -> None:
    assert take_in(settings, source, [PERIOD]) == Intake(1, 1, 1, [], [], [])
    landed = folder(settings.landing)
    rows = duckdb.sql(
        "select documents.ref_prefix, row_place, region, service, period_key, target, realised, "
        f"realised_is_number from '{landed}/*.rows.parquet' as rows "
        f"inner join '{landed}/*.documents.parquet' as documents using (sha256)"
    ).fetchall()
    assert rows == [("dinas_pu", "7", "64.72", "K-PEND-01", PERIOD, "1250", "1180.50", True)]


def test_a_row_that_returns_to_an_earlier_value_is_a_document_of_its_own(
    source: Source, settings: Settings
) -> None:
    file = source.beside(f"ekspor/{PERIOD}.json")
    first = file.read_text(encoding="utf-8")
    contents = [first, first.replace("1180.50", "1200"), first, first]
    new = []
    for day, content in enumerate(contents, start=1):
        file.write_text(content, encoding="utf-8")
        new.append(take_in(replace(settings, now=NOW.replace(day=day)), source, [PERIOD]).new)
    assert new == [1, 1, 1, 0]


def test_what_cannot_be_had_is_one_sentence_and_the_rest_goes_on(source: Source, settings: Settings) -> None:
    found = take_in(settings, source, [PERIOD, "2025-Q1"])
    assert (found.new, found.incomplete) == (1, ["2025-Q1"])
    assert re.fullmatch(r"dinas_pu: .*2025-Q1\.json: .* / .*", found.messages[0])


def test_a_wrong_key_is_named_with_those_that_are_known(source: Source, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(_shown("yaml").replace("path:", "pth:"), encoding="utf-8")
    with pytest.raises(SourcesError, match=r"dinas_pu: .*'pth'.*known: .*path"):
        load_sources(wrong)


def test_dagster_shows_it_under_its_label(source: Source) -> None:
    (spec,) = source_asset(source).specs
    assert spec.key == dg.AssetKey(["sources", "dinas_pu"])
    assert spec.kinds == {"json"}


@pytest.mark.parametrize("is_watched", [False, True])
def test_the_sensor_takes_in_the_kinds_that_are_watched_and_no_other(
    source: Source, settings: Settings, monkeypatch: pytest.MonkeyPatch, is_watched: bool
) -> None:
    monkeypatch.setitem(KINDS, source.kind, replace(KINDS[source.kind], is_watched=is_watched))
    listed = replace(settings, sources_file=source.beside("sources.yaml"))
    assert not list(sensors._take_in(listed, [PERIOD]))
    assert len(list(RawStore(settings.raw).receipts())) == is_watched


def test_a_finding_is_led_to_its_row(source: Source, settings: Settings) -> None:
    take_in(settings, source, [PERIOD])
    store = RawStore(settings.raw)
    (receipt,) = store.receipts()
    file = RawFile(receipt.name, store.content(receipt.sha256))
    grids = grids_in_child(file, ReadingSpec.from_json(receipt.reading), settings.limits)
    assert not isinstance(grids, Reject)
    sheets = sheets_of([Shown(_document(receipt), grids)])
    _, spot = mark(sheets, Finding(receipt.sha256[:12], "7", "VAL-001", "fatal", "1180.50", "", "", "new"))
    assert spot is not None
    assert spot.sheet.grid.rows[spot.row][spot.column] == 1180.5


def _document(receipt: Receipt) -> Document:
    sha256, counts = receipt.sha256, (1, 1, 0, 0)
    return Document(sha256[:12], sha256, receipt.source, receipt.name, NOW, 1, False, None, *counts)


@pytest.mark.parametrize("part", [field.name for field in fields(SourceKind)])
def test_a_kind_that_lacks_a_part_is_none(source: Source, part: str) -> None:
    parts = {field.name: getattr(KINDS[source.kind], field.name) for field in fields(SourceKind)}
    assert SourceKind(**parts) == KINDS[source.kind]
    del parts[part]
    with pytest.raises(TypeError, match=part):
        SourceKind(**parts)
