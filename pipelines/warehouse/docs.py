"""The dbt docs as one page that needs no network: models, lineage, tests, and the words of every column.

dbt knows the columns of the marts by name and type; what they mean stands in ``columns.csv`` and is put into
the manifest that dbt wrote for the page, so it is written down once. Run by ``make docs``.

Put here: what the page says. Keep out: the words (``registry.columns``), calling dbt (``warehouse.dbt``).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pipelines.messages import Message
from pipelines.registry.columns import words_of
from pipelines.settings import read_settings
from pipelines.warehouse import column_lineage, dbt
from pipelines.warehouse.column_lineage import Lineage
from pipelines.warehouse.manifest import MartCard, cards


def write_dbt_docs(folder: Path) -> Path:
    """Write the page, and dbt's JSON files beside it, to ``folder``; returns the page.

    Raises:
        DbtError: dbt could not make it.
        RegistryError: a column has no words.
    """
    settings = read_settings()
    lineage = column_lineage.ensure(settings.threads, settings.memory_limit)
    dbt.write_docs(folder)
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for node in (*manifest["nodes"].values(), *manifest["sources"].values()):
        if node["fqn"][1] == "marts" and node["name"] in cards():
            card = cards()[node["name"]]
            node["description"] = card.comment
            for name, column in node["columns"].items():
                column["description"] = _description(card, name, lineage)
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    page = (folder / "index.html").read_text(encoding="utf-8")
    for name in ("manifest.json", "catalog.json"):  # as `dbt docs generate --static` does
        content = (folder / name).read_text(encoding="utf-8")
        page = page.replace(f'"{name.upper()} INLINE DATA"', content)
    found = folder / "static_index.html"
    found.write_text(page, encoding="utf-8")
    return found


def _description(card: MartCard, column: str, lineage: Lineage) -> str:
    words = words_of(card.name, column)
    labels = Message(words["label_id"], words["label_en"])
    facts = f"type: {card.columns[column]}; unit: {words['unit']}; aggregation: {words['aggregation']}"
    said = [str(labels), words["description_id"], words["description_en"], facts]
    # tables about the run are made without a model
    if card.name in lineage.made_from:
        said.append(f"made from: {', '.join(map(str, lineage.of(card.name, column) or ())) or '-'}")
        origins, _ = lineage.origins(card.name, column)
        said.append(f"comes from: {', '.join(map(str, origins)) or '-'}")
    return "\n\n".join(said)


if __name__ == "__main__":
    print(write_dbt_docs(Path(sys.argv[1]) if len(sys.argv) > 1 else dbt.TARGET_DIR / "docs"))
