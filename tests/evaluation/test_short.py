"""The goals of the evaluation hold on one small quarter of documents that are wrong as a whole.

Rows are held against their rules in ``tests/integration/test_sample_found.py``; the long one, over many
regions and seeds, is ``make evaluate``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from spm_sample.errors import KINDS
from tests.evaluation.compared import compare
from tests.evaluation.page import missed_goals
from tests.evaluation.sets import ReportSet, make


@pytest.mark.slow
def test_what_is_wrong_with_a_document_is_found_and_clean_rows_are_not_flagged(tmp_path: Path) -> None:
    shares = {name: 0.07 for name, kind in KINDS.items() if kind.is_rare and kind.level == "document"}
    small = ReportSet("documents", 3, ("2024-Q4",), 60, 1, shares)
    settings = make(small, tmp_path)
    found = compare(tmp_path / "set", settings.published / "current", small.periods)
    assert {"SUB-001", "SUB-002", "DOC-012", "DOC-013", "TIM-003"} <= {rule for _, rule in found.recalls}
    assert found.looked_at["row"] > 500
    assert missed_goals(found) == []
