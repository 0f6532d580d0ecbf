"""A backup holds what cannot be made again, and a home that is restored from it is the home that it was."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.build import ledger
from pipelines.build.backup import backup
from pipelines.build.restore import DamagedBackupError, restore
from pipelines.cli.app import app
from pipelines.landing.landed_rows import folder as landed
from pipelines.provenance import code
from pipelines.publish.manifest import FORMAT
from pipelines.publish.releases import Releases
from pipelines.settings import PROJECT_DIR, Settings
from tests.integration.forging import flip
from tests.integration.home import NOW, document, open_gate, publish_periods, put, settings_of

RUNBOOKS = PROJECT_DIR / "docs" / "runbooks"
PERIOD = "2024-Q4"


def commands(page: str, mark: str = "run") -> list[str]:
    """The commands that a runbook shows after its mark."""
    text = (RUNBOOKS / page).read_text(encoding="utf-8").split(f"<!-- {mark} -->")[1]
    return re.findall(r"^spm .*$", text.split("```")[1], re.MULTILINE)


def spm(command: str, *, code: int = 0) -> str:
    result = CliRunner().invoke(app, shlex.split(command)[1:])
    assert result.exception is None or isinstance(result.exception, SystemExit), (command, result.exception)
    assert result.exit_code == code, f"{command}\n{result.output}"
    return result.output


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with one release."""
    settings = settings_of(tmp_path_factory.mktemp("made"))
    report(settings, "64.71")
    publish_periods(settings, [PERIOD])
    return settings


