"""The bound: the same bytes read and the same result computed with nothing around it, in one process.

Reading is calamine over every cell, one thread, or DuckDB's own CSV reader. The result is the compiled SQL
of the models on the rows that the measured run landed, as many at once as dbt runs; then the marts as
Parquet. Nothing is received, kept, tested, judged or explained: a run that comes near the bound spends its
time on the work itself. Start and imports are not counted.

Put here: what is irreducible. Keep out: the run that is held against it (``runs``).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
from python_calamine import CalamineWorkbook

from benchmarks.inputs import documents_of
from benchmarks.same_scores import differing_scores
from pipelines.settings import read_settings
from pipelines.warehouse import dbt, registry_file
from pipelines.warehouse.manifest import marts
from pipelines.warehouse.work_file import make_work_file

PARTS = ("read", "sql", "parquet")


class NotCompiledError(RuntimeError):
    """The SQL of a model is not compiled; ``spm run`` has to come first."""


def read_workbooks(documents: Sequence[Path]) -> int:
    """Read every cell of every sheet; returns how many there are."""
    cells = 0
    for document in documents:
        book = CalamineWorkbook.from_path(str(document))
        for name in book.sheet_names:
            grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            cells += len(grid) * len(grid[0]) if grid else 0
    return cells


def read_csv(documents: Sequence[Path]) -> int:
    """Read every field of every document as text into a table; returns how many rows there are."""
    by_delimiter: dict[str, list[str]] = {}
    for document in documents:
        with document.open("rb") as file:
            delimiter = max(",;", key=file.readline().decode().count)
        by_delimiter.setdefault(delimiter, []).append(str(document))
    rows = 0
    with duckdb.connect() as connection:
        for delimiter, names in by_delimiter.items():
            made = connection.execute(
                f"create or replace table read as from read_csv({names!r},"
                f" delim = '{delimiter}', header = true, all_varchar = true)"
            ).fetchall()
            rows += int(made[0][0])
    return rows


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its relation, its materialisation, its compiled SQL, and the models that it reads."""

    relation: str
    materialised: str
    sql: str
    parents: tuple[str, ...]


def models() -> dict[str, Model]:
    """Every model of a run by its id in the manifest.

    Raises:
        NotCompiledError: the models are not compiled for this code.
    """
    nodes = {
        unique_id: node
        for unique_id, node in dbt.manifest()["nodes"].items()
        if node["resource_type"] == "model" and node["name"] not in registry_file.REGISTRY_MODELS
    }
    found = {}
    for unique_id, node in nodes.items():
        compiled = dbt.TARGET_DIR / "compiled" / node["package_name"] / node["original_file_path"]
        if not compiled.exists():
            raise NotCompiledError(f"{compiled} is not there; run `spm run` once")
        parents = tuple(parent for parent in node["depends_on"]["nodes"] if parent in nodes)
        materialised = node["config"]["materialized"]
        found[unique_id] = Model(node["relation_name"], materialised, compiled.read_text(), parents)
    return found


def compute(work_file: Path, folder: Path) -> dict[str, float]:
    """Run every model on the work file, then write the marts to ``folder``; returns seconds of each part."""
    every, took = models(), dict[str, float]()
    settings = read_settings()
    bounds: dict[str, Any] = {
        "threads": settings.threads,
        "memory_limit": settings.memory_limit,
        "preserve_insertion_order": False,
    }
    with duckdb.connect(str(work_file), config=bounds) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        for schema in ("staging", "intermediate", "marts"):
            connection.execute(f"create schema if not exists {schema}")
        with _timed(took, "sql"):
            _make_all(connection, every, settings.threads)
        with _timed(took, "parquet"):
            for mart in marts():
                connection.execute(
                    f"copy marts.{mart} to '{folder / mart}.parquet' (format parquet, compression zstd)"
                )
    return took


def _make_all(connection: duckdb.DuckDBPyConnection, every: dict[str, Model], at_once: int) -> None:
    """Make each model after those it reads, ``at_once`` at a time as dbt does."""
    waiting = TopologicalSorter({unique_id: model.parents for unique_id, model in every.items()})
    waiting.prepare()
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(at_once) as pool:
        while waiting.is_active():
            for unique_id in waiting.get_ready():
                running[pool.submit(_make, connection.cursor(), every[unique_id])] = unique_id
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
                waiting.done(running.pop(future))


def _make(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    connection.execute(f"create {model.materialised} {model.relation} as {model.sql}")


@contextmanager
def _timed(took: dict[str, float], part: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    took[part] = time.perf_counter() - started


def main() -> None:
    """Measure the bound of one period that ``--home`` holds a run of; prints seconds of each part as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=("workbook", "csv"), required=True)
    parser.add_argument("--period", required=True)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="an empty folder to work in")
    asked = parser.parse_args()
    settings = read_settings(home=asked.home)
    documents = documents_of(asked.sources, asked.period)
    took: dict[str, float] = {}
    with _timed(took, "read"):
        (read_workbooks if asked.kind == "workbook" else read_csv)(documents)
    work_file = asked.folder / dbt.WORK_FILE_NAME
    registry = registry_file.ensure(settings.threads, settings.memory_limit)
    make_work_file(work_file, registry, settings.landing, [asked.period], None)
    took |= compute(work_file, asked.folder)
    print(json.dumps({**took, "differing": differing_scores(asked.folder, settings.published / "current")}))


if __name__ == "__main__":
    main()
