"""The rules as they stand in the SQL: a column each, under a comment, in a model of its kind.

    -- more served than owed
    case
        ...
    end as "VAL-001"

Put here: finding a rule's column, and the same model with the column changed. Keep out: what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import PROJECT_DIR

MODELS = "dbt_project/models/intermediate/rules"
_COLUMN = re.compile(
    r'(?:    -- [^\n]*\n)+(?P<sql>    case\n(?:(?!\n    end).)*\n    end) as "(?P<id>[A-Z]+-\d{3})"',
    re.DOTALL,
)
_NAMED = re.compile(r' as "([A-Z]+-\d{3})"')


@dataclass(frozen=True)
class Column:
    """A rule's column: the model's file, from the project's folder on, its line, its SQL without the name."""

    rule_id: str
    path: str
    line: int
    sql: str

    @property
    def place(self) -> str:
        """``dbt_project/models/intermediate/rules/int_rules__rows.sql:15``."""
        return f"{self.path}:{self.line}"


def columns(project: Path = PROJECT_DIR) -> list[Column]:
    """Every rule's column, by file and in the order of each.

    Raises:
        ValueError: a column is not a ``case`` under a comment; the message names file and line.
    """
    found = []
    for path in sorted((project / MODELS).glob("int_rules__*.sql")):
        text, name = path.read_text(encoding="utf-8"), path.relative_to(project).as_posix()
        own = {match["id"]: match for match in _COLUMN.finditer(text)}
        for named in _NAMED.finditer(text):
            line = text.count("\n", 0, named.start()) + 1
            if named[1] not in own:
                raise ValueError(
                    f'{name}:{line}: write "{named[1]}" as a comment and `case … end as "{named[1]}"`'
                )
            match = own[named[1]]
            found.append(Column(named[1], name, text.count("\n", 0, match.start("sql")) + 1, match["sql"]))
    return found


def without(rule_id: str, text: str) -> str:
    """A model without the rule's column."""
    match = _match(rule_id, text)
    before, after = text[: match.start()], text[match.end() :]
    if after.startswith(","):
        return before + after[1:].lstrip("\n")
    return before.rstrip().removesuffix(",") + after


def renamed(rule_id: str, other: str, text: str) -> str:
    """A model with the rule's column under another name."""
    match = _match(rule_id, text)
    return text[: match.start("id")] + other + text[match.end("id") :]


def rewritten(rule_id: str, text: str, change: Callable[[str], str]) -> str:
    """A model with the SQL of the rule's column changed."""
    match = _match(rule_id, text)
    return text[: match.start("sql")] + change(match["sql"]) + text[match.end("sql") :]


def _match(rule_id: str, text: str) -> re.Match[str]:
    (found,) = (match for match in _COLUMN.finditer(text) if match["id"] == rule_id)
    return found
