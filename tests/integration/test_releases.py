"""A release never changes once it is there, and whoever reads the current one reads a whole one."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.publish.candidate import Candidate
from pipelines.publish.manifest import Manifest
from pipelines.publish.release import Published
from pipelines.publish.releases import Releases, UnknownReleaseError
from pipelines.storage.checked_files import sha256_of
from pipelines.warehouse.manifest import cards
from tests.integration.candidates import columns_of, copy_of, release, restated, rewrite
from tests.integration.forging import flip
from tests.integration.forging import rewrite as rewrite_manifest
from tests.integration.home import query

BEFORE = 4.444444
"""The score of the region that is restated, before."""
READER = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print(connection.execute("select sum(index) from mart_region_score").fetchall()[0][0], flush=True)
    sys.stdin.readline()
    print(connection.execute("select sum(index) from mart_region_score").fetchall()[0][0], flush=True)
"""


def score(folder: Path) -> float:
    """The score that the release in a folder gives the region that is restated."""
    found = query(
        "select index from read_parquet($file) where region_code = '64.71' and period = '2024-Q4'",
        file=str(folder / "mart_region_score.parquet"),
    )
    return float(found[0]["index"])


@pytest.fixture(scope="module")
def slim(good_build: Candidate, tmp_path_factory: pytest.TempPathFactory) -> Candidate:
    """The good candidate with the regions of one province: thirty publications take seconds."""
    made = copy_of(good_build, tmp_path_factory.mktemp("slim") / "candidate")
    for table in made.tables:
        if "region_code" in columns_of(made.file(table)) and table != "dim_region":
            rewrite(made.file(table), "select * from t where region_code like '64%' or region_code is null")
    return made


@pytest.fixture(scope="module")
def second_candidate(slim: Candidate, tmp_path_factory: pytest.TempPathFactory) -> Candidate:
    """A later build of 2024-Q4 alone, in which one score changed."""
    return restated(slim, tmp_path_factory.mktemp("second") / "candidate", 42)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An SPM_HOME."""
    return tmp_path / "home"


@pytest.fixture
def releases(home: Path) -> Releases:
    return Releases(home / "published")


@pytest.fixture(scope="module")
def made_once(slim: Candidate, second_candidate: Candidate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder ``published`` with two releases, the second current."""
    releases = Releases(tmp_path_factory.mktemp("two") / "published")
    assert release(releases, slim).is_new
    assert release(releases, second_candidate).is_new
    return releases.root


@pytest.fixture
def two(releases: Releases, made_once: Path) -> tuple[str, str]:
    """The ids of two releases of the test's own home, the second current."""
    shutil.copytree(made_once, releases.root, symlinks=True)
    first, second = releases.ids()
    return first, second


