"""A home for the pipeline in a test: rows and documents in, a build or a whole run, tables out.

Models are built as dbt compiled them, without dbt (``warehouse.compiled``); ``test_dbt_unit_tests`` proves
that dbt makes the same tables of them. What is built once is kept (``stories``).

Put here: running the pipeline on made-up input. Keep out: what should come of it (the tests say).
"""

from __future__ import annotations

import csv
import hashlib
import inspect
import io
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.facts import RunFacts
from pipelines.build import steps
from pipelines.publish.candidate import Candidate, read_candidate
from pipelines.publish.causes import run_context
from pipelines.publish.release import Published
from pipelines.publish.releases import Releases
from pipelines.quality import gate
from pipelines.quality import judge as judging
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.registry import home_rows
from pipelines.registry.gate_checks import GateCheck, required_checks
from pipelines.settings import DBT_DIR, Settings
from pipelines.sources.config import load_sources
from pipelines.submissions.rows import COLUMNS
from pipelines.warehouse import compiled, dbt, registry_file
from pipelines.warehouse.manifest import marts
from tests.integration import stories

SEEDS = DBT_DIR / "seeds"
NOW = datetime(2025, 6, 1, 3, tzinfo=UTC)
RECEIVED = datetime(2025, 1, 10, 3, tzinfo=UTC)
"""When the made-up documents arrived, unless a test says otherwise."""

Row = dict[str, Any]
Document = tuple[str, bytes, datetime]
"""Its name in the inbox, its bytes, when it arrived."""
Change = Callable[[duckdb.DuckDBPyConnection], object]
"""What a test does to the registry in a work file."""
_EVERY_RELEASE_IS_JUDGED = os.environ.get("SPM_TESTS_JUDGE") == "all"
_JUDGE = steps.judge
_OF_EVERY_CANDIDATE = ("mart_document", "mart_compliance", "mart_national_score", "stg_landing__receipts")
"""What a candidate and its release are made from, whatever tables a test is about."""
_WORK_FILE = Path("work", "test", dbt.WORK_FILE_NAME)


