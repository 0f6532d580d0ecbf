"""The page of the dbt docs says what columns.csv says of each column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.registry.columns import words_of
from pipelines.warehouse.docs import write_dbt_docs


@pytest.mark.slow
def test_each_column_of_a_mart_has_its_words_on_one_page(tmp_path: Path) -> None:
    page = write_dbt_docs(tmp_path).read_text(encoding="utf-8")
    nodes = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    marts = [node for node in nodes if node["resource_type"] == "model" and node["fqn"][1] == "marts"]
    assert marts
    for mart in marts:
        for name, column in mart["columns"].items():
            words = words_of(mart["name"], name)
            assert words["description_id"] in column["description"]
            assert words["description_en"] in column["description"]
            assert json.dumps(column["description"])[1:-1] in page
