"""A copy of the project in which rules are mutated: each is a column of a model, and the column is changed.

Put here: making the copy, changing columns. Keep out: what a mutated project says (``worker``).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from pipelines.settings import PROJECT_DIR
from tests.rules.columns import columns, renamed, rewritten, without

PARTS = ("pipelines", "expectations", "dbt_project", "tests")
MUTATIONS: Mapping[str, Callable[[str, str], str]] = {
    "removed": without,
    "emptied": lambda rule_id, text: rewritten(rule_id, text, _finding_nothing),
    "renamed": lambda rule_id, text: renamed(rule_id, f"X{rule_id}", text),
    "marked": lambda rule_id, text: rewritten(rule_id, text, lambda sql: f"/*{rule_id}[*/ {sql} /*]*/"),
}
"""``emptied``: finds nothing. ``marked``: the same SQL between comments, so that it can be replaced later."""


def copy_project(folder: Path) -> Path:
    """Copy the project to ``folder``."""
    for part in PARTS:
        # the registry as it was built stays valid: no seed is changed
        ignored = shutil.ignore_patterns(
            "logs", "__pycache__", "run", "compiled", "*.msgpack", "manifest.json"
        )
        shutil.copytree(PROJECT_DIR / part, folder / part, ignore=ignored)
    shutil.copyfile(PROJECT_DIR / "pyproject.toml", folder / "pyproject.toml")
    return folder


def mutate(project: Path, plan: Mapping[str, str]) -> None:
    """From now on the rules of ``plan`` (rule to mutation) are mutated, and no others."""
    texts = {column.path: (PROJECT_DIR / column.path).read_text(encoding="utf-8") for column in columns()}
    for column in columns():
        if column.rule_id in plan:
            texts[column.path] = MUTATIONS[plan[column.rule_id]](column.rule_id, texts[column.path])
    for path, text in texts.items():
        (project / path).write_text(text, encoding="utf-8")


def groups(rule_ids: Collection[str]) -> list[list[str]]:
    """Those of ``rule_ids`` that can be taken out together: of each model one half, and one that is alone."""
    halves: list[list[str]] = [[], []]
    alone = []
    of_model: dict[str, list[str]] = {}
    for column in columns():
        of_model.setdefault(column.path, []).append(column.rule_id)
    for listed in of_model.values():
        if len(listed) == 1:
            alone.append([rule_id for rule_id in listed if rule_id in rule_ids])
            continue
        # every other one: neighbours share a question, such as which region is meant
        for number, rule_id in enumerate(listed):
            if rule_id in rule_ids:
                halves[number % 2].append(rule_id)
    return [group for group in (*halves, *alone) if group]


def _finding_nothing(sql: str) -> str:
    assert "'broken': true" in sql, sql
    return sql.replace("'broken': true", "'broken': false")
