"""The disk of a home stays bounded: equal files are one, old tables go, and what proves them stays."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.build import ledger
from pipelines.build.prune import plan_prune, prune
from pipelines.build.rebuild import share_again
from pipelines.build.record import RunRecord
from pipelines.cli.app import app
from pipelines.publish.candidate import Candidate
from pipelines.publish.prune import KEPT, Keep, plan_releases, put_back
from pipelines.publish.releases import Releases
from pipelines.publish.upkeep import PrunedReleaseError
from pipelines.settings import Settings
from tests.integration.candidates import columns_of, copy_of, release, restated, rewrite
from tests.integration.forging import flip

MOVED = (42, 43, 44)
"""The score of one region in each release after the first."""


@pytest.fixture(scope="module")
def made_once(good_build: Candidate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of four releases, the last current: one region moves in each."""
    folder = tmp_path_factory.mktemp("four")
    slim = slim_of(good_build, folder)
    releases = Releases(folder / "home" / "published")
    release(releases, slim)
    for index in MOVED:
        release(releases, restated(slim, folder / str(index), index))
    return folder / "home"


def slim_of(good_build: Candidate, folder: Path) -> Candidate:
    """The good candidate with the regions of one province."""
    slim = copy_of(good_build, folder / "slim")
    for table in slim.tables:
        if "region_code" in columns_of(slim.file(table)) and table != "dim_region":
            rewrite(slim.file(table), "select * from t where region_code like '64%' or region_code is null")
    return slim


@pytest.fixture
def settings(tmp_path: Path, made_once: Path) -> Settings:
    """A home of the test's own, in which files are shared as in that one."""
    home = tmp_path / "home"
    shutil.copytree(made_once, home, symlinks=True, copy_function=os.link)
    return Settings(home, threads=1)


@pytest.fixture
def releases(settings: Settings) -> Releases:
    return Releases(settings.published)


