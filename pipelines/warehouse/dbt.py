"""dbt inside this process: parsing the project, and builds into the work file of a run.

A subprocess spends seconds on starting and parsing for each run; here dbt is imported once and handed a
parsed manifest. The manifest never depends on a run, because a run's parameters are rows of its work file.

Put here: calling dbt. Keep out: what the manifest says of marts (``manifest``), the registry's file
(``registry_file``), the work file's inputs (``work_file``), Dagster (``defs``).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from pipelines.errors import ConfigurationError, store_failure
from pipelines.settings import DBT_DIR

TARGET_DIR = DBT_DIR / "target"
MANIFEST_PATH = TARGET_DIR / "manifest.json"
PARTIAL_PARSE_PATH = TARGET_DIR / "partial_parse.msgpack"

RUN_MODELS = ("path:models",)
WORK_FILE_NAME = "work.duckdb"
"""Every work file has this name: it is the catalog's name in the manifest."""


class DbtError(ConfigurationError):
    """dbt could not do what it was asked; the message is dbt's own."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """The result of one node. ``status`` is dbt's: success, pass, warn, fail, error, skipped."""

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
    """The manifest as dbt writes it, parsed again when a file of the project is newer.

    Where it is as it should be nothing is written: who runs may not own the project.
    """
    with suppress(ValueError):
        if _is_parsed():
            return _manifest_file()
    with locked("parse"):
        if not _is_parsed():
            _parse()
        try:
            return _manifest_file()
        except ValueError:  # dbt was killed while it wrote the file
            _parse()
            return _manifest_file()


def _is_parsed() -> bool:
    # a run needs both: dbt reads the second one
    made = MANIFEST_PATH.exists() and PARTIAL_PARSE_PATH.exists()
    return made and MANIFEST_PATH.stat().st_mtime >= _project_changed_at()


def _manifest_file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MANIFEST_PATH.read_text(encoding="utf-8"))
    return found


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
        StoreFailedError: it did because of disk or memory.
    """
    arguments = [command, "--select", *select, "--indirect-selection", indirect]
    arguments += ["--exclude", *exclude] if exclude else []
    arguments += ["--exclude-resource-type", "unit_test"] if command == "build" else []
    results = _invoke(work_file, threads, memory_limit, arguments, ended)
    return [_node_result(result.node.unique_id, result) for result in results]


def compiled_nodes(work_file: Path, threads: int, memory_limit: str, exclude: Sequence[str]) -> list[Any]:
    """The models and data tests of a run as dbt's nodes, compiled, in the order of their dependencies."""
    arguments = ["compile", "--exclude", *exclude, "resource_type:unit_test"]
    compiled = [found.node for found in _invoke(work_file, threads, memory_limit, arguments)]
    nodes = {node.unique_id: node for node in compiled if node.resource_type in {"model", "test"}}
    depends = {name: set(node.depends_on.nodes) & set(nodes) for name, node in nodes.items()}
    return [nodes[name] for name in TopologicalSorter(depends).static_order()]


def write_docs(folder: Path) -> None:
    """Write manifest.json, catalog.json and index.html of dbt's docs to ``folder``, no database needed.

    Raises:
        DbtError: dbt could not make them.
    """
    from dbt.cli.main import dbtRunner

    parsed = _parse("--target-path", str(folder))
    arguments = [
        "docs",
        "generate",
        "--empty-catalog",
        "--no-compile",
        "--target-path",
        str(folder),
        "--quiet",
    ]
    outcome = dbtRunner(manifest=parsed).invoke([*arguments, *_PLACES])
    if not outcome.success:
        raise DbtError(f"dbt docs: {outcome.exception}")


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

    # what dbt writes goes beside the work file: who runs may not own the project
    written = str(work_file.parent / "dbt")
    places = ("--target-path", written, "--log-path", written)
    # before the environment is set: another profile would void dbt's partial parse
    parsed = _parsed_manifest(*places)
    with _environment(SPM_WORK_DB=str(work_file), SPM_THREADS=str(threads), SPM_MEMORY_LIMIT=memory_limit):
        runner = dbtRunner(manifest=parsed, callbacks=[_listener(ended)] if ended else [])
        outcome = runner.invoke([*arguments, *_PLACES, *places, *_SILENT, "--no-write-json"])
        # dbt keeps the file open for the process; readers after it could not open it
        DuckDBConnectionManager.close_all_connections()
        reset_adapters()
    if outcome.exception is not None:
        said = str(outcome.exception)
        raise (store_failure(said) or DbtError(said)) from outcome.exception
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
def _parsed_manifest(*places: str) -> Any:
    manifest()
    # its own files are written under the lock alone, and read from where they are
    return _parse("--no-write-json", "--partial-parse-file-path", str(PARTIAL_PARSE_PATH), *places)


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


def locked(name: str) -> AbstractContextManager[object]:
    """One process at a time makes the file of ``name`` in the target folder."""
    from filelock import FileLock  # a command that only reads the registry need not wait for the import

    return FileLock(TARGET_DIR / f".{name}.lock", fallback_to_soft=False)


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
