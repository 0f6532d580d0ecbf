"""What killed runs left in a home, thrown away by the next writer: it holds the lock, so they are dead.

Put here: which files nobody owns any more. Keep out: the lock (``storage.lock``), a publication that was cut
short (``publish.releases`` undoes it), interrupted downloads (``partial/``: the next run goes on with them).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from pipelines.build.ledger import note_dead
from pipelines.build.resume import DONE, STOPPED
from pipelines.settings import Settings
from pipelines.storage.scratch import sweep_scratch
from pipelines.storage.whole_files import SUFFIX, writer_of


def sweep(settings: Settings, own_run: str | None = None) -> list[str]:
    """Throw away what no live run owns; returns the ids of the runs that died, in order.

    The work of one that died among its models is kept for the run that goes on with it (``build.resume``).
    Only for the holder of the home's lock. ``own_run`` is the run that is starting, if it has an id yet.
    """
    for partial in _partial_files(settings):
        partial.unlink(missing_ok=True)
    dead = sorted(path.name for path in settings.work.glob("*") if path.name not in (own_run, STOPPED))
    for run_id in dead:
        if (settings.work / run_id / DONE).exists():
            shutil.rmtree(settings.work / STOPPED, ignore_errors=True)
            (settings.work / run_id).rename(settings.work / STOPPED)
        else:
            shutil.rmtree(settings.work / run_id)
    note_dead(settings, own_run)
    sweep_scratch(settings.scratch)
    sweep_scratch()  # that of `spm check`, which has no home
    return dead


def _partial_files(settings: Settings) -> Iterator[Path]:
    yield from (settings.raw / "receipts").glob(f".*{SUFFIX}")
    yield from (settings.raw / "blobs").glob(f"*/.*{SUFFIX}")
    yield from settings.landing.glob(f"*/.*{SUFFIX}")
    yield from (settings.raw / "cut").glob(f".*{SUFFIX}")
    yield from settings.approvals.glob(f"*/.*{SUFFIX}")
    yield from settings.runs.glob(f".*{SUFFIX}")
    yield from settings.closed.glob(f".*{SUFFIX}")
    # `spm report` and `spm sign` take no lock: their files are left to them while they live
    for folder in (settings.home / "reports", settings.published / "signatures"):
        found = folder.rglob(f".*{SUFFIX}")
        yield from (path for path in found if (pid := writer_of(path)) and not psutil.pid_exists(pid))
