"""The dbt docs as one page that needs no network: models, lineage, tests, and the words of every column.

dbt knows the columns of the marts by name and type; what they mean stands in ``columns.csv`` and is put into
the manifest as the page is made, so it is written down once. Run by ``make docs``.

Put here: what the page says. Keep out: the words (``registry.columns``), calling dbt (``warehouse.dbt``).
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.registry.columns import words_of
from pipelines.warehouse import dbt


def write_dbt_docs(folder: Path) -> Path:
    """Write the page, and dbt's JSON files beside it, to ``folder``; returns the page.

    Raises:
        DbtError: dbt could not make it.
        RegistryError: a column has no words.
    """
    return dbt.write_docs(folder, dbt.mart_comments(), _description)


def _description(table: str, column: str) -> str:
    words = words_of(table, column)
    labels = f"{words['label_id']} / {words['label_en']}"
    kind = dbt.mart_columns()[table][column]
    facts = f"type: {kind}; unit: {words['unit']}; aggregation: {words['aggregation']}"
    return f"{labels}\n\n{words['description_id']}\n\n{words['description_en']}\n\n{facts}"


if __name__ == "__main__":
    print(write_dbt_docs(Path(sys.argv[1]) if len(sys.argv) > 1 else dbt.TARGET_DIR / "docs"))