def spm(home: Path, *arguments: str) -> tuple[int, str]:
    """Run ``spm``; the exit code and what it printed."""
    result = CliRunner().invoke(app, [*arguments, "--home", str(home)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_release_of_one_period_keeps_the_rows_of_the_others(
    releases: Releases, two: tuple[str, str]
) -> None:
    old, new = (releases.folder(release_id) for release_id in two)
    assert releases.manifest(two[1]).content.periods == ["2024-Q3", "2024-Q4"]
    for file in sorted(old.glob("*.parquet")):
        if "period" in columns_of(file) and not cards()[file.stem].is_whole:
            kept = f"select * from read_parquet('{file}')"
            assert query(f"{kept} except all select * from read_parquet('{new / file.name}')") == [], file
    assert (score(old), score(new)) == (BEFORE, 42.0)
    assert set(releases.manifest(two[1]).content.gate) == {"2024-Q3", "2024-Q4"}


def test_an_unchanged_build_publishes_nothing(
    releases: Releases, two: tuple[str, str], second_candidate: Candidate
) -> None:
    again = release(releases, second_candidate)
    assert again == Published(two[1], is_new=False)
    assert releases.ids() == sorted(two)
    assert not list((releases.root / "releases").glob(".*"))


def test_a_release_is_as_published_and_read_only(releases: Releases, two: tuple[str, str]) -> None:
    for release_id in two:
        assert releases.verify(release_id) == []
        modes = {file.stat().st_mode & 0o777 for file in releases.folder(release_id).iterdir()}
        assert modes == {0o444}
    assert releases.current_folder().name == two[1]


def test_the_database_says_what_each_table_and_column_is(releases: Releases, two: tuple[str, str]) -> None:
    with duckdb.connect(str(releases.folder(two[1]) / "spm.duckdb"), read_only=True) as connection:
        tables = connection.execute("select table_name, comment from duckdb_tables()").fetchall()
        columns = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() where not internal"
            " and table_name in (select table_name from duckdb_tables())"
        ).fetchall()
        described = connection.execute("select table_name, column_name from meta_column").fetchall()
    assert {name for name, _ in tables} == {file.stem for file in releases.folder(two[1]).glob("*.parquet")}
    assert [name for name, words in tables if not words] == []
    assert [(table, column) for table, column, words in columns if " / " not in (words or "")] == []
    assert set(described) == {(table, column) for table, column, _ in columns}
    assert len(described) == len(set(described))


def test_the_database_has_the_days_of_its_quarters_for_metricflow_under_any_name(
    releases: Releases, two: tuple[str, str]
) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{releases.folder(two[1]) / 'spm.duckdb'}' as other (read_only)")
        days = connection.execute("select date_day from other.int_periods__days order by date_day").fetchall()
        periods = connection.execute("select starts_on, ends_on from other.dim_period").fetchall()
    expected = {start + timedelta(days) for start, end in periods for days in range((end - start).days + 1)}
    assert [day for (day,) in days] == sorted(expected)


def edit_database(folder: Path) -> None:
    (folder / "spm.duckdb").chmod(0o644)
    with duckdb.connect(str(folder / "spm.duckdb")) as connection:
        connection.execute("update mart_region_score set index = 100 where region_code = '64.71'")


def edit_database_and_its_hash(folder: Path) -> None:
    """What a hash of the file alone would not find."""
    edit_database(folder)
    now = sha256_of(folder / "spm.duckdb")
    rewrite_manifest(folder / "manifest.json", lambda said: said["files"].update({"spm.duckdb": now}))


def edit_manifest(folder: Path) -> None:
    (folder / "manifest.json").chmod(0o644)
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace('"rows": ', '"rows": 1', 1))


