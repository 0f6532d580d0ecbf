"""Workbooks a second: received, guarded, read in child processes and landed, against calamine alone.

Both read the same forms in one run, by turns, so that a busy machine is busy for both; the best round of
each counts. Calamine reads every cell of every sheet in one process. The children are warm: their start
is part of a run's start, not of its rate.

Put here: the rate of the door. Keep out: whole runs (``runs``), the table (``rows``).
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bound import read_workbooks
from benchmarks.inputs import documents_of
from pipelines.landing.landed_rows import land
from pipelines.landing.raw_store import RawStore
from pipelines.readers.reading import read_documents
from pipelines.settings import Limits
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile

NOW = datetime(2025, 1, 20, tzinfo=UTC)
SPEC = ReadingSpec(name="daerah", kind="workbook")
WORKERS = 2
LIMITS = Limits()


class NotAllReadError(RuntimeError):
    """A form was not received or not landed: the rate would be that of less work."""


def receive_and_land(documents: Sequence[Path], home: Path) -> None:
    """All that a run does with the documents before dbt: receipt, guard, rows, Parquet."""
    store = RawStore(home / "raw")
    files = (RawFile(document.name, document.read_bytes()) for document in documents)
    store.receive(SPEC.name, SPEC.canonical_json(), files, NOW)
    landed = land(store, home / "landing", WORKERS, LIMITS)
    if landed != len(documents):
        raise NotAllReadError(f"{landed} of {len(documents)} forms were landed")


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def main() -> None:
    """Read the forms of one period both ways, ``--rounds`` times; prints the best seconds of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--period", required=True)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    documents = documents_of(asked.sources, asked.period)
    warm = [RawFile(document.name, document.read_bytes()) for document in documents[: 4 * WORKERS]]
    list(read_documents(warm, SPEC, WORKERS))
    bare, landed = [], []
    for _ in range(asked.rounds):
        bare.append(_seconds(lambda: read_workbooks(documents)))
        home = asked.folder / "home"
        landed.append(_seconds(lambda home=home: receive_and_land(documents, home)))
        shutil.rmtree(home)
    print(json.dumps({"documents": len(documents), "bare": min(bare), "landed": min(landed)}))


if __name__ == "__main__":
    main()
