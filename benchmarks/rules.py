"""What judging by the rules costs: processor seconds of their models and of the suites, for one quarter.

The models of the rules are those that nothing but findings is made of, and the standardising of rows, whose
chain of fatal rules cannot be told apart: the share comes out too high rather than too low. Models run one
after the other as compiled, so that each one's seconds are its own; dbt around them is not counted. The
suites are counted without the import of Great Expectations, which is told apart.

Put here: the stop-watch on rules. Keep out: the run they are held against (``runs``).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from benchmarks.bound import Model, models
from pipelines import build, dbt_runner
from pipelines.settings import Settings, read_settings

FINDINGS = frozenset({"mart_finding", "mart_rule", "mart_quarantine", "mart_waiver"})
STANDARDISING = frozenset(
    {"int_rows__judged", "int_rows__outcomes", "int_submissions__sectors", "int_findings__submissions"}
)


def of_rules(every: Mapping[str, Model]) -> set[str]:
    """Ids of the models of the rules: findings, what only findings read, and the fatal rules on rows."""
    names = {unique_id: unique_id.rsplit(".", 1)[1] for unique_id in every}
    children: dict[str, set[str]] = {unique_id: set() for unique_id in every}
    for unique_id, model in every.items():
        for parent in model.parents:
            children[parent].add(unique_id)
    found = {unique_id for unique_id, name in names.items() if name in FINDINGS}
    order = list(TopologicalSorter({key: model.parents for key, model in every.items()}).static_order())
    for unique_id in reversed(order):
        if children[unique_id] and children[unique_id] <= found:
            found.add(unique_id)
    return found | {unique_id for unique_id, name in names.items() if name in STANDARDISING}


def cpu_of_models(settings: Settings, work_file: Path) -> dict[str, float]:
    """Processor seconds of each model, all threads together, by its name."""
    every, took = models(), dict[str, float]()
    config = {"threads": settings.threads, "memory_limit": settings.memory_limit}
    with duckdb.connect(str(work_file), config={**config, "preserve_insertion_order": False}) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        for schema in ("staging", "intermediate", "marts"):
            connection.execute(f"create schema if not exists {schema}")
        order = TopologicalSorter({key: model.parents for key, model in every.items()}).static_order()
        for unique_id in order:
            model = every[unique_id]
            began = time.process_time()
            connection.execute(f"create {model.materialised} {model.relation} as {model.sql}")
            took[unique_id] = time.process_time() - began
    return took


def cpu_of_suites(settings: Settings, work_file: Path, folder: Path, period: str) -> tuple[float, float]:
    """Processor seconds of importing Great Expectations, and of judging the marts of ``work_file``."""
    candidate = build.make_candidate(settings, work_file, folder / "candidate", [period])
    began = time.process_time()
    __import__("pipelines.quality.judge")
    imported = time.process_time()
    build.judge(candidate)
    return imported - began, time.process_time() - imported


def main() -> None:
    """Measure one period that ``--home`` holds a run of; prints processor seconds as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--period", required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="an empty folder to work in")
    asked = parser.parse_args()
    settings = read_settings(home=asked.home)
    work_file = asked.folder / dbt_runner.WORK_FILE_NAME
    build.make_work(settings, work_file, [asked.period])
    took = cpu_of_models(settings, work_file)
    rules = of_rules(models())
    imported, suites = cpu_of_suites(settings, work_file, asked.folder, asked.period)
    slowest = sorted(rules, key=lambda unique_id: -took[unique_id])[:8]
    said = {
        "models": sum(took[unique_id] for unique_id in rules),
        "suites": suites,
        "imported": imported,
        "all_models": sum(took.values()),
        "slowest": {unique_id.rsplit(".", 1)[1]: round(took[unique_id], 2) for unique_id in slowest},
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