def document(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Rows as a document in our own CSV shape; absent columns are empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def put(path: Path, content: bytes, received: datetime = RECEIVED) -> None:
    """Put a document into an inbox; the time of the file is its time of receipt."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (received.timestamp(), received.timestamp()))


def settings_of(folder: Path, *, threads: int = 1, workers: int = 1) -> Settings:
    """Settings of ``folder/home``, with the CSV files anywhere below ``folder/inbox`` as the one source.

    One thread: on rows as few as these a second one costs a quarter more and gains nothing.
    """
    sources = folder / "sources.yaml"
    sources.write_text(
        "sources:\n- name: inbox\n  kind: csv\n  path: inbox/**/*.csv\n  receipt_time: store\n",
        encoding="utf-8",
    )
    return Settings(folder / "home", sources, threads=threads, workers=workers, now=NOW)


def home_copied(made_once: Path, folder: Path) -> Settings:
    """A copy of what lies beside and in a home of ``settings_of``, for a test that changes it."""
    shutil.copytree(made_once, folder, symlinks=True)
    return settings_of(folder)


def with_registry(monkeypatch: pytest.MonkeyPatch, folder: Path, change: Change) -> None:
    """Every work file of the test starts from a copy of the registry that ``change`` was made to."""
    changed = folder / "registry" / hashlib.sha256(stories.source_of(change).encode()).hexdigest()
    file = changed / dbt.WORK_FILE_NAME
    changed.mkdir(parents=True)
    shutil.copyfile(registry_file.ensure(2, "1GB"), file)
    with duckdb.connect(str(file)) as connection:
        change(connection)
    monkeypatch.setattr(registry_file, "ensure", lambda *_: file)


def build_marts(
    rows: Sequence[Mapping[str, str]],
    change_registry: Change | None = None,
    *,
    models: Sequence[str] = (),
    besides: Sequence[Document] = (),
) -> Path:
    """Take ``rows`` in as one document and build ``models`` with all above them, or every model.

    Returns the work file, which tests share: read it, never change it. ``change_registry`` may change the
    seeds of this one build before models read them; documents of ``besides`` come with that of the rows.
    """

    def make(folder: Path) -> None:
        settings = settings_of(folder)
        put(folder / "inbox" / "rows.csv", document(rows))
        for name, content, received in besides:
            put(folder / "inbox" / name, content, received)
        periods = sorted({row["period"] for row in rows})
        take_in(settings, periods)
        build_periods(settings, periods, change_registry, models=models)

    parts = ("marts", document(rows), stories.source_of(change_registry), models, besides)
    return stories.made(parts, make) / "home" / _WORK_FILE


def build_periods(
    settings: Settings,
    periods: Sequence[str],
    change_registry: Change | None = None,
    *,
    models: Sequence[str] = (),
) -> Path:
    """Build ``periods`` from what was taken in; the other arguments are those of ``build_marts``."""
    work_file = settings.home / _WORK_FILE
    steps.make_work(settings, work_file, periods)
    if change_registry is not None:
        with duckdb.connect(str(work_file)) as connection:
            change_registry(connection)
    failed = steps.failed_nodes(run_models(settings, work_file, models))
    assert not failed, failed
    return work_file


def candidate_of(
    settings: Settings,
    periods: Sequence[str],
    change_registry: Change | None = None,
    *,
    tables: Sequence[str] = (),
) -> Candidate:
    """Take in what the inbox holds, build ``periods`` and write the candidate: a run up to the gate.

    Where the test asks the suites of ``tables`` alone, these are built with what their suites read, and the
    others have no row. What follows from the same documents, registry and release before is built once.
    """
    take_in(settings, periods)
    chosen = steps.received_of(settings, periods)
    folder = settings.work / "test" / "candidate"
    models = () if _EVERY_RELEASE_IS_JUDGED or not tables else _read_by_suites(tables)

    def make(kept: Path) -> None:
        work_file = build_periods(settings, chosen, change_registry, models=models)
        if models:
            _leave_the_others_empty(work_file)
        steps.make_candidate(settings, work_file, kept / "candidate", chosen)

    current = Releases(settings.published).current()
    parts = (
        "candidate",
        *chosen,
        models,
        stories.files_of(settings.landing),
        stories.files_of(settings.published / "current", "*.parquet"),
        registry_file.ensure(settings.threads, settings.memory_limit).parent.name,
        stories.source_of(change_registry),
        home_rows.in_use(),
        run_context(current, chosen),
        settings.threads,
        str(settings.now),
    )
    kept = stories.made(parts, make) / "candidate"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder)
    return read_candidate(folder)


def _read_by_suites(tables: Sequence[str]) -> tuple[str, ...]:
    """``tables``, the dimensions, whatever their suites name, and what a candidate is made from."""
    said = "".join(inspect.getsource(suite) for suite in judging.SUITES if suite.TABLE in tables)
    named = {name for name in marts() if name.startswith("dim_") or re.search(rf"\b{name}\b", said)}
    return (*sorted({*tables, *named}), *_OF_EVERY_CANDIDATE)


def _leave_the_others_empty(work_file: Path) -> None:
    with duckdb.connect(str(work_file)) as connection:
        for card in marts().values():
            columns = ", ".join(f'"{name}" {kind}' for name, kind in card.columns.items())
            connection.execute(f"create table if not exists marts.{card.name} ({columns})")


def publish_periods(
    settings: Settings,
    periods: Sequence[str],
    change_registry: Change | None = None,
    *,
    judged: bool = False,
    tables: Sequence[str] = (),
) -> Published:
    """A whole run without Dagster around it: the steps of its assets, in their order.

    The gate is asked where a test is about it (``judged``), and in `make test-slow` for every release; else
    it is taken to be open, since to judge takes as long as to build. ``tables``: see ``candidate_of``.
    """
    candidate = candidate_of(settings, periods, change_registry, tables=tables)
    verdicts = steps.judge(candidate) if judged or _EVERY_RELEASE_IS_JUDGED else passed(candidate)
    return steps.publish_candidate(settings, candidate, verdicts)


@contextmanager
def open_gate() -> Iterator[None]:
    """The gate is taken to be open inside, but in `make test-slow`."""
    with pytest.MonkeyPatch.context() as patch:
        if not _EVERY_RELEASE_IS_JUDGED:
            patch.setattr(steps, "judge", passed)
        yield


@contextmanager
def judged_gate(*tables: str) -> Iterator[None]:
    """The gate is asked inside, also where a module takes it to be open (``tables``: ``judged_by``)."""
    with pytest.MonkeyPatch.context() as patch, judged_by(*tables):
        patch.setattr(steps, "judge", _JUDGE)
        yield


def passed(candidate: Candidate) -> list[PeriodVerdict]:
    """Verdicts that open the gate."""
    said = [_passed(check) for check in required_checks()]
    return [PeriodVerdict(period, said, candidate.hashes()) for period in candidate.periods]


def _passed(check: GateCheck) -> Verdict:
    return Verdict(check.check_id, check.table_name, check.severity, "pass")


def closed_by(candidate: Candidate, *tables: str) -> dict[str, list[str]]:
    """The periods of a candidate that the gate closes, with the checks that close them.

    Of ``tables`` the suites alone are asked, where any are named.
    """
    with judged_by(*tables):
        verdicts = steps.judge(candidate)
    return {one.period: [check.check_id for check in one.closing] for one in verdicts if not one.passed}


@contextmanager
def judged_by(*tables: str) -> Iterator[None]:
    """The gate asks the suites of these tables alone inside, where any are named; other checks pass."""
    judge = gate.import_judge()
    suites = [suite for suite in judging.SUITES if suite.TABLE in tables]

    def narrowed(file: Path, facts: RunFacts, required: Sequence[GateCheck]) -> list[Verdict]:
        asked = [check for check in required if check.table_name in tables]
        others = [check for check in required if check.table_name not in tables]
        return judge(file, facts, asked, suites) + [_passed(check) for check in others]

    with pytest.MonkeyPatch.context() as patch:
        if tables and not _EVERY_RELEASE_IS_JUDGED:
            patch.setattr(gate, "import_judge", lambda: narrowed)
        yield


def take_in(settings: Settings, periods: Sequence[str]) -> None:
    """Receive and land what each source holds for ``periods``."""
    assert settings.sources_file is not None
    for spec in load_sources(settings.sources_file):
        steps.take_in(settings, spec, periods)


def run_models(settings: Settings, work_file: Path, models: Sequence[str] = ()) -> list[dbt.NodeResult]:
    """``steps.run_models`` without dbt: the same SQL, and every data test of what was built."""
    project = compiled.project(settings.threads, settings.memory_limit)
    chosen = project.models_of(models)
    compiled.build(work_file, chosen, settings.threads, settings.memory_limit)
    tests = project.tests_of(chosen)
    failing = compiled.failing_tests(work_file, tests, settings.threads, settings.memory_limit)
    built = [dbt.NodeResult(f"model.spm.{model.name}", "success", "", 0.0, None) for model in chosen]
    return built + [
        dbt.NodeResult(f"test.spm.{test.name}", "fail", "rows were found", 0.0, failing[test.name])
        if test.name in failing
        else dbt.NodeResult(f"test.spm.{test.name}", "pass", "", 0.0, 0)
        for test in tests
    ]


@contextmanager
def without_dbt() -> Iterator[None]:
    """Runs of the pipeline, of Dagster too, build by ``run_models`` while inside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "run_models", run_models)
        yield


