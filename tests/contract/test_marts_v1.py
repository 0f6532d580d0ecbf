"""What BI tools may rely on in schema ``marts``, version 1: it only grows.

``tests/golden/marts_v1.json`` holds each table that was ever published, its key, its columns and their types
in PostgreSQL. ``make golden`` adds what is new. Nothing removes a line but a person, and that is version 2
(docs/data-contract.md, Versions).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pipelines.publish.postgres.tables import postgres_type
from pipelines.warehouse.manifest import cards

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "marts_v1.json"
Contract = dict[str, dict[str, Any]]


def contract() -> Contract:
    """Every table as it is published now: its key, and its columns with their types."""
    return {
        card.name: {
            "key": list(card.key),
            "columns": {column: postgres_type(kind) for column, kind in card.columns.items()},
        }
        for card in cards().values()
    }


def broken(promised: Contract, now: Contract) -> list[str]:
    """What readers rely on and is not so any more, a sentence each; what is new breaks nothing."""
    found = []
    for table, was in promised.items():
        if table not in now:
            found.append(f"{table} is gone")
            continue
        if sorted(was["key"]) != sorted(now[table]["key"]):
            found.append(f"{table}: another key")
        columns = now[table]["columns"]
        for column, kind in was["columns"].items():
            if column not in columns:
                found.append(f"{table}.{column} is gone")
            elif columns[column] != kind:
                found.append(f"{table}.{column}: {kind} is {columns[column]} now")
    return found


def with_what_is_new(promised: Contract, now: Contract) -> Contract:
    """The promise with every table and column that came since."""
    added = {
        table: {**now[table], "columns": dict(now[table]["columns"])} for table in set(now) - set(promised)
    }
    grown = {
        table: {**was, "columns": {**now.get(table, was)["columns"], **was["columns"]}}
        for table, was in promised.items()
    }
    return dict(sorted((added | grown).items()))


def test_nothing_that_was_promised_is_broken() -> None:
    promised: Contract = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}
    if os.environ.get("SPM_WRITE_GOLDEN"):
        promised = with_what_is_new(promised, contract())
        GOLDEN.write_text(json.dumps(promised, indent=1) + "\n", encoding="utf-8")
    assert len(promised) > 20
    assert broken(promised, contract()) == []
    assert with_what_is_new(promised, contract()) == promised, "run `make golden`: there is more to promise"


TABLE: dict[str, Any] = {"key": ["a"], "columns": {"a": "text", "b": "numeric(18,6)"}}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param({}, ["t is gone"], id="a-table-removed"),
        pytest.param({"t": TABLE | {"key": ["a", "b"]}}, ["t: another key"], id="another-key"),
        pytest.param(
            {"t": TABLE | {"columns": {"a": "text"}}}, ["t.b is gone"], id="a-column-removed-or-renamed"
        ),
        pytest.param(
            {"t": TABLE | {"columns": {"a": "text", "b": "numeric(18,2)"}}},
            ["t.b: numeric(18,6) is numeric(18,2) now"],
            id="another-type",
        ),
        pytest.param({"t": TABLE | {"columns": {**TABLE["columns"], "c": "text"}}}, [], id="a-column-added"),
        pytest.param({"t": TABLE, "u": TABLE}, [], id="a-table-added"),
    ],
)
def test_a_change_breaks_or_adds(now: Contract, said: list[str]) -> None:
    assert broken({"t": TABLE}, now) == said
    # writing the promise anew hides nothing that is broken
    assert broken(with_what_is_new({"t": TABLE}, now), now) == said