def spm(settings: Settings, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*arguments, "--home", str(settings.home)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def own(path: Path) -> Path:
    """The file as one that no other name leads to, so that a test may change it."""
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    return path


class TestFilesThatDidNotChange:
    def test_are_one_file_in_consecutive_releases(self, releases: Releases) -> None:
        before, after = (releases.place(one) for one in releases.ids()[:2])
        files, earlier = (releases.manifest(one.name).files() for one in (after, before))
        for name in files:
            is_one = (before / name).samefile(after / name)
            assert is_one == (files[name] == earlier[name]), name
        assert (before / "dim_region.parquet").samefile(after / "dim_region.parquet")
        assert not (before / "mart_region_score.parquet").samefile(after / "mart_region_score.parquet")

    def test_damaged_are_damage_in_both_and_are_put_right_in_both(
        self, releases: Releases, tmp_path: Path
    ) -> None:
        first, second = releases.ids()[:2]
        good = shutil.copyfile(releases.place(first) / "dim_region.parquet", tmp_path / "good.parquet")
        for one in releases.ids()[2:]:
            own(releases.place(one) / "dim_region.parquet")
        own(releases.place(first) / "dim_region.parquet")
        (releases.place(second) / "dim_region.parquet").unlink()
        os.link(releases.place(first) / "dim_region.parquet", releases.place(second) / "dim_region.parquet")
        flip(releases.place(first) / "dim_region.parquet")
        said = ["dim_region.parquet: isinya bukan yang terbit / its bytes are not those published"]
        assert [releases.verify(one) for one in releases.ids()] == [said, said, [], []]
        path = releases.place(first) / "dim_region.parquet"
        path.unlink()
        shutil.copyfile(good, path)
        share_again(releases, path)
        assert [releases.verify(one) for one in releases.ids()] == [[], [], [], []]

    def test_are_copies_where_the_file_system_has_no_links(
        self, good_build: Candidate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_links(*_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", no_links)
        releases, slim = Releases(tmp_path / "published"), slim_of(good_build, tmp_path)
        release(releases, slim)
        release(releases, restated(slim, tmp_path / "second", 42))
        assert [releases.verify(one) for one in releases.ids()] == [[], []]
        assert {path.stat().st_nlink for path in releases.place(releases.ids()[1]).iterdir()} == {1}


class TestPrune:
    def test_plan_removes_nothing_and_says_what_would_go(
        self, settings: Settings, releases: Releases
    ) -> None:
        first, second, third, fourth = releases.ids()
        before = sorted(settings.home.rglob("*"))
        code, printed = spm(settings, "prune", "--keep", "1", "--plan")
        assert code == 0
        assert sorted(settings.home.rglob("*")) == before
        going = [line.split(":")[0] for line in printed.splitlines() if "files," in line]
        assert going == [first, second]
        assert f"{fourth}: tetap" in printed
        assert f"{third}: tetap" in printed

    def test_gives_back_just_what_it_says(self, tmp_path: Path, made_once: Path) -> None:
        copied = tmp_path / "home"
        # shared files stay shared, and with nobody else
        subprocess.run(["cp", "-a", made_once, copied], check=True)
        settings = Settings(copied, threads=1)
        taken = used(copied)
        plan = plan_prune(settings, Keep(last=1))
        prune(settings, plan)
        assert plan.bytes > 1_000_000
        assert taken - used(copied) == plan.bytes - upkeep_bytes(settings)

    def test_keeps_the_current_release_the_one_before_it_and_the_pinned_one(
        self, settings: Settings, releases: Releases
    ) -> None:
        first, second, third, fourth = releases.ids()
        assert spm(settings, "rollback", second, "--reason", "wrong file")[0] == 0
        plan = plan_releases(settings, Keep(last=1))
        assert sorted(plan.kept) == [first, second, fourth]
        assert [pruned.release_id for pruned in plan.pruned] == [third]

    def test_keeps_what_something_waits_for_approval_on_top_of(
        self, settings: Settings, releases: Releases
    ) -> None:
        first, second, _, fourth = releases.ids()
        for name, base in (("waits", fourth), ("overtaken", first)):
            folder = settings.approvals / name
            folder.mkdir(parents=True)
            (folder / "summary.json").write_text(json.dumps({"release_before": base}))
        plan = plan_releases(settings, Keep(named=[second]))
        assert any("approval" in why for why in plan.kept[fourth])
        assert first not in plan.kept

    def test_keeps_the_last_release_of_each_year_and_quarter(
        self, settings: Settings, releases: Releases, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = releases.ids()
        published = ("2023-12-31T18:00:00+00:00", "2024-02-01T00:00:00+00:00", "2024-05-01", "2025-01-01")
        manifests = {one: releases.manifest(one) for one in ids}
        for one, at in zip(ids, published, strict=True):
            object.__setattr__(manifests[one], "published_at", at if "T" in at else f"{at}T00:00:00+00:00")
        monkeypatch.setattr(Releases, "manifest", lambda _, release_id: manifests[release_id])
        # midnight in Jakarta comes seven hours before that of UTC: the first is of 2024
        yearly = plan_releases(settings, Keep(yearly=2)).kept
        assert [one for one in ids if any("year" in why for why in yearly.get(one, []))] == [ids[2], ids[3]]
        quarterly = plan_releases(settings, Keep(quarterly=3)).kept
        of_quarter = [one for one in ids if any("quarter" in why for why in quarterly.get(one, []))]
        assert of_quarter == [ids[1], ids[2], ids[3]]

    def test_asks_what_to_keep(self, settings: Settings) -> None:
        code, printed = spm(settings, "prune")
        assert code == 2
        assert "--keep N" in printed

    def test_leaves_what_proves_the_line_and_says_in_one_line_how_to_get_tables_back(
        self, settings: Settings, releases: Releases
    ) -> None:
        first, second, third, fourth = releases.ids()
        assert spm(settings, "prune", "--keep", "1")[0] == 0
        left = {path.name for path in releases.place(first).iterdir()}
        assert left == {"manifest.json", *KEPT}
        remedy = f"spm rebuild {first} --repair"
        listed = json.loads(spm(settings, "releases", "--json")[1])
        assert [one["release_id"] for one in listed if one["pruned"]] == [first, second]
        for command in (
            ("verify", first),
            ("rollback", first),
            ("diff", first, fourth),
            ("explain", "64.71", "2024-Q4", "--release", first),
            ("export", first),
        ):
            code, printed = spm(settings, *command)
            assert code == 3, command
            assert remedy in printed, command
        assert remedy in spm(settings, "releases")[1]
        code, printed = spm(settings, "verify")
        assert code == 0
        assert "3" in printed
        assert spm(settings, "diff", third, fourth)[0] == 0

    def test_a_comparison_over_pruned_releases_still_says_why(
        self, settings: Settings, releases: Releases
    ) -> None:
        first, _, _, fourth = releases.ids()
        whole = spm(settings, "diff", first, fourth, "--json")[1]
        assert spm(settings, "prune", "--keep", "1", "--keep-release", first)[0] == 0
        assert spm(settings, "diff", first, fourth, "--json")[1] == whole

    def test_a_byte_of_what_is_left_that_changed_is_told(
        self, settings: Settings, releases: Releases
    ) -> None:
        first = releases.ids()[0]
        assert spm(settings, "prune", "--keep", "1")[0] == 0
        flip(own(releases.place(first) / "mart_release.parquet"))
        code, printed = spm(settings, "verify", first)
        assert code == 3
        assert "mart_release.parquet: isinya" in printed

    def test_that_is_killed_is_gone_on_with_by_the_next(
        self, settings: Settings, releases: Releases, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second, *_ = releases.ids()
        unlink, left = Path.unlink, [3]

        def killed(path: Path, missing_ok: bool = False) -> None:
            if path.parent.parent.name == "releases":
                left[0] -= 1
                if left[0] < 0:
                    raise KeyboardInterrupt
            unlink(path, missing_ok=missing_ok)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", killed)
            with pytest.raises(KeyboardInterrupt):
                prune(settings, plan_prune(settings, Keep(last=1)))
        with pytest.raises(PrunedReleaseError):
            releases.folder(first)
        assert spm(settings, "verify")[0] == 0
        # whatever the next one is asked for, it ends what was begun, and what was not begun stays
        assert spm(settings, "prune", "--keep", "4")[0] == 0
        assert {path.name for path in releases.place(first).iterdir()} == {"manifest.json", *KEPT}
        assert releases.verify(second) == []

    def test_tables_that_were_made_again_are_put_back_with_a_database(
        self, settings: Settings, releases: Releases, made_once: Path
    ) -> None:
        first, second, *_ = releases.ids()
        assert spm(settings, "prune", "--keep", "1")[0] == 0
        again = {path.name: path for path in (made_once / "published" / "releases" / first).iterdir()}
        assert put_back(settings, first, {**again, "dim_band.parquet": again["dim_sector.parquet"]}) == []
        assert "spm.duckdb" in put_back(settings, first, again)
        assert releases.verify(first) == []
        assert spm(settings, "rollback", first)[0] == 0
        # the note on its database is part of what is proved
        flip(releases.place(first) / "spm.duckdb")
        assert "spm.duckdb" in releases.verify(first)[0]
        assert spm(settings, "verify", second)[0] == 3

    def test_databases_alone_go_and_a_rollback_makes_one_again(
        self, settings: Settings, releases: Releases
    ) -> None:
        first, *_, fourth = releases.ids()
        assert spm(settings, "prune", "--databases")[0] == 0
        assert [(releases.place(one) / "spm.duckdb").exists() for one in releases.ids()] == [False] * 3 + [
            True
        ]
        assert spm(settings, "verify", first)[0] == 0
        assert spm(settings, "diff", first, fourth)[0] == 0
        code, printed = spm(settings, "export", first)
        assert code == 3
        assert f"spm rebuild {first} --repair" in printed
        assert spm(settings, "rollback", first)[0] == 0
        assert (releases.root / "current" / "spm.duckdb").exists()
        assert releases.pruned(first, "spm.duckdb") is None
        assert releases.verify(first) == []


class TestOldRuns:
    def test_go_from_the_ledger_but_the_last_one_and_those_it_follows(self, tmp_path: Path) -> None:
        settings = Settings(tmp_path)
        ended = RunRecord()
        first = ledger.begin(settings, "a" * 32, "command line", 1, ["2024-Q1"], None)
        closed = ledger.begin(settings, "b" * 32, "command line", 1, ["2024-Q1"], None)
        after = ledger.begin(settings, "c" * 32, "command line", 1, ["2024-Q2"], "b" * 32)
        for entry in (first, closed, after):
            ledger.end(settings, entry, ended, [], None)
        now = datetime.now(UTC)
        assert ledger.ended_before(settings, now - timedelta(days=1)) == []
        old = ledger.ended_before(settings, now + timedelta(days=1))
        assert [path.name.split("-")[1] for path in old] == ["aaaaaaaa.json"]

    def test_go_from_the_history_of_dagster_with_their_files(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import dagster as dg

        from pipelines.defs.instance import dagster_instance

        @dg.op
        def work() -> None:
            print("printed")

        @dg.job
        def one() -> None:
            work()

        with dagster_instance(tmp_path) as instance:
            run_id = one.execute_in_process(instance=instance).run_id
        settings = Settings(tmp_path)
        (settings.published / "releases").mkdir(parents=True)
        history = tmp_path / "dagster" / "history" / "runs"
        assert (history / f"{run_id}.db").exists()
        assert spm(settings, "prune", "--history", "1")[0] == 0
        assert (history / f"{run_id}.db").exists()
        monkeypatch.setattr(
            Settings, "wall_clock", lambda _: datetime.now(UTC) + timedelta(days=3), raising=True
        )
        assert "1 runs of Dagster" in spm(settings, "prune", "--history", "1")[1]
        assert list(history.glob(f"{run_id}*")) == []
        with dagster_instance(tmp_path) as instance:
            assert instance.get_runs() == []


def test_what_commands_made_long_ago_goes_and_that_of_the_current_release_stays(
    settings: Settings, releases: Releases
) -> None:
    old, new = releases.ids()[0], releases.ids()[-1]
    folders = [settings.kept / "2024-Q4", settings.what_if / "m-1", settings.home / "as-of" / "2025"]
    folders += [settings.home / "reports" / one for one in (old, new)]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "file").write_text("x")
        for path in (folder / "file", folder):
            os.utime(path, (0, 0))
    young = settings.kept / "2025-Q1"
    young.mkdir()
    assert spm(settings, "prune", "--made", "30")[0] == 0
    assert [folder.exists() for folder in folders] == [False] * 4 + [True]
    assert young.exists()


def used(home: Path) -> int:
    """The bytes that files take, those of one file under several names once."""
    found = {(one.st_dev, one.st_ino): one.st_size for one in map(Path.lstat, files_of(home))}
    return sum(found.values())


def files_of(home: Path) -> list[Path]:
    return [
        path for path in home.rglob("*") if path.is_file() and not path.is_symlink() and path.name[0] != "."
    ]


def upkeep_bytes(settings: Settings) -> int:
    return sum(path.stat().st_size for path in (settings.published / "upkeep").iterdir())
