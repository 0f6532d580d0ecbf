"""What holds for every test."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from pipelines.registry import home_rows

# as in `spm` itself: a million objects of Dagster, dbt and Great Expectations live as long as the process
gc.set_threshold(50_000, 20, 100)

LONGEST_FIRST = (
    "test_gate.py",
    "test_dagster_run.py",
    "test_postgres_failures.py",
    "test_crash.py",
    "test_restatement.py",
    "test_dbt_unit_tests.py",
    "test_source_kinds.py",
    "test_cases.py",
    "test_postgres.py",
    "test_history.py",
    "test_comparisons.py",
    "test_determinism.py",
    "test_breakers.py",
    "test_approval.py",
    "test_rules_ran.py",
    "test_sample_found.py",
    "test_award.py",
    "test_fixtures.py",
    "test_benchmarking.py",
    "test_what_if.py",
    "test_suites.py",
)
"""The modules that take longest, so that no worker waits at the end for another one's last module."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest modules first; a module stays together."""
    place = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture(autouse=True)
def _seeds_alone() -> Iterator[None]:
    """What a test made the registry of this process, is none of the next one's."""
    yield
    home_rows.use(None)
