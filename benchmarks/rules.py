"""What judging by the rules costs: processor seconds of their models and of the suites, for one quarter.

The models of the rules are those that nothing but findings is made of, and those that hold rows and sectors
back, but for repeats within a document: what finds them also finds the last word of a region. Models run
one after the other as compiled, so that each one's seconds are its own; dbt around them is not counted. The
suites are counted with the import of Great Expectations, which is also shown by itself.

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
from pipelines.build import steps
from pipelines.quality.gate import import_judge
from pipelines.settings import Settings, read_settings
from pipelines.warehouse import dbt

FINDINGS = frozenset({"mart_finding", "mart_rule", "mart_quarantine", "mart_waiver"})
BLOCKING = frozenset(
    {
        "int_rules__limits",
        *("int_rules__readings", "int_rows__unreadable"),
        *(
            "int_rule_inputs__submission_sectors",
            "int_rules__submission_sectors",
            "int_findings__submissions",
        ),
    }
)
"""Rules that rows wait for."""


def of_rules(every: Mapping[str, Model]) -> set[str]:
    """Ids of the models of the rules: findings, what only findings read, what holds back a sector."""
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
    return found | {unique_id for unique_id, name in names.items() if name in BLOCKING}


Took = dict[str, tuple[float, float]]
"""Processor and wall seconds of a model, by its id."""


def of_models(settings: Settings, work_file: Path) -> Took:
    """What each model took, its threads together."""
    every, took = models(), Took()
    config = {"threads": settings.threads, "memory_limit": settings.memory_limit}
    with duckdb.connect(str(work_file), config={**config, "preserve_insertion_order": False}) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        for schema in ("staging", "intermediate", "marts"):
            connection.execute(f"create schema if not exists {schema}")
        order = TopologicalSorter({key: model.parents for key, model in every.items()}).static_order()
        for unique_id in order:
            model = every[unique_id]
            began = _now()
            connection.execute(f"create {model.materialised} {model.relation} as {model.sql}")
            took[unique_id] = _since(began)
    return took


def of_suites(settings: Settings, work_file: Path, folder: Path, period: str) -> list[tuple[float, float]]:
    """What importing Great Expectations took, and judging the marts of ``work_file``."""
    candidate = steps.make_candidate(settings, work_file, folder / "candidate", [period])
    began = _now()
    import_judge()
    imported, begun = _since(began), _now()
    steps.judge(candidate)
    return [imported, _since(begun)]


def _now() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def _since(began: tuple[float, float]) -> tuple[float, float]:
    cpu, wall = _now()
    return cpu - began[0], wall - began[1]


def main() -> None:
    """Measure one period that ``--home`` holds a run of; prints seconds as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--period", required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="an empty folder to work in")
    asked = parser.parse_args()
    settings = read_settings(home=asked.home)
    work_file = asked.folder / dbt.WORK_FILE_NAME
    steps.make_work(settings, work_file, [asked.period])
    took = of_models(settings, work_file)
    rules = of_rules(models())
    imported, suites = of_suites(settings, work_file, asked.folder, asked.period)
    counted = [*(took[unique_id] for unique_id in rules), imported, suites]
    slowest = sorted(rules, key=lambda unique_id: took[unique_id], reverse=True)[:8]
    said = {
        "cpu_seconds": sum(cpu for cpu, _ in counted),
        "seconds": sum(wall for _, wall in counted),
        "cpu_of_suites": suites[0],
        "cpu_of_import": imported[0],
        "cpu_of_all_models": sum(cpu for cpu, _ in took.values()),
        "slowest": {unique_id.rsplit(".", 1)[1]: round(took[unique_id][0], 2) for unique_id in slowest},
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
