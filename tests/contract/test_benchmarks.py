"""The table of `make bench` says what it measures: every figure has a row, every ratio its figures.

Nothing is measured here; the phases are read off words that the pipeline says, so those are held fast.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.rows import BACKFILLS, BOUND_PARTS, PHASES, RATIOS, ROWS, Figure, table
from benchmarks.runs import phase_seconds, range_ending
from pipelines.messages import catalogue
from pipelines.settings import PROJECT_DIR

KEYS = [row.key for row in ROWS]


def test_the_table_is_imported_without_the_libraries_that_it_measures() -> None:
    # the peak memory of a child starts from its parent's, and imports would be paid for outside the figures
    heavy = "sorted({'dagster', 'dbt', 'great_expectations', 'pandas', 'duckdb'} & set(sys.modules))"
    script = f"import sys, benchmarks.table; print({heavy})"
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_DIR, check=True, capture_output=True, text=True
    )
    assert found.stdout.strip() == "[]"


def test_a_row_is_declared_once_and_a_part_below_its_whole() -> None:
    assert len(KEYS) == len(set(KEYS))
    for key in KEYS:
        assert key.split(".")[0] in KEYS[: KEYS.index(key) + 1]


def test_every_ratio_stands_below_a_declared_row_and_needs_only_declared_figures() -> None:
    quarters = {f"backfill_{length}": count for length, count in zip(BACKFILLS, (6, 12, 24), strict=True)}
    figures = {key: Figure(float(at), 1, 1, quarters.get(key, 1)) for at, key in enumerate(KEYS, start=1)}
    shown = table(figures)
    for ratio in RATIOS:
        assert ratio.row in KEYS
        assert f"· {ratio.label}" in shown


def test_an_aim_is_not_met_by_noise() -> None:
    # a fixed start that was disturbed takes longer than the run that holds it
    figures = {"fixed": Figure(40), "workbook": Figure(26), "workbook_bound": Figure(5)}
    net = next(ratio for ratio in RATIOS if ratio.row == "workbook" and ratio.limit)
    assert net.met(figures) == "unclear"
    assert net.met({**figures, "fixed": Figure(16)}) == "yes"
    assert net.met({**figures, "fixed": Figure(13)}) == "no"


def test_every_phase_begins_with_words_that_the_build_says() -> None:
    said = [text.indonesian for name, text in catalogue().items() if name.startswith("run.")]
    for phase, _, words in PHASES[1:]:
        assert any(text.startswith(words) for text in said), phase


def test_the_phases_of_a_run_add_up_to_its_time() -> None:
    log = (
        (2.0, "spm: a: menerima dokumen / receiving"),
        (3.0, "a warning"),
        (3.5, "spm: dbt: menstandarkan dan menilai / …"),
    )
    took = phase_seconds(log, 10.0)
    assert (took["start"], took["receive"], took["dbt"], took["gate"]) == (2.0, 1.5, 6.5, 0.0)
    assert sum(took.values()) == 10.0


def test_a_bound_is_the_sum_of_its_parts() -> None:
    for kind in ("workbook", "csv"):
        assert {f"{kind}_bound.{part}" for part, _ in BOUND_PARTS} <= set(KEYS)


def test_a_range_counts_its_quarters_back_from_the_last() -> None:
    assert range_ending("2024-Q4", 24) == "2019-Q1..2024-Q4"
    assert range_ending("2024-Q4", 6) == "2023-Q3..2024-Q4"
    assert range_ending("2024-Q4", 1) == "2024-Q4"
