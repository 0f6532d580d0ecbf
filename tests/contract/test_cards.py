"""The card of a published table is whole and true of its columns; what is wrong names the file to edit.

What follows from cards elsewhere (the table of the data contract, exposures of all that is published) is
written by ``make golden`` and compared here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.settings import DBT_DIR, PROJECT_DIR
from pipelines.warehouse import dbt, manifest
from pipelines.warehouse.manifest import MartCard, cards, marts
from pipelines.warehouse.views import View, views
from scaffold.new_mart import BREAKING, CHECKS, WORDS, todos

CONTRACT = PROJECT_DIR / "docs" / "data-contract.md"
DIAGRAM = PROJECT_DIR / "docs" / "bi" / "model.md"
VIEWS = PROJECT_DIR / "docs" / "bi" / "views.md"
_DIAGRAM = re.compile(r"(?<=```mermaid\n).*?(?=```)", re.DOTALL)
_VIEWS = re.compile(r"(?<=\| view \| one row per \| key \|\n\|---\|---\|---\|\n)(\|.*\n)+")
EXPOSURES = DBT_DIR / "models" / "exposures_by_card.yml"
_TABLE = re.compile(r"(?<=\| table \| one row per \| key \|\n\|---\|---\|---\|\n)(\|.*\n)+")
_EXPOSURES = """\
# Written by `make golden` from the cards of the marts: an exposure has to name each of them.
exposures:
  - name: postgres
    label: PostgreSQL, skema marts
    type: application
    description: >
      The release in a database, for BI tools: all tables (docs/runbooks/postgres.md).
    owner: {{name: SPM data platform}}
    depends_on:
{all}

  - name: open_data
    label: Data terbuka
    type: application
    description: >
      What portals and the public get (`spm export`, docs/runbooks/open-data.md).
    owner: {{name: SPM data platform}}
    depends_on:
{public}
"""

each_card = pytest.mark.parametrize("card", cards().values(), ids=lambda card: card.name)


def wrong_columns(card: MartCard) -> dict[str, set[str]]:
    """What a card names that is no column of its table, by the place in ``meta``."""
    named: dict[str, Any] = {"key": card.key, "texts": card.texts}
    if card.ledger:
        named |= {
            "ledger.natural_key": card.ledger.natural_key,
            "ledger.provenance": card.ledger.provenance,
            "ledger.descriptive": card.ledger.descriptive,
        }
    if card.public:
        named |= {"public.out": card.public.out, "public.readable_where": card.public.readable_where}
    wrong = {place: set(columns) - set(card.columns) for place, columns in named.items()}
    return {place: columns for place, columns in wrong.items() if columns}


def contract_table() -> str:
    """The tables of a release as the data contract lists them."""
    rows = []
    for card in cards().values():
        said = re.match(r"One row per (.*?)\.(?: |$)", card.description_en, re.DOTALL)
        assert said, f"{card.file}: the description of {card.name} begins with a sentence `One row per ….`"
        key = ", ".join(f"`{column}`" for column in card.key)
        rows.append(f"| `{card.name}` | {' '.join(said[1].split())} | {key} |\n")
    return "".join(rows)


def exposures() -> str:
    """The exposures of all tables, and of all public ones."""

    def listed(found: Iterable[MartCard]) -> str:
        return "\n".join(f"      - ref('{card.name}')" for card in found)

    public = (card for card in marts().values() if card.public)
    return _EXPOSURES.format(all=listed(marts().values()), public=listed(public))


def diagram() -> str:
    """The tables of a release with their keys and what they hold of others' keys, as Mermaid draws them."""
    tables, lines = [], []
    for card in cards().values():
        of_others = {column for other in card.relations for column in cards()[other].key}
        listed = [name for name in card.columns if name in {*card.key, *of_others}]
        marks = {
            name: ", ".join([*(["PK"] if name in card.key else []), *(["FK"] if name in of_others else [])])
            for name in listed
        }
        if card.key_has_nulls:  # unique, a part of it may be empty
            marks = {name: mark.replace("PK", "UK") for name, mark in marks.items()}
        rows = "".join(
            f"        {card.columns[name].partition('(')[0]} {name} {marks[name]}\n" for name in listed
        )
        tables.append(f"    {card.name} {{\n{rows}    }}\n")
        lines += [
            f'    {other} ||--o{{ {card.name} : "{", ".join(cards()[other].key)}"\n'
            for other in card.relations
        ]
    return "erDiagram\n" + "".join(tables) + "".join(lines)


def list_of_views() -> str:
    """The views of schema ``bi`` as their page lists them."""

    def row(view: View) -> str:
        said = re.match(r"One row per (.*?)\.?$", view.description_en)
        assert said, f"dbt_project/views/views.yml: {view.name} begins with `One row per …`"
        key = ", ".join(f"`{column}`" for column in view.key)
        return f"| `bi.{view.name}` | {said[1]} | {key} |\n"

    return "".join(row(view) for view in sorted(views(), key=lambda view: view.name))


