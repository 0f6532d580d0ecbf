"""docs/rule-recall.md is what ``make evaluate`` writes: every kind stands in it, and no goal is missed."""

from __future__ import annotations

import re

import pytest

from pipelines.registry.rules import rules
from spm_sample.errors import KINDS
from tests.evaluation.compared import Compared, Recall
from tests.evaluation.page import COMMAND, NOT_PLANTED, PAGE, missed_goals, page

TEXT = PAGE.read_text(encoding="utf-8")
LINES = [re.findall(r"[^|]+", line) for line in TEXT.splitlines() if line.startswith("| ")]
CELLS = [[cell.strip() for cell in line] for line in LINES]


def test_the_page_says_what_made_it_and_that_every_goal_is_reached() -> None:
    assert f"Written by `{COMMAND}`; do not edit." in TEXT
    assert "Goals missed: none." in TEXT


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_stands_in_it_and_was_planted(name: str) -> None:
    told = [cells for cells in CELLS if cells[0] == f"`{name}`"]
    assert told, f"run `{COMMAND}`"
    if KINDS[name].rule_id:
        assert KINDS[name].rule_id in {cells[1] for cells in told}
        assert all(int(cells[3]) >= 5 for cells in told)


def test_at_least_sixty_kinds_are_held_against_a_rule() -> None:
    assert len({cells[0] for cells in CELLS if len(cells) == 6 and cells[1] in rules()}) >= 60


def test_a_reason_stands_for_a_rule_that_no_kind_breaks() -> None:
    broken = {cells[1] for cells in CELLS if cells[0].startswith("`") and cells[1] in rules()}
    assert set(NOT_PLANTED) <= set(rules()) - broken


def test_a_rule_that_no_kind_breaks_is_listed_by_itself() -> None:
    found = Compared(recalls={("huge_number", "NUM-004"): Recall(5, 5, 5, fatal=True)})
    rest = page(found, []).partition("## Rules without a kind")[2]
    listed = {line.split(" | ")[0] for line in rest.splitlines()}
    assert {f"| {rule_id}" for rule_id in rules()} - listed == {"| NUM-004"}


def test_a_missed_goal_is_named() -> None:
    found = Compared(
        recalls={
            ("huge_number", "NUM-004"): Recall(200, 197, 197, fatal=True),
            ("round_numbers", "HEAP-001"): Recall(200, 180, 170, fatal=False),
        },
        looked_at={"row": 1000, "region_sector": 0},
        flagged={"row": 11},
    )
    assert missed_goals(found) == [
        "huge_number by NUM-004: 197 of 200 found, goal 99%",
        "right cell: 367 of 377, goal 99%",
        "11 of 1000 clean rows flagged, goal 1%",
    ]
    assert "| `huge_number` | NUM-004 | fatal | 200 | 98.5 % | 100 % |" in page(found, [])
