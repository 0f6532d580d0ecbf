"""A byte that changed in what is published or kept is used by nobody: one line says where, and what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.build.evidence import lost_registries
from pipelines.build.rebuild import rebuild
from pipelines.cli.app import app
from pipelines.publish.manifest import DamagedReleaseError, Manifest
from pipelines.publish.releases import Releases
from pipelines.settings import POSTGRES_URL, Settings
from pipelines.storage import checked_files
from tests.integration.forging import flip
from tests.integration.home import document, open_gate, publish_periods, put, settings_of

pytestmark = pytest.mark.attack("damaged bytes")

REGION, PERIOD = "64.71", "2024-Q4"
DAYS = [datetime(2025, month, 10, 3, tzinfo=UTC) for month in (1, 2)]


def send(settings: Settings, region: str, realised: int, day: datetime) -> None:
    """A document of one region for the quarter."""
    row = {
        "record": "achievement",
        "region": region,
        "period": PERIOD,
        "service": "K-PEND-01",
        "component": "recipients",
        "target": "100",
        "realised": str(realised),
    }
    put(settings.home.parent / "inbox" / f"{region}_{realised}.csv", document([row]), day)


@pytest.fixture(scope="module", autouse=True)
def _open_gate() -> Iterator[None]:
    """What is built again is compared; that the gate lets it pass is asked in `make test-slow`."""
    with open_gate():
        yield


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two releases, and a document that no release knows yet. Copy it."""
    settings = settings_of(tmp_path_factory.mktemp("damage"))
    send(settings, REGION, 40, DAYS[0])
    publish_periods(replace(settings, now=DAYS[0]), [PERIOD])
    send(settings, "64.72", 90, DAYS[1])
    publish_periods(replace(settings, now=DAYS[1]), [PERIOD])
    send(settings, "64.74", 70, DAYS[1])
    return settings


@pytest.fixture
def settings(made_once: Settings, tmp_path: Path) -> Settings:
    """The same in a home of the test's own."""
    shutil.copytree(made_once.home.parent, tmp_path / "copy", symlinks=True)
    return settings_of(tmp_path / "copy")


def spm(settings: Settings, *arguments: str) -> Any:
    return CliRunner().invoke(app, [*arguments, "--home", str(settings.home)])


def current(settings: Settings) -> Path:
    releases = Releases(settings.published)
    return releases.place(releases.current_id())


def receipts(settings: Settings) -> list[dict[str, Any]]:
    batches = sorted((settings.raw / "receipts").iterdir())
    return [json.loads(line) for batch in batches for line in batch.read_text().splitlines()]


def place_of_a_row(settings: Settings) -> str:
    return f"{blob_of(settings, f'{REGION}_40.csv').name[:12]}:L2"


COMMANDS: dict[str, Callable[[Settings], list[str]]] = {
    "run": lambda home: ["run", PERIOD, "--sources", str(home.sources_file)],
    "plan": lambda home: ["run", PERIOD, "--sources", str(home.sources_file), "--plan"],
    "export": lambda _: ["export"],
    "report": lambda _: ["report"],
    "report of a region": lambda _: ["report", "--region", REGION, "--no-site"],
    "explain": lambda _: ["explain", REGION, PERIOD],
    "trace": lambda home: ["trace", place_of_a_row(home)],
    "diff": lambda _: ["diff", "previous", "latest"],
    "form": lambda home: ["form", REGION, PERIOD, "--to", str(home.home / "form.xlsx")],
    "load": lambda _: ["publish"],
    "gate": lambda _: ["gate", "mart_region_score"],
    "work": lambda home: ["work", PERIOD, "--sources", str(home.sources_file)],
}
KINDS = ["mart_region_score.parquet", "fct_indicator.parquet", "mart_release.parquet", "manifest.json"]


def outputs(settings: Settings) -> dict[str, bytes]:
    """What a command may hand out or publish, but for what it received and read."""
    return {
        str(path.relative_to(settings.home)): path.read_bytes()
        for name in ("published", "reports", "open-data", "kept", "form.xlsx")
        for path in [settings.home / name, *(settings.home / name).rglob("*")]
        if path.is_file()
    }


