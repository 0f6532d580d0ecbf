"""A run that was stopped while it built models goes on where it stopped.

The work file of a run follows from what the run is about and from what the models are. A later run with the
same key takes over the file of the one that died, with the models and tests that were done in it.

Put here: that key, what was done, taking over. Keep out: building (``build.steps``), what else an
orphaned run left (``build.leftovers``).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from pipelines.provenance import code
from pipelines.publish.releases import Releases
from pipelines.registry.home_rows import in_use
from pipelines.settings import Settings
from pipelines.storage.private_files import FOLDER, private_files
from pipelines.storage.whole_files import this_boot
from pipelines.warehouse import registry_file
from pipelines.warehouse.dbt import NodeResult
from pipelines.warehouse.work_file import landed_files

KEY, DONE = "made_from", "done.ndjson"
STOPPED = "stopped"
"""The folder in ``work/`` that the last run which died among its models is kept in."""


def work_key(settings: Settings, periods: Sequence[str]) -> str:
    """The hash of everything that the work file of a run over ``periods`` follows from, as of now.

    It holds for this start of the machine: a work file is not flushed, so one of before may be anything.
    """
    current = Releases(settings.published).current()
    parts = [
        *periods,
        *landed_files(settings.landing, "documents"),
        current.release_id if current else "",
        code.code_sha256(),
        str(registry_file.ensure(settings.threads, settings.memory_limit)),
        own.sha256 if (own := in_use()) else "",
        this_boot(),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def note_key(work_file: Path, key: str) -> None:
    """Say of a work file that is whole what it was made from."""
    with private_files():
        (work_file.parent / KEY).write_text(key)


def begin(work_file: Path) -> None:
    """Forget what was done in the work file that is made anew."""
    for name in (KEY, DONE):
        (work_file.parent / name).unlink(missing_ok=True)


def take_over(settings: Settings, work_file: Path, key: str) -> bool:
    """Go on in the work file of the run that died, if it was made from the same; else it is thrown away."""
    stopped = settings.work / STOPPED
    same = (stopped / KEY).exists() and (stopped / KEY).read_text() == key
    if same:
        work_file.parent.mkdir(FOLDER, parents=True, exist_ok=True)
        for name in (DONE, KEY, f"{work_file.name}.wal", work_file.name):
            if (stopped / name).exists():
                (stopped / name).replace(work_file.parent / name)
    shutil.rmtree(stopped, ignore_errors=True)
    return same


def done_nodes(work_file: Path) -> list[NodeResult]:
    """The models and tests that ended well in the work file, in their order."""
    path = work_file.parent / DONE
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    # a line without its end is that of the instant of the kill
    return [NodeResult(**json.loads(line)) for line in lines if line.endswith("\n")]


def names(done: Sequence[NodeResult]) -> list[str]:
    """The names that dbt selects these nodes by."""
    return [result.unique_id.split(".")[2] for result in done]


def noting(work_file: Path) -> Callable[[NodeResult], None]:
    """What is called with each node that ended, so that it need not be built again."""

    def note(result: NodeResult) -> None:
        if not result.failed:
            with (work_file.parent / DONE).open("a") as file:
                file.write(json.dumps(asdict(result)) + "\n")

    return note
