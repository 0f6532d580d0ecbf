"""The registry as a DuckDB file: every seed loaded, and the models of seeds alone.

Made once for each state of the registry and kept in dbt's target folder; every work file starts as its copy.

Put here: making it. Keep out: seeds as Python reads them (``registry``), calling dbt (``dbt``).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.registry.seeds import RegistryError, check_registry
from pipelines.settings import DBT_DIR
from pipelines.storage.whole_files import flush
from pipelines.warehouse import dbt

REGISTRY_MODELS = ("int_regions__states", "int_regions__names", "int_methods__bounds", "int_periods__days")
"""Models of seeds alone: built with the registry, not with each run."""


def place() -> Path:
    """Where the file of the registry as it is now lies, once it is made."""
    parts = [
        *(DBT_DIR / "seeds").glob("*.*"),
        *(DBT_DIR / "tests").rglob("*.sql"),
        *(DBT_DIR / "macros").rglob("*.sql"),
        *(path for model in REGISTRY_MODELS for path in (DBT_DIR / "models").rglob(f"{model}.*")),
    ]
    return dbt.TARGET_DIR / f"registry-{dbt.digest(sorted(parts))}" / dbt.WORK_FILE_NAME


def ensure(threads: int, memory_limit: str) -> Path:
    """The file of the registry as it is now, made where it is not there yet.

    Raises:
        RegistryError: a seed is not in order; a line for each fault, with file, line and remedy.
    """
    check_registry()
    path = place()
    # before the lock: who runs may not own the project
    if path.exists():
        return path
    with dbt.locked("registry"):
        if path.exists():
            return path
        partial = dbt.TARGET_DIR / "registry-partial" / dbt.WORK_FILE_NAME
        shutil.rmtree(partial.parent, ignore_errors=True)
        partial.parent.mkdir()
        select = ("resource_type:seed", *REGISTRY_MODELS)
        # the tests of seeds held when they were read; here they would not say which line is wrong
        exclude = ("resource_type:test,path:seeds",)
        results = dbt.build(partial, threads, memory_limit, select, exclude=exclude, indirect="buildable")
        if failed := [result for result in results if result.failed]:
            said = "; ".join(f"{result.unique_id}: {result.message}" for result in failed)
            raise RegistryError(f"dbt_project/seeds: {said}")
        for stale in dbt.TARGET_DIR.glob("registry-*"):
            if stale != partial.parent:
                shutil.rmtree(stale)
        flush(partial)
        flush(partial.parent)
        partial.parent.rename(path.parent)
    return path