def held(path: Path, wanted: str) -> str:
    """What stands in a file; ``make golden`` writes there what is wanted."""
    if os.environ.get("SPM_WRITE_GOLDEN"):
        path.write_text(wanted, encoding="utf-8")
    return path.read_text(encoding="utf-8")


def test_the_data_contract_lists_every_table_as_its_card_says() -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    assert held(CONTRACT, _TABLE.sub(lambda _: contract_table(), text)).count(contract_table()) == 1, (
        f"{CONTRACT.relative_to(PROJECT_DIR)}: run `make golden`"
    )


def test_the_diagram_shows_every_table_with_its_key_and_relations() -> None:
    text = DIAGRAM.read_text(encoding="utf-8")
    assert held(DIAGRAM, _DIAGRAM.sub(lambda _: diagram(), text)).count(diagram()) == 1, (
        f"{DIAGRAM.relative_to(PROJECT_DIR)}: run `make golden`"
    )
    assert 'dim_current_region ||--o{ mart_region_score : "current_region_code"' in diagram()


def test_the_page_of_views_lists_every_view() -> None:
    text = VIEWS.read_text(encoding="utf-8")
    assert held(VIEWS, _VIEWS.sub(lambda _: list_of_views(), text)).count(list_of_views()) == 1, (
        f"{VIEWS.relative_to(PROJECT_DIR)}: run `make golden`"
    )
    files = {path.stem for path in (DBT_DIR / "views").glob("*.sql")}
    assert files == {view.name for view in views()}


def test_the_exposures_name_every_table_that_is_read() -> None:
    assert held(EXPOSURES, exposures()) == exposures(), (
        f"{EXPOSURES.relative_to(PROJECT_DIR)}: run `make golden`"
    )


def test_nothing_that_a_skeleton_left_to_a_person_is_undone() -> None:
    folders = {"dbt_project/models": "*.*", "expectations": "*.py"}
    written = [
        path.relative_to(PROJECT_DIR)
        for folder, names in folders.items()
        for path in (PROJECT_DIR / folder).rglob(names)
    ]
    assert todos(PROJECT_DIR, [*written, WORDS, CHECKS, BREAKING]) == []


@each_card
def test_a_table_is_given_out_or_withheld_with_a_reason(card: MartCard) -> None:
    assert (card.public is None) != (card.withheld is None), (
        f"{card.file}: in meta of {card.name} add `public: {{title_id: …, title_en: …}}` or `withheld: …`"
    )


@each_card
def test_a_card_speaks_of_columns_that_there_are(card: MartCard) -> None:
    assert wrong_columns(card) == {}, f"{card.file}: meta of {card.name} names columns that there are not"


@each_card
def test_a_table_has_a_key(card: MartCard) -> None:
    assert card.key, f"{card.file}: in meta of {card.name} add `key: [column, …]`"


@each_card
def test_a_table_relates_to_the_dimensions_whose_key_it_holds_or_to_none(card: MartCard) -> None:
    held = {
        name
        for name, other in cards().items()
        if name.startswith("dim_") and name != card.name and set(other.key) <= set(card.columns)
    }
    listed = f"[{', '.join(sorted(held))}]"
    assert set(card.relations) in (held, set()), (
        f"{card.file}: meta.relations is {listed} or [] with a reason"
    )


def test_the_ledger_compares_the_tables_whose_cards_say_so() -> None:
    cells = dbt.manifest()["nodes"]["model.spm.int_restatements__cells"]
    before = "model.spm.stg_published__"
    read_again = {
        node.removeprefix(before) for node in cells["depends_on"]["nodes"] if node.startswith(before)
    }
    assert read_again == {card.name for card in marts().values() if card.ledger is not None}


def test_a_column_that_there_is_not_is_found_wherever_a_card_names_it() -> None:
    card = cards()["fct_stage"]
    assert card.ledger is not None
    assert wrong_columns(replace(card, key=("none",))) == {"key": {"none"}}
    ledger = replace(card.ledger, descriptive=("none",))
    assert wrong_columns(replace(card, ledger=ledger)) == {"ledger.descriptive": {"none"}}


def test_a_key_that_no_card_has_is_refused_with_the_file_that_holds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    node = dict(dbt.manifest()["nodes"]["model.spm.mart_stage"])
    node["config"] = {"meta": {**node["config"]["meta"], "scop": "period"}}
    monkeypatch.setattr(dbt, "manifest", lambda: {"nodes": {"model.spm.mart_stage": node}, "sources": {}})
    with pytest.raises(dbt.DbtError) as refused:
        manifest.marts.__wrapped__()
    said = str(refused.value)
    assert said.startswith("dbt_project/models/marts/scoring/mart_stage.yml: meta of mart_stage: scop: ")