@pytest.fixture(autouse=True)
def with_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that nobody may reach: what is refused is refused before."""
    monkeypatch.setenv(POSTGRES_URL, "postgresql://nobody@127.0.0.1:9/none")


def demand_refused(settings: Settings, command: str, damaged: str) -> None:
    before = outputs(settings)
    said = spm(settings, *COMMANDS[command](settings))
    assert said.exit_code == 3, said.output
    last = said.stderr.splitlines()[-1]
    assert [line for line in said.stderr.splitlines() if "rollback" in line] == [last]
    assert "Traceback" not in said.stderr
    assert f"{current(settings).name}/{damaged}" in last
    assert "spm rollback ID" in last
    assert outputs(settings) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_byte_that_changed_in_a_table_stops_every_command_that_reads_it(
    command: str, settings: Settings
) -> None:
    flip(current(settings) / "mart_release.parquet")
    demand_refused(settings, command, "mart_release.parquet")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", ["run", "explain"])
def test_a_byte_that_changed_in_any_kind_of_file_stops_it(
    command: str, kind: str, settings: Settings
) -> None:
    path = current(settings) / kind
    flip(path, path.read_bytes().index(b"2025-02") if kind == "manifest.json" else None)
    demand_refused(settings, command, kind)


@pytest.mark.parametrize("command", ["export", "load"])
def test_a_byte_that_changed_in_the_database_file_stops_what_reads_it(
    command: str, settings: Settings
) -> None:
    flip(current(settings) / "spm.duckdb")
    demand_refused(settings, command, "spm.duckdb")


@pytest.mark.parametrize("command", ["export", "run"])
def test_a_table_that_is_gone_and_one_that_was_put_there_stop_it(command: str, settings: Settings) -> None:
    release = current(settings)
    shutil.copyfile(release / "dim_band.parquet", release / "mart_other.parquet")
    demand_refused(settings, command, "mart_other.parquet")
    (release / "mart_other.parquet").unlink()
    (release / "mart_award.parquet").unlink()
    demand_refused(settings, command, "mart_award.parquet")


def test_every_byte_of_a_manifest_counts(settings: Settings, tmp_path: Path) -> None:
    published = current(settings) / "manifest.json"
    content = published.read_bytes()
    was, path = Manifest.read(published), tmp_path / "manifest.json"
    found = 0
    for at in range(0, len(content), 7):
        path.write_bytes(content)
        flip(path, at)
        try:
            # a blank between its words is none of them
            assert Manifest.read(path) == was, content[at - 20 : at + 20]
            assert content[at : at + 1] in b" \n", content[at - 20 : at + 20]
        except DamagedReleaseError:
            found += 1
    assert found > len(content) / 7 / 2


def test_a_file_is_hashed_once_and_again_when_somebody_wrote_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []
    monkeypatch.setattr(checked_files, "_SETTLED_NS", 0)
    real = checked_files.sha256_of
    monkeypatch.setattr(checked_files, "sha256_of", lambda path: (hashed.append(path), real(path))[1])
    releases = Releases(settings.published)
    tables = len(list(releases.current_folder().glob("*.parquet")))
    assert len(hashed) == tables
    releases.current_folder()
    assert len(hashed) == tables
    flip(current(settings) / "mart_award.parquet")
    with pytest.raises(DamagedReleaseError, match=r"mart_award\.parquet"):
        releases.current_folder()
    assert len(hashed) == tables + 1


@pytest.mark.slow
def test_damaged_tables_are_built_again_and_put_back(settings: Settings) -> None:
    release = current(settings)
    damaged = ["fct_indicator.parquet", "mart_release.parquet", "mart_region_score.parquet"]
    for name in damaged:
        flip(release / name)
    assert rebuild(settings, "latest").damaged == sorted(damaged)
    assert spm(settings, "explain", REGION, PERIOD).exit_code == 3
    said = spm(settings, "rebuild", "--repair")
    assert said.exit_code == 0, said.output
    assert "put back as published" in " ".join(said.output.split())
    assert Releases(settings.published).verify(release.name) == []
    assert {(release / name).stat().st_mode & 0o777 for name in damaged} == {0o444}
    assert spm(settings, "explain", REGION, PERIOD).exit_code == 0


def batch_of(settings: Settings) -> Path:
    """The receipts of the region's document."""
    named = f"{REGION}_40.csv".encode()
    return next(path for path in (settings.raw / "receipts").iterdir() if named in path.read_bytes())


def blob_of(settings: Settings, name: str) -> Path:
    (sha256,) = {one["sha256"] for one in receipts(settings) if one["name"] == name}
    return settings.raw / "blobs" / sha256[:2] / str(sha256)


def landed(settings: Settings) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in settings.landing.rglob("*") if path.is_file()}


PLAN, TRACE = COMMANDS["plan"], COMMANDS["trace"]


@pytest.mark.parametrize("kind", ["rows.parquet", "documents.parquet", "hashes.json"])
def test_a_landed_batch_that_changed_is_read_by_nobody_and_landed_again(
    kind: str, settings: Settings
) -> None:
    assert spm(settings, *PLAN(settings)).exit_code == 0
    before = landed(settings)
    path = min(path for path in before if path.name.endswith(kind))
    flip(path, bit=0x80)
    for command in (TRACE(settings), ["report", "--no-site"]):
        said = spm(settings, *command)
        assert said.exit_code == 3, said.output
        assert str(path) in said.stderr.splitlines()[-1]
        assert "spm run PERIOD" in said.stderr.splitlines()[-1]
    assert spm(settings, *PLAN(settings)).exit_code == 0
    assert landed(settings) == before


