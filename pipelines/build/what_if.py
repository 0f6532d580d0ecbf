"""A what-if: periods scored by another method than their own, to look at and never to publish.

What was received is standardised and scored as in a run. There is no gate and no release: the marts lie as
Parquet under ``what-if/`` of the home, beside a text that says what they are.

Put here: that run beside the runs. Keep out: methods (``methods.csv``), printing (``cli.show``).
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.build import steps
from pipelines.errors import ConfigurationError
from pipelines.messages import message, most_like, say
from pipelines.publish.candidate import Candidate
from pipelines.settings import Settings
from pipelines.sources.config import load_sources
from pipelines.storage.lock import one_writer
from pipelines.storage.private_files import keep_private
from pipelines.warehouse import dbt, registry_file

NOTICE = "WHAT-IF.txt"


class UnknownMethodError(ConfigurationError):
    """No method has the version asked for; the message names those that there are."""


class UnscoredPeriodError(ConfigurationError):
    """No service is owed in a period asked for, so that no method can score it (before PP 2/2018)."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The result: ``folder`` holds the marts of ``periods``; nothing was received for ``skipped``, no row for
    ``refused``.

    ``incomplete`` says what of the sources could not be fetched.
    """

    method: str
    periods: list[str]
    skipped: list[str]
    refused: list[str]
    folder: Path
    incomplete: list[str]


def score_what_if(settings: Settings, periods: Sequence[str], method: str) -> WhatIf:
    """Score ``periods`` by ``method`` from all that was received; a sources file is asked for more first.

    The same receipts and registry give the same folder, which has a hash of its tables.

    Raises:
        UnknownMethodError: no method has the version.
        UnscoredPeriodError: no service is scored in one of the periods.
        HomeBusyError: another process writes in this home.
        NothingReceivedError: no row was ever received for the periods.
        ModelsFailedError: a model or a test of the models failed.
    """
    _demand_method(settings, periods, method)
    with one_writer(settings.home, f"spm run --method {method} {periods[0]}..{periods[-1]}"):
        specs = load_sources(settings.sources_file) if settings.sources_file else []
        at_once = settings.in_one_moment()
        intakes = [steps.take_in(at_once, spec, periods) for spec in specs]
        chosen = steps.received_of(settings, periods)
        kept = _score(settings, chosen, method)
        refused = steps.refused_of(settings, periods)
    skipped = [period for period in periods if period not in {*chosen, *refused}]
    messages = [said for intake in intakes for said in intake.messages]
    return WhatIf(method, chosen, skipped, refused, kept, messages)


def _score(settings: Settings, periods: Sequence[str], method: str) -> Path:
    keep_private(settings, settings.work)
    with tempfile.TemporaryDirectory(dir=settings.work, prefix="what-if-") as folder:
        work_file = Path(folder) / dbt.WORK_FILE_NAME
        steps.make_work(settings, work_file, periods, what_if=method)
        steps.demand_built(steps.run_models(settings, work_file))
        candidate = steps.make_candidate(settings, work_file, Path(folder) / "candidate", periods)
        return _keep(settings, candidate, method)


def _demand_method(settings: Settings, periods: Sequence[str], method: str) -> None:
    registry = registry_file.ensure(settings.threads, settings.memory_limit)
    with duckdb.connect(str(registry), read_only=True) as connection:
        found = connection.execute(
            "select method_version from registry.methods"
            " order by status desc, valid_from_period, method_version"
        ).fetchall()
        first = connection.execute("select min(valid_from_period) from registry.services").fetchall()[0][0]
    known = [version for (version,) in found]
    if method not in known:
        raise UnknownMethodError(
            say("what_if.unknown_method", at=f"--method {method}", known=most_like(method, known))
        )
    if unscored := [period for period in periods if period < first]:
        raise UnscoredPeriodError(say("what_if.unscored", at=unscored[0], first=first))


def _keep(settings: Settings, candidate: Candidate, method: str) -> Path:
    """Move the tables to their folder, whole or not at all, without what makes them a candidate."""
    tables = sorted(candidate.hashes().items())
    digest = hashlib.sha256("".join(f"{table} {sha256}\n" for table, sha256 in tables).encode()).hexdigest()
    kept = settings.what_if / f"{method}-{digest[:12]}"
    if kept.exists():
        return kept
    for file in candidate.folder.iterdir():
        if file.suffix != ".parquet" or file.stem not in candidate.tables:
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    notice = message("what_if.notice", method=method, periods=", ".join(candidate.periods))
    made_up = [say("demo.notice")] if candidate.is_demo else []
    paragraphs = [say("what_if.title"), *made_up, *(textwrap.fill(text, 100) for text in notice)]
    (candidate.folder / NOTICE).write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")
    kept.parent.mkdir(parents=True, exist_ok=True)
    return candidate.folder.rename(kept)
