"""The card of a published table is whole and true of its columns; what is wrong names the file to edit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipelines.warehouse import dbt, manifest
from pipelines.warehouse.manifest import MartCard, cards, marts

each_card = pytest.mark.parametrize("card", cards().values(), ids=lambda card: card.name)


def wrong_columns(card: MartCard) -> dict[str, set[str]]:
    """What a card names that is no column of its table, by the place in ``meta``."""
    named: dict[str, Any] = {"key": card.key}
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
