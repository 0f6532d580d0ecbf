"""dbt inside this process: the manifest, and builds into the work file of a run.

A subprocess spends seconds on starting and parsing for each run; here dbt is imported once and handed a
parsed manifest. The manifest never depends on a run, because a run's parameters are rows of its work file.

Put here: calling dbt. Keep out: Dagster (``defs``), the work file's inputs (``warehouse.work_file``).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from pipelines.settings import DBT_DIR

TARGET_DIR = DBT_DIR / "target"
MANIFEST_PATH = TARGET_DIR / "manifest.json"

REGISTRY_MODELS = ("int_regions__states", "int_regions__names", "int_methods__bounds", "int_periods__days")
"""Models of seeds alone: built with the registry, not with each run."""
RUN_MODELS = ("path:models",)
WORK_FILE_NAME = "work.duckdb"
"""Every work file bears this name: it is the catalog's name in the manifest."""


class DbtError(RuntimeError):
    """dbt could not do what it was asked; the message is dbt's own."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What became of one node. ``status`` is dbt's: success, pass, warn, fail, error, skipped."""

    unique_id: str
    status: str
    message: str
    seconds: float
    failures: int | None

    @property
    def failed(self) -> bool:
        """Whether the node stops the run."""
        return self.status in {"error", "fail", "skipped", "runtime error"}


@cache
def manifest() -> dict[str, Any]:
    """The manifest as dbt writes it, parsed again when a file of the project is newer."""
    with _parse_lock():
        if not MANIFEST_PATH.exists() or MANIFEST_PATH.stat().st_mtime < _project_changed_at():
            _parse()
        try:
            return _manifest_file()
        except ValueError:  # dbt was killed while it wrote the file
            _parse()
            return _manifest_file()


def _manifest_file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MANIFEST_PATH.read_text(encoding="utf-8"))
    return found


@cache
def mart_columns() -> dict[str, dict[str, str]]:
    """Every published table with its columns and their types, from the contracts of the mart models."""
    marts = {
        node["name"]: {name: column["data_type"] for name, column in node["columns"].items()}
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }
    return dict(sorted(marts.items()))


def mart_comments() -> dict[str, str]:
    """What one row of each published table is, in Indonesian and English, from the YAML of its model."""
    return {
        node["name"]: " / ".join(
            text.strip()
            for text in (node["config"].get("meta", {}).get("description_id", ""), node["description"])
            if text.strip()
        )
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }


@cache
def mart_keys() -> dict[str, tuple[str, ...]]:
    """The key of each published table, from the YAML of its model; parts of it may be null."""
    return {
        node["name"]: tuple(node["config"]["meta"]["key"])
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }


def registry_file(threads: int, memory_limit: str) -> Path:
    """A DuckDB file with every seed loaded and tested, made once for each state of the registry.

    Raises:
        DbtError: a test of the registry fails; the message names the tests.
    """
    parts = [
        *(DBT_DIR / "seeds").glob("*.*"),
        *(DBT_DIR / "tests").rglob("*.sql"),
        *(DBT_DIR / "macros").rglob("*.sql"),
        *(path for model in REGISTRY_MODELS for path in (DBT_DIR / "models").rglob(f"{model}.*")),
    ]
    key = digest(sorted(parts))
    path = TARGET_DIR / f"registry-{key}" / WORK_FILE_NAME
    with _parse_lock("registry"):
        if path.exists():
            return path
        partial = TARGET_DIR / "registry-partial" / WORK_FILE_NAME
        shutil.rmtree(partial.parent, ignore_errors=True)
        partial.parent.mkdir()
        select = ("resource_type:seed", *REGISTRY_MODELS)
        results = build(partial, threads, memory_limit, select, indirect="buildable")
        if failed := [result for result in results if result.failed]:
            said = "; ".join(f"{result.unique_id}: {result.message}" for result in failed)
            raise DbtError(f"the registry (dbt_project/seeds) is not in order: {said}")
        for stale in TARGET_DIR.glob("registry-*"):
            if stale != partial.parent:
                shutil.rmtree(stale)
        partial.parent.rename(path.parent)
    return path


def build(
    work_file: Path,
    threads: int,
    memory_limit: str,
    select: Sequence[str] = RUN_MODELS,
    *,
    exclude: Sequence[str] = (),
    indirect: str = "eager",
    command: str = "build",
    ended: Callable[[NodeResult], None] | None = None,
) -> list[NodeResult]:
    """Run dbt on the work file; returns a result for each node, failed ones included.

    ``ended`` is called with each node as it ends.

    Unit tests do not run here: they say whether the SQL is right, which is known before a run.

    Raises:
        DbtError: dbt stopped before it had results.
    """
    arguments = [command, "--select", *select, "--indirect-selection", indirect]
    arguments += ["--exclude", *exclude] if exclude else []
    arguments += ["--exclude-resource-type", "unit_test"] if command == "build" else []
    results = _invoke(work_file, threads, memory_limit, arguments, ended)
    return [_node_result(result.node.unique_id, result) for result in results]


