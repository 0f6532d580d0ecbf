"""Models as dbt compiles them, kept so that they can be built without dbt: ``spm check`` cannot wait for it.

The SQL is the same to the letter; dbt's tests and contracts are left out, a run has those.

Put here: compiling once, building. Keep out: runs (``warehouse.dbt``).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from pipelines.settings import DBT_DIR
from pipelines.warehouse import dbt

FINDINGS = "mart_finding"
"""The model that ``spm check`` builds, with everything above it."""


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """One model: its relation, ``table`` or ``view``, and its query."""

    schema: str
    name: str
    materialized: str
    sql: str


def findings_models(threads: int, memory_limit: str) -> list[CompiledModel]:
    """The models behind ``mart_finding``, in the order of their dependencies."""
    parts = [path for folder in ("models", "macros") for path in (DBT_DIR / folder).rglob("*.*")]
    path = dbt.TARGET_DIR / f"compiled-{dbt.digest(sorted(parts))}.json"
    if not path.exists():
        _compile(path, threads, memory_limit)
    return [CompiledModel(**found) for found in json.loads(path.read_text(encoding="utf-8"))]


def build(work_file: Path, models: list[CompiledModel], threads: int, memory_limit: str) -> None:
    """Build ``models`` in the work file."""
    config = {"threads": threads, "memory_limit": memory_limit, "preserve_insertion_order": False}
    with duckdb.connect(str(work_file), config=config) as connection:  # type: ignore[arg-type]
        connection.execute("set TimeZone = 'UTC'")
        for model in models:
            connection.execute(f"create schema if not exists {model.schema}")
            relation = f'{model.schema}."{model.name}"'
            connection.execute(f"create {model.materialized} {relation} as {model.sql}")


def _compile(path: Path, threads: int, memory_limit: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work_file = Path(folder) / dbt.WORK_FILE_NAME
        shutil.copyfile(dbt.registry_file(threads, memory_limit), work_file)
        nodes = dbt.compiled_nodes(work_file, threads, memory_limit, f"+{FINDINGS}")
    models = [
        asdict(CompiledModel(node.schema, node.name, node.config.materialized, node.compiled_code))
        for node in nodes
    ]
    for stale in path.parent.glob("compiled-*.json"):
        stale.unlink(missing_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(models), encoding="utf-8")
    partial.rename(path)


if __name__ == "__main__":  # `make setup`: parse, load and compile once, so that no command has to
    from pipelines.settings import read_settings

    _settings = read_settings()
    findings_models(_settings.threads, _settings.memory_limit)