def test_a_landed_file_that_is_gone_is_landed_again(settings: Settings) -> None:
    assert spm(settings, *PLAN(settings)).exit_code == 0
    before = landed(settings)
    min(path for path in before if path.name.endswith("rows.parquet")).unlink()
    assert spm(settings, *PLAN(settings)).exit_code == 0
    assert landed(settings) == before


@pytest.mark.parametrize("command", [["rebuild"], ["report", "--no-site"], ["run"]])
def test_a_document_that_changed_in_the_raw_store_is_not_read(command: list[str], settings: Settings) -> None:
    blob = blob_of(settings, f"{REGION}_40.csv")
    flip(blob)
    if command == ["run"]:
        # damaged where it was landed too: there is nothing to land it again from
        flip(next(settings.landing.glob(f"*/{batch_of(settings).stem}.rows.parquet")))
        command = COMMANDS["run"](settings)
    before = outputs(settings)
    said = spm(settings, *command)
    assert said.exit_code == 3, said.output
    last = said.stderr.splitlines()[-1]
    assert last.startswith(f"spm: {blob}: ")
    assert "the sender's own file" in last
    assert outputs(settings) == before
    flip(blob)
    assert spm(settings, *PLAN(settings)).exit_code == 0


def test_a_receipt_that_changed_is_not_read(settings: Settings) -> None:
    batch = batch_of(settings)
    flip(batch, batch.read_bytes().index(b"2025-01-10"))
    for command in (COMMANDS["run"](settings), ["rebuild"]):
        said = spm(settings, *command)
        assert said.exit_code == 3, said.output
        assert said.stderr.splitlines()[-1].startswith(f"spm: {batch}: ")


def lines_of_verify(settings: Settings, *arguments: str) -> tuple[int, list[str]]:
    said = spm(settings, "verify", *arguments)
    return said.exit_code, said.stderr.splitlines()


def test_verify_names_each_thing_that_a_rebuild_would_miss(settings: Settings) -> None:
    releases = Releases(settings.published)
    first, second = releases.ids()
    said = spm(settings, "verify", "--json")
    assert said.exit_code == 0, said.output
    evidence = json.loads(said.stdout)["evidence"]
    kept = [path for path in (settings.raw / "blobs").rglob("*") if path.is_file()]
    assert evidence["documents"] == len(kept)
    assert evidence["bytes"] == sum(path.stat().st_size for path in kept)
    assert evidence["receipts"] == len(receipts(settings))
    assert (evidence["registries"], evidence["wrong"]) == (1, [])

    changed, gone = blob_of(settings, f"{REGION}_40.csv"), blob_of(settings, "64.72_90.csv")
    flip(changed)
    gone.unlink()
    (registry,) = (settings.raw / "registry").iterdir()
    flip(registry)
    for release in (first, second):
        code, lines = lines_of_verify(settings, release)
        assert code == 3
        assert sorted(line.split(": ")[0] for line in lines) == [release] * 3
        assert {line.split(": ")[1] for line in lines} == {str(changed), str(gone), str(registry)}


def test_verify_misses_receipts_that_a_release_was_made_from(settings: Settings) -> None:
    batch = batch_of(settings)
    batch.unlink()
    code, lines = lines_of_verify(settings)
    assert code == 3
    assert [line.split(": ")[1] for line in lines] == [str(batch)]


def test_verify_misses_a_registry_once_one_was_kept(settings: Settings) -> None:
    releases = Releases(settings.published)
    first, second = map(releases.manifest, releases.ids())
    (kept,) = (settings.raw / "registry").iterdir()
    # of another registry and of other code, so that nothing but its file could say what it was
    other = replace(second.content, registry_sha256="f" * 64, code_sha256="0" * 64)
    (said,) = lost_registries(settings.raw, [replace(second, content=other), first])
    assert said.startswith(f"{kept.with_name('f' * 64 + '.json.gz')}: ")
    # early releases kept none, and what the seeds of this code are needs none
    kept.unlink()
    assert list(lost_registries(settings.raw, [replace(second, content=other), first])) == []


def test_an_auditor_with_the_releases_alone_is_told_that_documents_were_not_looked_at(
    settings: Settings, tmp_path: Path
) -> None:
    shutil.copytree(settings.published, tmp_path / "given" / "published", symlinks=True)
    said = CliRunner().invoke(app, ["verify", "--home", str(tmp_path / "given")])
    assert said.exit_code == 0, said.output
    assert "no raw/ here" in said.stdout