def compiled_nodes(work_file: Path, threads: int, memory_limit: str) -> list[Any]:
    """The models and data tests of a run as dbt's nodes, compiled, in the order of their dependencies."""
    arguments = ["compile", "--exclude", *REGISTRY_MODELS, "resource_type:unit_test"]
    compiled = [found.node for found in _invoke(work_file, threads, memory_limit, arguments)]
    nodes = {node.unique_id: node for node in compiled if node.resource_type in {"model", "test"}}
    depends = {name: set(node.depends_on.nodes) & set(nodes) for name, node in nodes.items()}
    return [nodes[name] for name in TopologicalSorter(depends).static_order()]


def write_docs(folder: Path, comments: Mapping[str, str], describe: Callable[[str, str], str]) -> Path:
    """Write dbt's docs as one page to ``folder``, no database needed.

    The marts get ``comments`` by name, and their columns what ``describe`` says of table and column: into the
    manifest of this call, not into the project.

    Raises:
        DbtError: dbt could not make them.
    """
    from dbt.cli.main import dbtRunner
    from dbt.parser.manifest import write_manifest

    described = _parse("--no-write-json")
    for node in described.nodes.values():
        if node.resource_type == "model" and node.name in comments:
            node.description = comments[node.name]
            for name, column in node.columns.items():
                column.description = describe(node.name, name)
    folder.mkdir(parents=True, exist_ok=True)
    write_manifest(described, str(folder))
    arguments = ["docs", "generate", "--static", "--empty-catalog", "--no-compile", *_PLACES]
    outcome = dbtRunner(manifest=described).invoke([*arguments, "--target-path", str(folder), "--quiet"])
    if not outcome.success:
        raise DbtError(f"dbt docs: {outcome.exception}")
    return folder / "static_index.html"


def _invoke(
    work_file: Path,
    threads: int,
    memory_limit: str,
    arguments: Sequence[str],
    ended: Callable[[NodeResult], None] | None = None,
) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    # before the environment is set: another profile would void dbt's partial parse
    parsed = _parsed_manifest()
    with _environment(SPM_WORK_DB=str(work_file), SPM_THREADS=str(threads), SPM_MEMORY_LIMIT=memory_limit):
        runner = dbtRunner(manifest=parsed, callbacks=[_listener(ended)] if ended else [])
        outcome = runner.invoke([*arguments, *_PLACES, *_SILENT, "--no-write-json"])
        # dbt keeps the file open for the process; readers after it could not open it
        DuckDBConnectionManager.close_all_connections()
        reset_adapters()
    if outcome.exception is not None:
        raise DbtError(str(outcome.exception)) from outcome.exception
    executed: Any = outcome.result
    return executed.results


_PLACES = ("--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR))
# writing the lines of a log, to no end, is a third of dbt's time: what went wrong is in the results
_SILENT = ("--quiet", "--log-level", "none", "--log-level-file", "none")


def _listener(ended: Callable[[NodeResult], None]) -> Callable[[Any], None]:
    def hear(event: Any) -> None:
        if event.info.name == "NodeFinished":
            ended(_node_result(event.data.node_info.unique_id, event.data.run_result))

    return hear


def _node_result(unique_id: str, result: Any) -> NodeResult:
    return NodeResult(
        unique_id=unique_id,
        status=str(result.status),
        message=str(result.message or ""),
        seconds=float(result.execution_time),
        failures=result.failures if hasattr(result, "failures") else result.num_failures,
    )


@cache
def _parsed_manifest() -> Any:
    manifest()
    return _parse("--no-write-json")  # the file is written under the lock alone


def _parse(*options: str) -> Any:
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner().invoke(["parse", *_PLACES, "--quiet", *options])
    if not outcome.success:
        raise DbtError(f"dbt parse: {outcome.exception}")
    return outcome.result


def _project_changed_at() -> float:
    files: Iterator[Path] = (
        path
        for folder in ("models", "macros", "seeds", "tests")
        for path in (DBT_DIR / folder).rglob("*")
        if path.suffix in {".sql", ".yml", ".csv"}
    )
    return max(path.stat().st_mtime for path in [*files, DBT_DIR / "dbt_project.yml"])


def digest(paths: Sequence[Path]) -> str:
    """The first 16 digits of the hash of some files of the project, by path and content."""
    hashed = hashlib.sha256()
    for path in paths:
        hashed.update(path.relative_to(DBT_DIR).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return hashed.hexdigest()[:16]


@contextmanager
def _parse_lock(name: str = "parse") -> Iterator[None]:
    TARGET_DIR.mkdir(parents=True, exist_ok=True)
    with (TARGET_DIR / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