@pytest.fixture
def folder(made_once: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own with a copy of that home, and the current folder."""
    own = tmp_path / "own"
    shutil.copytree(made_once.home.parent, own, symlinks=True)
    monkeypatch.chdir(own)
    monkeypatch.setenv("SPM_NOW", NOW.isoformat())
    return own


def report(settings: Settings, region: str) -> None:
    """A region reports one figure."""
    row = {"record": "achievement", "region": region, "period": PERIOD, "service": "K-PEND-01"}
    row |= {"component": "recipients", "target": "100", "realised": "90"}
    put(settings.home.parent / "inbox" / f"{region}.csv", document([row]))


def test_the_lines_of_the_drill_that_make_and_prove_a_backup(folder: Path) -> None:
    lines = [line for line in commands("backup.md") if line.split()[1] in ("backup", "restore", "verify")]
    said = {line.split()[1]: spm(line) for line in lines}
    assert "every byte as it was" in said["restore"]
    assert Releases(folder / "restored" / "published").current_id() in said["verify"]


@pytest.mark.slow
def test_the_drill_of_the_page_ends_in_the_same_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPM_NOW", "2025-01-25T00:00:00+00:00")
    with open_gate():
        said = {line.split()[1]: spm(line) for line in commands("backup.md")}
    assert "every byte as it was" in said["restore"]
    assert "tables equal" in said["rebuild"]
    release = Releases(tmp_path / "home" / "published").current_id()
    assert Releases(tmp_path / "restored" / "published").ids() == [release]
    assert release in said["verify"]


def test_what_a_backup_holds_is_in_the_restored_home_byte_by_byte(folder: Path) -> None:
    home = Settings(folder / "home")
    ledger.begin(home, "a" * 32, "command line", 1, [PERIOD], None)
    (home.approvals / "abc").mkdir(parents=True)
    (home.approvals / "abc" / "summary.json").write_text('{"release_before": "r0001-000000000000"}')
    (home.home / "registry").mkdir()
    (home.home / "registry" / "approvers.csv").write_text("name,account,public_key\n")
    (home.home / "sources.yaml").write_text("sources: []\n")
    spm("spm rollback latest --name Siti --reason salah --home home")
    backup(home, folder / "kept")
    restore(Settings(folder / "other"), folder / "kept")
    sides = [
        contents(folder / name, "landing", "work", "scratch", ".writer", ".lock")
        for name in ("home", "other")
    ]
    assert sides[0] == sides[1]
    assert {"approvals/abc/summary.json", "registry/approvers.csv", "published/pin.json"} <= set(sides[1])
    assert any(name.startswith("runs/") for name in sides[1])
    modes = [(folder / name / "raw").stat().st_mode & 0o777 for name in ("home", "other")]
    assert modes == [0o700, 0o700]


def test_files_that_releases_share_are_one_in_backup_and_restored_home(folder: Path) -> None:
    releases = Releases(folder / "home" / "published")
    first = releases.ids()[0]
    twin = releases.place(first).with_name("r0000-twin")
    twin.mkdir()
    (twin / "dim_region.parquet").hardlink_to(releases.place(first) / "dim_region.parquet")
    backup(Settings(folder / "home"), folder / "kept")
    for kind in ("kept", "kept.tar"):
        if kind == "kept.tar":
            backup(Settings(folder / "home"), folder / kind)
        restore(Settings(folder / f"of-{kind}"), folder / kind)
        placed = folder / f"of-{kind}" / "published" / "releases"
        assert (placed / first / "dim_region.parquet").samefile(placed / twin.name / "dim_region.parquet")
    inside = folder / "kept" / "home" / "published" / "releases"
    assert (inside / first / "dim_region.parquet").samefile(inside / twin.name / "dim_region.parquet")


def test_secrets_are_left_out_and_named(folder: Path) -> None:
    registry = folder / "home" / "registry"
    registry.mkdir()
    (registry / "siti.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n")
    (registry / "siti.pub.pem").write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n")
    (folder / "home" / "spm.env").write_text("SPM_POSTGRES_URL=postgresql://spm:geheim@db/spm\n")
    printed = spm("spm backup kept --home home")
    assert "registry/siti.pem" in printed
    assert "spm.env" in printed
    files = json.loads((folder / "kept" / "backup.json").read_text())["files"]
    assert [name for name in files if "siti" in name] == ["registry/siti.pub.pem"]
    assert "geheim" not in "".join(path.read_text(errors="replace") for path in folder.glob("kept/**/*.env"))


def test_what_is_damaged_already_is_named_and_ends_with_3(folder: Path) -> None:
    blob = next((folder / "home" / "raw" / "blobs").rglob("*/*"))
    flip(blob)
    printed = spm("spm backup kept.tar --home home", code=3)
    assert f"raw/blobs/{blob.parent.name}/{blob.name}: " in printed
    assert spm("spm restore kept.tar --home other").count(blob.name) == 1


DAMAGE = ("a byte of a file", "a file gone", "a file more", "the list", "no list", "half an archive")


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_backup_is_refused_in_one_line_and_the_home_stays_empty(folder: Path, damage: str) -> None:
    kept = folder / "kept"
    backup(Settings(folder / "home"), kept)
    blob = next((kept / "home" / "raw" / "blobs").rglob("*/*"))
    if damage == "a byte of a file":
        flip(blob)
    elif damage == "a file gone":
        blob.unlink()
    elif damage == "a file more":
        (kept / "home" / "raw" / "receipts" / "more.ndjson").write_text("{}\n")
    elif damage == "the list":
        listed = (kept / "backup.json").read_text()
        (kept / "backup.json").write_text(listed.replace('"mode": 256', '"mode": 511', 1))
    elif damage == "no list":
        (kept / "backup.json").unlink()
    else:
        kept = folder / "backup.tar"
        backup(Settings(folder / "home"), kept)
        kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    printed = spm(f"spm restore {kept.name} --home other", code=3)
    assert len(printed.strip().splitlines()) == 1
    assert kept.name in printed
    assert list((folder / "other").iterdir()) == []


def test_an_archive_writes_nowhere_but_in_the_home(folder: Path) -> None:
    with tarfile.open(folder / "foreign.tar", "w") as archive:
        member = tarfile.TarInfo("home/../../escaped")
        archive.addfile(member)
    with pytest.raises(DamagedBackupError):
        restore(Settings(folder / "other"), folder / "foreign.tar")
    assert not list(folder.parent.rglob("escaped"))


def test_a_backup_goes_to_a_new_place_outside_of_the_home_and_back_to_an_empty_one(folder: Path) -> None:
    spm("spm backup backup.tar --home home")
    assert "backup.tar" in spm("spm backup backup.tar --home home", code=2)
    spm("spm backup home/kept --home home", code=2)
    spm("spm restore backup.tar --home home", code=2)
    assert (
        Releases(folder / "home" / "published").verify(Releases(folder / "home" / "published").current_id())
        == []
    )


def test_a_release_that_is_published_meanwhile_does_not_tear_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the links to releases and the copies of documents a run publishes one more."""
    from pipelines.build import backup as module

    take = module._take_releases

    def then_a_run(settings: Settings, aside: Settings) -> Any:
        found = take(settings, aside)
        home = settings_of(folder)
        report(home, "64.72")
        publish_periods(home, [PERIOD])
        return found

    monkeypatch.setattr(module, "_take_releases", then_a_run)
    before = Releases(folder / "home" / "published").current_id()
    found = backup(Settings(folder / "home"), folder / "kept")
    assert Releases(folder / "home" / "published").current_id() != before
    assert len([name for name in found.files if name.startswith("raw/blobs")]) == 2
    restore(Settings(folder / "other"), folder / "kept")
    assert Releases(folder / "other" / "published").ids() == [before]
    assert "every byte" in spm("spm verify --home other")


@pytest.mark.slow
def test_of_old_releases_only_what_proves_them_is_taken_and_a_rebuild_brings_them_back(folder: Path) -> None:
    home = settings_of(folder)
    for region in ("64.72", "64.74"):
        report(home, region)
        publish_periods(home, [PERIOD])
    first = Releases(home.published).ids()[0]
    backup(home, folder / "small", current_only=True)
    assert Releases(home.published).pruned(first) is None
    restore(Settings(folder / "other"), folder / "small")
    assert f"spm rebuild {first} --repair" in spm(f"spm verify {first} --home other", code=3)
    with open_gate():
        told = spm(f"spm rebuild {first} --repair --home other")
    assert "tables equal" in told
    assert "spm.duckdb" in told
    assert "every byte" in spm(f"spm verify {first} --home other")


class TestAnUpgrade:
    @pytest.fixture
    def older(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A home that an older version made: other code, other readers."""
        shutil.rmtree(folder / "home")
        with monkeypatch.context() as patch:
            an_older_version(patch)
            publish_periods(settings_of(folder), [PERIOD])
        now = landed(folder / "home" / "landing")
        now.rename(now.with_name("v1"))
        return folder / "home"

    def test_is_told_beforehand(self, older: Path) -> None:
        told = spm("spm upgrade --check --home home")
        assert "0.2.0" in told
        assert "1 of 1 batches" in told
        assert re.search(rf"{PERIOD}: .*(?:models or readers|code)", told)
        assert (older / "landing" / "v1").exists()

    @pytest.mark.slow
    def test_is_made_by_the_lines_of_the_page(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SPM_NOW", "2025-01-25T00:00:00+00:00")
        with open_gate():
            spm(commands("backup.md")[0])
            with monkeypatch.context() as patch:
                an_older_version(patch)
                spm(commands("backup.md")[1])
            seen = contents(tmp_path / "home")
            for line in commands("upgrade.md"):
                spm(line)
        kept = {name: found for name, found in seen.items() if name.startswith(("raw/", "published/"))}
        assert contents(tmp_path / "home").items() >= kept.items()

    def test_check_changes_nothing(self, older: Path) -> None:
        seen = contents(older)
        spm("spm upgrade --check --home home")
        assert contents(older) == seen

    def test_releases_of_another_format_are_set_aside_and_published_anew(self, older: Path) -> None:
        (manifest,) = (older / "published" / "releases").glob("*/manifest.json")
        manifest.chmod(0o644)
        manifest.write_text(manifest.read_text().replace(f'"format": {FORMAT}', '"format": 1'))
        told = spm("spm upgrade --check --home home", code=1)
        assert "spm upgrade" in told
        told = spm(commands("upgrade.md", "run: other format")[0])
        assert f"spm run {PERIOD} /" in told
        assert (older / "published-format-1" / "releases" / manifest.parent.name / "manifest.json").exists()
        publish_periods(settings_of(older.parent), [PERIOD])
        assert "every byte" in spm("spm verify --home home")

    def test_what_waits_for_approval_is_told_of(self, older: Path) -> None:
        current = Releases(older / "published").current_id()
        (older / "approvals" / "abc").mkdir(parents=True)
        (older / "approvals" / "abc" / "summary.json").write_text(json.dumps({"release_before": current}))
        assert "waits for approval" in spm("spm upgrade --check --home home")

    def test_receipts_of_a_newer_version_are_refused(self, older: Path) -> None:
        import hashlib

        (batch,) = (older / "raw" / "receipts").glob("*.ndjson")
        lines = [{**json.loads(line), "hologram": 1} for line in batch.read_text().splitlines()]
        text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        batch.with_name(f"{batch.stem.rpartition('-')[0]}-{digest}.ndjson").write_text(text)
        batch.unlink()
        assert "a newer version" in spm("spm upgrade --check --home home", code=1)


def an_older_version(patch: pytest.MonkeyPatch) -> None:
    """What is made meanwhile says that other code made it."""
    patch.setattr(code, "numbers_sha256", lambda: "0" * 64)
    patch.setattr(code, "code_sha256", lambda: "0" * 64)
    patch.setattr(code, "package_version", lambda: "0.2.0")


def contents(home: Path, *without: str) -> dict[str, bytes]:
    """Every file of a home but those in folders of these names."""
    found = (
        path for path in home.rglob("*") if path.is_file() and "current" not in path.relative_to(home).parts
    )
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in found
        if not {*without} & {*path.relative_to(home).parts}
    }
