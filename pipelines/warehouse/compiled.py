"""The project as dbt compiles it, kept so that it can be built without dbt: by ``spm check``, by tests.

The SQL is the same to the letter. dbt's seconds go into starting and into its bookkeeping of each model;
``tests/integration/test_dbt_unit_tests.py`` proves that both ways make equal tables.

Put here: compiling once, building and testing a selection. Keep out: runs (``warehouse.dbt``).
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines.registry.seeds import RegistryError
from pipelines.settings import DBT_DIR
from pipelines.warehouse import dbt, registry_file


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """One model: its relation, its query, the models that it reads.

    ``columns`` are the names and types of an enforced contract.
    """

    schema: str
    name: str
    sql: str
    reads: Sequence[str] = ()
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompiledTest:
    """One data test: a query that finds no row where all is well, and the models that it reads."""

    name: str
    sql: str
    reads: Sequence[str]


@dataclass(frozen=True, slots=True)
class CompiledProject:
    """Every model of a run in the order of dependencies, and every data test of one."""

    models: Sequence[CompiledModel]
    tests: Sequence[CompiledTest]

    def model(self, name: str) -> CompiledModel:
        """The model of that name."""
        return next(model for model in self.models if model.name == name)

    def models_of(self, names: Sequence[str] = ()) -> list[CompiledModel]:
        """The named models and all that they are made from; without a name all."""
        wanted = set(names)
        for model in reversed(self.models):
            if model.name in wanted:
                wanted.update(model.reads)
        return [model for model in self.models if not names or model.name in wanted]

    def tests_of(self, models: Sequence[CompiledModel]) -> list[CompiledTest]:
        """The tests of ``models`` that read nothing but these and models of the registry."""
        missing = {model.name for model in self.models} - {model.name for model in models}
        return [test for test in self.tests if not missing.intersection(test.reads)]


def project(threads: int, memory_limit: str) -> CompiledProject:
    """The compiled project, compiled anew where a file of it changed."""
    path = place()
    if not path.exists():
        _compile(path, threads, memory_limit)
    found = json.loads(path.read_text(encoding="utf-8"))
    return CompiledProject(
        [CompiledModel(**model) for model in found["models"]],
        [CompiledTest(**test) for test in found["tests"]],
    )


def place() -> Path:
    """Where the project as it stands is kept, once it is compiled."""
    parts = [path for folder in ("models", "macros", "tests") for path in (DBT_DIR / folder).rglob("*.*")]
    return dbt.TARGET_DIR / f"compiled-models-{dbt.digest(sorted(parts))}.json"


def build(work_file: Path, models: Sequence[CompiledModel], threads: int, memory_limit: str) -> None:
    """Build ``models`` in the work file.

    Each is a table: to plan a view again for every model that reads it is a quarter of the time on few rows.
    """
    with _connect(work_file, threads, memory_limit) as connection:
        # the file is thrown away: to look for the best compression costs more than it saves
        connection.execute("set force_compression = 'uncompressed'")
        # one transaction for all: each of its own is written down by itself
        connection.execute("begin transaction")
        for schema in dict.fromkeys(model.schema for model in models):
            connection.execute(f"create schema if not exists {schema}")
        for model in models:
            relation = f'{model.schema}."{model.name}"'
            if not model.columns:
                connection.execute(f"create table {relation} as {model.sql}")
                continue
            listed = ", ".join(f'"{name}"' for name in model.columns)
            typed = ", ".join(f'"{name}" {kind}' for name, kind in model.columns.items())
            connection.execute(f"create table {relation} ({typed})")
            connection.execute(f"insert into {relation} ({listed}) select {listed} from (\n{model.sql}\n)")
        connection.execute("commit")


def failing_tests(
    work_file: Path, tests: Sequence[CompiledTest], threads: int, memory_limit: str
) -> dict[str, int]:
    """Those of ``tests`` that find rows, with how many, asked in one query."""
    if not tests:
        return {}
    asked = " union all ".join(
        f"select {number} as number, count(*) as failing from (\n{test.sql}\n)"
        for number, test in enumerate(tests)
    )
    with _connect(work_file, threads, memory_limit) as connection:
        found = connection.execute(f"select number, failing from ({asked}) where failing > 0").fetchall()
    return {tests[number].name: failing for number, failing in found}


def _connect(work_file: Path, threads: int, memory_limit: str) -> duckdb.DuckDBPyConnection:
    config: dict[str, Any] = {
        "threads": threads,
        "memory_limit": memory_limit,
        "preserve_insertion_order": False,
    }
    connection = duckdb.connect(str(work_file), config=config)
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _compile(path: Path, threads: int, memory_limit: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work_file = Path(folder) / dbt.WORK_FILE_NAME
        shutil.copyfile(registry_file.ensure(threads, memory_limit), work_file)
        nodes = dbt.compiled_nodes(work_file, threads, memory_limit, registry_file.REGISTRY_MODELS)
    models = [
        CompiledModel(
            node.schema,
            node.name,
            node.compiled_code,
            _reads(node),
            {column.name: column.data_type for column in node.columns.values()}
            if node.contract.enforced
            else {},
        )
        for node in nodes
        if node.resource_type == "model"
    ]
    built = {model.name for model in models}
    tests = [
        CompiledTest(node.name, node.compiled_code, _reads(node))
        for node in nodes
        if node.resource_type == "test" and built.intersection(_reads(node))
    ]
    for stale in path.parent.glob("compiled-*.json"):
        stale.unlink(missing_ok=True)
    partial = path.with_suffix(".partial")
    made = {"models": [asdict(model) for model in models], "tests": [asdict(test) for test in tests]}
    partial.write_text(json.dumps(made), encoding="utf-8")
    partial.rename(path)


def _reads(node: Any) -> list[str]:
    """The names of the models that a node of dbt reads."""
    return [name.split(".")[2] for name in node.depends_on.nodes if name.startswith("model.")]


if __name__ == "__main__":  # `make setup`: parse, load and compile once, so that no command has to
    from pipelines.settings import read_settings

    _settings = read_settings()
    try:
        registry_file.ensure(_settings.threads, _settings.memory_limit)
        project(_settings.threads, _settings.memory_limit)
        from pipelines.warehouse import column_lineage

        column_lineage.ensure(_settings.threads, _settings.memory_limit)
    except RegistryError as _error:
        print(_error, file=sys.stderr)
        sys.exit(2)