@contextmanager
def without_history() -> Iterator[None]:
    """Runs of the pipeline keep no history in their home while inside: a run in five seconds is one of it."""
    with pytest.MonkeyPatch.context() as patch:
        # where no test of this process can run one, Dagster need not be imported
        if "pipelines.cli.app" in sys.modules:
            from pipelines.defs import in_process, instance

            patch.setattr(in_process, "history", lambda settings, _: instance.passing_instance(settings))
        yield


def query(sql: str, work_file: Path | None = None, **parameters: object) -> list[Row]:
    """The rows of a query as dictionaries, asked of a work file or of nothing but the files it names."""
    with duckdb.connect(str(work_file or ":memory:"), read_only=work_file is not None) as connection:
        found = connection.execute(sql, parameters or None)
        names = [column[0] for column in found.description]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


def restated(settings: Settings) -> list[Row]:
    """The cells that the current release changed; its ledger holds those of the releases before it, too."""
    before = published(settings, "mart_release")[-1]["release_before"]
    return [row for row in published(settings, "mart_restatement") if row["release_before"] == before]


def published(settings: Settings, table: str) -> list[Row]:
    """The rows of a table of the current release."""
    path = settings.published / "current" / f"{table}.parquet"
    return query("select * from read_parquet($path)", path=str(path))