def cut_manifest(folder: Path) -> None:
    (folder / "manifest.json").chmod(0o644)
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text[: len(text) // 2])


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "one bit of a table": (
        lambda folder: flip(folder / "mart_region_score.parquet"),
        "mart_region_score.parquet: ",
    ),
    "one bit of mart_release": (
        lambda folder: flip(folder / "mart_release.parquet"),
        "mart_release.parquet: ",
    ),
    "one bit of the database": (lambda folder: flip(folder / "spm.duckdb"), "spm.duckdb: "),
    "a table gone": (
        lambda folder: (folder / "fct_indicator.parquet").unlink(),
        "fct_indicator.parquet: tidak ada / missing",
    ),
    "the database gone": (lambda folder: (folder / "spm.duckdb").unlink(), "spm.duckdb: tidak ada / missing"),
    "an unlisted file": (
        lambda folder: (folder / "notes.txt").write_text("x"),
        "notes.txt: bukan bagian rilis ini / not of this release",
    ),
    "the database edited": (edit_database, "spm.duckdb: isinya bukan yang terbit"),
    "the database and its hash edited": (edit_database_and_its_hash, "spm.duckdb: tabel mart_region_score"),
    "the manifest edited": (edit_manifest, "manifest.json: "),
    "half a manifest": (cut_manifest, "manifest.json: "),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_verify_names_what_is_wrong_and_rollback_refuses_it(
    damage: str, home: Path, releases: Releases, two: tuple[str, str]
) -> None:
    harm, said = DAMAGE[damage]
    harm(releases.folder(two[0]))
    wrong = releases.verify(two[0])
    assert wrong
    assert wrong[0].startswith(said)
    assert spm(home, "verify", two[0])[0] == 3
    code, printed = spm(home, "rollback", two[0])
    assert code == 3
    assert "damaged" in printed
    assert releases.current_folder().name == two[1]
    # the release on top of it names its manifest by hash
    assert spm(home, "verify")[0] == (3 if "manifest" in damage or "its hash" in damage else 0)


def test_a_damaged_current_release_is_named_and_left_by_a_rollback(
    home: Path, releases: Releases, two: tuple[str, str]
) -> None:
    cut_manifest(releases.folder(two[1]))
    code, printed = spm(home, "verify")
    assert code == 3
    assert "manifest.json" in printed
    assert spm(home, "rollback", two[0])[0] == 0
    assert spm(home, "verify")[0] == 0


def test_rollback_moves_current_and_the_next_release_builds_on_it(
    home: Path, releases: Releases, two: tuple[str, str], slim: Candidate, tmp_path: Path
) -> None:
    assert spm(home, "rollback", two[0])[0] == 0
    assert score(releases.root / "current") == BEFORE
    third = release(releases, restated(slim, tmp_path / "third", 43))
    assert third.release_id.startswith("r0003-")
    assert score(releases.root / "current") == 43.0
    assert releases.verify(two[1]) == []


def test_a_release_that_is_not_there_is_said_with_those_that_are(home: Path, two: tuple[str, str]) -> None:
    code, printed = spm(home, "rollback", "r0009-000000000000")
    assert code == 2
    assert two[0] in printed


def test_before_the_first_release_there_is_nothing_to_verify(home: Path, releases: Releases) -> None:
    assert spm(home, "verify")[0] == 2
    with pytest.raises(UnknownReleaseError, match="spm run"):
        releases.current_folder()


def test_what_a_killed_publisher_left_is_swept(releases: Releases, slim: Candidate) -> None:
    debris = releases.root / "releases" / ".partial-1"
    debris.mkdir(parents=True)
    (debris / "half.parquet").write_bytes(b"PAR1")
    made = release(releases, slim)
    assert [path.name for path in (releases.root / "releases").iterdir()] == [made.release_id]


def test_a_publication_that_fails_leaves_what_is_current(
    releases: Releases, two: tuple[str, str], slim: Candidate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipelines.publish.release.write_database", full)
    with pytest.raises(OSError, match="No space"):
        release(releases, restated(slim, tmp_path / "third", 43))
    assert releases.current_folder().name == two[1]
    assert sorted(path.name for path in (releases.root / "releases").iterdir()) == sorted(two)


def test_who_has_a_release_open_reads_on_when_another_is_published(
    releases: Releases, slim: Candidate, second_candidate: Candidate
) -> None:
    release(releases, slim)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(releases.root / "current" / "spm.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    before = reader.stdout.readline()
    assert release(releases, second_candidate).is_new
    after, _ = reader.communicate("\n", timeout=30)
    assert reader.returncode == 0
    assert after == before


@pytest.fixture
def reading(releases: Releases) -> Iterator[Sequence[str]]:
    """Two readers that open what is current again and again; what they found wrong."""
    wrong: list[str] = []
    seen: set[float] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                # resolved once: DuckDB opens a Parquet file twice, and the link may move in between
                folder = (releases.root / "current").resolve(strict=True)
                if releases.current() is None or set(Manifest.read(folder / "manifest.json").files()) != {
                    file.name for file in folder.iterdir() if file.name != "manifest.json"
                }:
                    wrong.append(f"{folder} is not whole")
                seen.add(score(folder))
            except Exception as error:
                wrong.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    yield wrong
    stop.set()
    for thread in threads:
        thread.join()
    assert len(seen) > 1, "the readers saw one release only, which proves nothing"


@pytest.mark.slow
def test_current_is_always_one_whole_release(
    releases: Releases, two: tuple[str, str], slim: Candidate, tmp_path: Path, reading: Sequence[str]
) -> None:
    for turn in range(2):
        folder = tmp_path / f"turn{turn}"
        assert release(releases, restated(slim, folder, turn)).is_new
        shutil.rmtree(folder)
        for release_id in [*two, *two, releases.ids()[-1]]:
            with releases.writing():
                releases.point_to(release_id)
    assert len(releases.ids()) == 4
    assert reading == []
