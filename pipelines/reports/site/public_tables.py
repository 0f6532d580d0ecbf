"""The tables of a release as the site shows them: without the words of senders, as open data has them.

Put here: taking words out before any page asks. Keep out: which columns hold them (the cards).
"""

from __future__ import annotations

from pipelines.publish.open_data.choice import readable_condition
from pipelines.registry.personal_data import masked
from pipelines.registry.rules import rules
from pipelines.warehouse.manifest import MartCard, cards
from pipelines.warehouse.release_tables import ReleaseTables

_PLACE = "^[0-9a-f]{12}:(?:L[0-9]+|.*![A-Z]{1,3}[0-9]+)$"
_CELL = "([A-Z]{1,3}[0-9]+)$"


def hide_texts(tables: ReleaseTables) -> None:
    """From now on nobody who asks ``tables`` sees a word of a sender, the name of a file, sheet or key.

    Codes stay, and what twenty regions write alike; of a place its document and its line or cell.
    """
    there = {
        (row["table_name"], row["column_name"])
        for row in tables.rows("select table_name, column_name from duckdb_columns() where not internal")
    }
    for card in cards().values():
        columns = sorted(column for column in card.closed if (card.name, column) in there)
        if not columns:
            continue
        sent = f"{card.name}_as_sent"
        tables.execute(f"alter view {card.name} rename to {sent}")
        shown = ", ".join(f'{_shown(card, column, sent)} as "{column}"' for column in columns)
        tables.execute(f"create view {card.name} as select * replace ({shown}) from {sent}")


def rule_name(rule_id: str) -> tuple[str, str]:
    """What a rule is called, in both languages: its sentence on a finding quotes what was sent."""
    rule = rules().get(rule_id)
    return (rule.name_id, rule.name_en) if rule else (masked(rule_id).text, "")


def _shown(card: MartCard, column: str, sent: str) -> str:
    if column.endswith("_ref"):
        return (
            f"case when regexp_full_match({column}, '{_PLACE}')"
            f" then left({column}, 13) || regexp_extract({column}, '{_CELL}', 1) end"
        )
    if card.name == "mart_document":
        return "document_id"
    if "current_region_code" not in card.columns and not (
        card.public and column in card.public.readable_where
    ):
        return "null::varchar"
    condition = readable_condition(card.public, column, sent)
    return f'case when {condition} then "{column}" end'
