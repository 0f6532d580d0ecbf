"""Run inside a mutated copy: ``python -m tests.mutation.worker MODE FOLDER RULE…``; prints JSON at the end.

``judge``: builds and judges a small quarter; ``fixtures``: builds the failing fixtures of the rules;
``raise``: builds the quarter of a marked project, then makes each rule raise in the SQL as compiled.

Put here: what the mutated project says of itself. Keep out: which mutations are tried (``__main__``).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.build import steps
from pipelines.quality import judge as judging
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.warehouse import compiled, dbt
from tests.integration.home import document, put, run_models, settings_of, take_in
from tests.rules import builds
from tests.rules.cases import all_cases
from tests.rules.test_fixtures import _uncounted

PERIOD = "2024-Q4"
ROW = {"record": "achievement", "region": "64.71", "service": "K-KES-01", "component": "recipients"}
MOST_ROWS = 10_000

Said = dict[str, Any]


def judge(folder: Path, rules: Sequence[str]) -> Said:
    """``failed``: models that did not run. ``named``: rules that closing checks name."""
    work_file, settings, failed = _built(folder)
    if failed:
        return {"failed": failed, "named": []}
    judging.SAMPLE = MOST_ROWS
    candidate = steps.make_candidate(settings, work_file, folder / "candidate", [PERIOD])
    (verdict,) = steps.judge(candidate)
    rows = [row for found in verdict.closing for row in found.failing_rows]
    return {"failed": [], "named": sorted({row["rule_id"] for row in rows if "rule_id" in row})}


def fixtures(folder: Path, rules: Sequence[str]) -> Said:
    """``named``: rules of which a failing case misses a finding, or of which more is found than counted."""
    cases = [case for case in all_cases() if case.kind == "failing" and case.rule_id in rules]
    named: set[str] = set()
    for name in dict.fromkeys(case.build for case in cases):
        own = [case for case in cases if case.build == name]
        try:
            made = builds.built(folder / name, own)
        except (AssertionError, duckdb.Error) as error:  # models or tests that did not run
            return {"failed": [str(error)], "named": []}
        for case in own:
            left = list(made.findings[case.id])
            if any(not any(want.items() <= found.items() for found in left) for want in case.expect):
                named.add(case.rule_id)
        named |= {str(row[1]) for row in _uncounted(made.work_file)} & set(rules)
    return {"failed": [], "named": sorted(named)}


def raising(folder: Path, rules: Sequence[str]) -> Said:
    """``named``: rules that stop a model when their SQL raises."""
    work_file, settings, failed = _built(folder)
    if failed:
        return {"failed": failed, "named": []}
    marked = compiled.project(settings.threads, settings.memory_limit).models
    with duckdb.connect(str(work_file), read_only=True) as connection:
        named = [rule for rule in rules if _raises(connection, rule, [model.sql for model in marked])]
    return {"failed": [], "named": named}


def _raises(connection: duckdb.DuckDBPyConnection, rule: str, marked: Sequence[str]) -> bool:
    pattern = re.compile(rf"/\*{rule}\[\*/.*?/\*\]\*/", re.DOTALL)
    (sql,) = (sql for sql in marked if pattern.search(sql))
    connection.execute(f"explain {sql}")  # as it is, it runs
    try:
        connection.execute(f"explain {pattern.sub('(no_such_column = 1)', sql)}")
    except duckdb.Error:
        return True
    return False


def _built(folder: Path) -> tuple[Path, Settings, list[str]]:
    put(folder / "inbox" / "a.csv", document([{**ROW, "period": PERIOD, "target": "10", "realised": "12"}]))
    settings = settings_of(folder)
    take_in(settings, [PERIOD])
    work_file = settings.work / "test" / dbt.WORK_FILE_NAME
    steps.make_work(settings, work_file, [PERIOD])
    try:
        return work_file, settings, steps.failed_nodes(run_models(settings, work_file))
    except duckdb.Error as error:  # a model that does not run
        return work_file, settings, [str(error)]


def main() -> None:
    """Print what the mode found as the last line."""
    mode, folder, *rules = sys.argv[1:]
    assert Path.cwd() == PROJECT_DIR, PROJECT_DIR  # the copy, not the project it was made of
    print(json.dumps({"judge": judge, "fixtures": fixtures, "raise": raising}[mode](Path(folder), rules)))


if __name__ == "__main__":
    main()
