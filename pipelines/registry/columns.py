"""The words of columns: ``columns.csv`` as ``meta_column``, as comments in spm.duckdb, in Parquet files.

Put here: finding the words of a column. Keep out: the words (the seed), table descriptions (model YAML).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipelines.messages import Message, message, say
from pipelines.registry.home_rows import per_registry
from pipelines.registry.seeds import SEEDS, RegistryError, read_seed

WORDS = ("label_id", "label_en", "description_id", "description_en", "unit", "aggregation")
COLUMN_WORDS = "spm.columns"
"""The entry of a Parquet file's metadata that holds the words of its columns, as JSON by name."""


def column_rows(columns: Mapping[str, Mapping[str, str]], seeds: Path = SEEDS) -> list[dict[str, str]]:
    """A row of ``meta_column`` for each column of each table; ``columns`` gives table → column → type."""
    return [
        {"table_name": table, "column_name": column, "data_type": kind, **words_of(table, column, seeds)}
        for table, types in sorted(columns.items())
        for column, kind in types.items()
    ]


def words_of(table: str, column: str, seeds: Path = SEEDS) -> dict[str, str]:
    """Labels, descriptions, unit and way of summing up of a column.

    Words for the table's own column go before general ones.

    Raises:
        RegistryError: the dictionary has no words for it.
    """
    words = _words(seeds)
    found = words.get((table, column)) or words.get(("", column))
    if found is None:
        raise RegistryError(
            f"dbt_project/seeds/columns.csv: no row for column {column!r} of {table}; add"
            f" `{column},{table},{','.join(WORDS)}` with its words"
        )
    return found


def file_words(table: str, columns: Iterable[str], comment: str, is_demo: bool = False) -> dict[str, str]:
    """What the Parquet file of a table says of itself, as its key-value metadata.

    ``spm.table`` is what one row is, ``spm.columns`` the words of each column as JSON, by name; ``spm.demo``
    is there where the data are made up. Nothing else of a release stands in them: the same rows give the same
    bytes.
    """
    said = {column: words_of(table, column) for column in columns}
    words = {
        "spm.table": table_comment(comment, is_demo),
        COLUMN_WORDS: json.dumps(said, ensure_ascii=False),
    }
    return words | ({"spm.demo": say("demo.notice")} if is_demo else {})


def table_comment(comment: str, is_demo: bool) -> str:
    """What one row of a table is, and before it, where that is so, that the data are made up."""
    if not is_demo:
        return comment
    own, notice = Message.of(comment), message("demo.notice")
    return str(Message(f"{notice.indonesian}. {own.indonesian}", f"{notice.english}. {own.english}"))


def column_comment(table: str, column: str) -> str:
    """What a BI tool shows beside a column: Indonesian, then English."""
    words = words_of(table, column)
    return str(Message(words["description_id"], words["description_en"]))


@per_registry
def _words(seeds: Path) -> dict[tuple[str, str], dict[str, str]]:
    return {
        (row.optional("table_name") or "", row.text("column_name")): {word: row.text(word) for word in WORDS}
        for row in read_seed("columns", seeds)
    }
