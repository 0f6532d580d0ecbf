"""``spm work`` and ``spm gate``: a work file that stays, to work on one model with dbt, and one suite alone.

A kept file is made as the work file of a run is, from what was received and beside the current release. No
run reads it or throws it away, and nothing in it is published.

Put here: making, listing and removing kept files, judging one table. Keep out: the steps of a build
(``build.steps``), printing (``cli.show``).
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines import progress
from pipelines.build import steps
from pipelines.errors import ConfigurationError
from pipelines.messages import most_like, say
from pipelines.publish.releases import Releases
from pipelines.quality.gate import judge_table
from pipelines.quality.verdicts import Verdict
from pipelines.registry.gate_checks import GateCheck, required_checks
from pipelines.settings import DBT_DIR, Settings
from pipelines.sources.config import load_sources
from pipelines.storage.lock import one_writer
from pipelines.storage.private_files import FOLDER, keep_private
from pipelines.storage.scratch import scratch_folder
from pipelines.warehouse import dbt

ENVIRONMENT = "env"
"""The file beside a kept work file that a shell reads before it calls dbt."""


class NotKeptError(ConfigurationError):
    """There is no kept work file of that name, or the folder given holds something else."""


class NoSuiteError(ConfigurationError):
    """No suite judges the table; the message names those that are judged."""


@dataclass(frozen=True, slots=True)
class KeptWork:
    """A kept work file: the ``periods`` in it, a sentence for each node that ``failed``."""

    folder: Path
    periods: list[str]
    failed: list[str]

    @property
    def work_file(self) -> Path:
        """The DuckDB file."""
        return self.folder / dbt.WORK_FILE_NAME

    @property
    def environment(self) -> Path:
        """The file that a shell reads before it calls dbt."""
        return self.folder / ENVIRONMENT


@dataclass(frozen=True, slots=True)
class JudgedTable:
    """What the suite of ``table`` says of ``periods`` of ``origin``: a kept work file, or a release.

    A check without a verdict compares with what only a run has.
    """

    table: str
    origin: str
    periods: list[str]
    verdicts: list[tuple[GateCheck, Verdict | None]]

    @property
    def closes(self) -> bool:
        """Whether one of the checks would close the gate."""
        return any(verdict is not None and verdict.closes for _, verdict in self.verdicts)


def keep_work(settings: Settings, periods: Sequence[str], to: Path | None = None) -> KeptWork:
    """Make the work file of ``periods``, build every model in it, and keep it in ``to`` or under ``kept/``.

    A sources file is asked for more first. What failed is built as far as it goes, and kept all the same.

    Raises:
        NotKeptError: the folder given holds something else.
        HomeBusyError: another process writes in this home.
        NothingReceivedError: no row was ever received for the periods.
    """
    folder = to.resolve() if to else settings.kept / _name(periods)
    if folder.exists() and any(folder.iterdir()) and not (folder / ENVIRONMENT).exists():
        raise NotKeptError(say("kept.folder_in_use", at=folder))
    with one_writer(settings.home, f"spm work {_name(periods)}"):
        intake = settings.in_one_moment()
        for spec in load_sources(settings.sources_file) if settings.sources_file else []:
            steps.take_in(intake, spec, periods)
        chosen = steps.received_of(settings, periods)
        shutil.rmtree(folder, ignore_errors=True)
        keep_private(settings, settings.kept)
        folder.mkdir(parents=True, mode=FOLDER)
        kept = KeptWork(folder, chosen, [])
        kept.environment.write_text(_environment(settings, folder), encoding="utf-8")
        steps.make_work(settings, kept.work_file, chosen)
        failed = steps.failed_nodes(steps.run_models(settings, kept.work_file))
    return KeptWork(folder, chosen, failed)


def kept_works(settings: Settings) -> list[Path]:
    """The kept work files of the home."""
    return sorted(settings.kept.glob(f"*/{dbt.WORK_FILE_NAME}"))


def remove_work(settings: Settings, periods: Sequence[str]) -> Path:
    """Throw the kept work file of ``periods`` away.

    Raises:
        NotKeptError: there is none.
    """
    folder = settings.kept / _name(periods)
    if not folder.exists():
        raise NotKeptError(say("kept.none", at=folder))
    shutil.rmtree(folder)
    return folder


def judge_one_table(
    settings: Settings, table: str, periods: Sequence[str] = (), kept: Path | None = None
) -> JudgedTable:
    """Judge one table by its suite alone: as built in the kept work file of ``periods``, or as released.

    ``kept`` is the folder of a work file that was kept elsewhere.

    Raises:
        NoSuiteError: no suite judges the table.
        NotKeptError: the kept work file lacks a mart.
        ConfigurationError: nothing is published yet, or none of the periods is.
    """
    checks = [check for check in required_checks() if check.table_name == table]
    if not checks:
        judged = most_like(table, sorted({check.table_name for check in required_checks()}))
        raise NoSuiteError(say("gate.no_suite", at=table, tables=judged))
    work_file = (kept or settings.kept / _name(periods or ["-"])) / dbt.WORK_FILE_NAME
    if kept and not work_file.exists():
        raise NotKeptError(say("kept.none", at=kept))
    with scratch_folder("gate") as scratch:
        if work_file.exists():
            origin, folder = str(work_file), scratch
            chosen, others = _candidate(settings, work_file, folder), []
        else:
            releases = Releases(settings.published)
            folder = releases.current_folder()
            origin, published = folder.name, releases.manifest(folder.name).content.periods
            chosen = [period for period in published if period in (periods or published)]
            others = [period for period in published if period not in chosen]
            if not chosen:
                raise ConfigurationError(
                    say("explain.not_in_release", at=f"{table}, {', '.join(periods)}", release=origin)
                )
        progress.step(say("run.judging", at="Great Expectations"))
        said = judge_table(folder, scratch / "judged.duckdb", table, checks, chosen, others)
    return JudgedTable(table, origin, chosen, list(zip(checks, said, strict=True)))


def _candidate(settings: Settings, work_file: Path, folder: Path) -> list[str]:
    with duckdb.connect(str(work_file), read_only=True) as connection:
        found = connection.execute("select period from raw.run_periods order by period").fetchall()
    periods = [period for (period,) in found]
    try:
        steps.make_candidate(settings, work_file, folder, periods)
    except duckdb.CatalogException as error:
        raise NotKeptError(say("kept.not_built", at=work_file, why=str(error).splitlines()[0])) from error
    return periods


def _name(periods: Sequence[str]) -> str:
    return periods[0] if len(periods) == 1 else f"{periods[0]}..{periods[-1]}"


def _environment(settings: Settings, folder: Path) -> str:
    values = {
        "SPM_WORK_DB": folder / dbt.WORK_FILE_NAME,
        "SPM_THREADS": settings.threads,
        "SPM_MEMORY_LIMIT": settings.memory_limit,
        "DBT_PROJECT_DIR": DBT_DIR,
        "DBT_PROFILES_DIR": DBT_DIR,
        # beside the file: in the project dbt would overwrite what runs have parsed
        "DBT_TARGET_PATH": folder / "target",
        "DBT_LOG_PATH": folder / "logs",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    lines = [f"export {name}={shlex.quote(str(value))}" for name, value in values.items()]
    return "\n".join([f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH", *lines, ""])
