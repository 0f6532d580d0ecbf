"""A suite that is taken out, emptied, renamed or made to raise closes the gate, whatever its table holds.

Tables are empty here: what is asked is whether a check spoke, not what it said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import duckdb
import great_expectations.expectations as gxe
import pytest

from expectations.facts import RunFacts
from pipelines.quality.gate import make_judged_file
from pipelines.quality.judge import SUITES, judge
from pipelines.quality.verdicts import Verdict
from pipelines.registry.gate_checks import required_checks
from pipelines.warehouse.manifest import marts

PERIODS = ["2024-Q4"]
FACTS = RunFacts(tuple(PERIODS))
BESIDES = {
    "landed_counts": {"document_id": "varchar", "period": "varchar", "row_count": "bigint"},
    "national_bases": {
        **{"period": "varchar", "scope": "varchar", "base_period": "varchar"},
        **{"index": "decimal(9, 6)", "regions_with_index": "integer", "known_until": "timestamptz"},
    },
    "received_files": {"document_id": "varchar", "files": "integer"},
    "reporter_bases": {"period": "varchar", "base_period": "varchar", "region_code": "varchar"},
    "national_sum_bases": {
        **{"period": "varchar", "measure": "varchar", "topic": "varchar", "base_period": "varchar"},
        **{"regions": "bigint", "whole": "decimal(38, 2)", "part": "decimal(38, 2)"},
    },
}
"""What a candidate holds beside the marts."""

Suite = ModuleType | SimpleNamespace
Mutation = Callable[[ModuleType, int], Suite | None]


def _mutated(suite: ModuleType, expectations: Callable[[RunFacts], list[gxe.Expectation]]) -> Suite:
    return SimpleNamespace(TABLE=suite.TABLE, expectations=expectations)


def removed(suite: ModuleType, number: int) -> Suite | None:
    return None


def emptied(suite: ModuleType, number: int) -> Suite:
    return _mutated(suite, lambda facts: [])


def renamed(suite: ModuleType, number: int) -> Suite:
    return SimpleNamespace(TABLE=f"{suite.TABLE}_old", expectations=suite.expectations)


def renamed_to_another(suite: ModuleType, number: int) -> Suite:
    """The suite looks at the table of the next one."""
    return SimpleNamespace(TABLE=SUITES[number - 1].TABLE, expectations=suite.expectations)


def raising(suite: ModuleType, number: int) -> Suite:
    def raises(facts: RunFacts) -> list[gxe.Expectation]:
        raise KeyError("no such policy")

    return _mutated(suite, raises)


def raising_in_sql(suite: ModuleType, number: int) -> Suite:
    return _mutated(
        suite,
        lambda facts: [
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query="select no_such_column from {batch}", meta=expectation.meta
            )
            for expectation in suite.expectations(facts)
        ],
    )


def under_other_ids(suite: ModuleType, number: int) -> Suite:
    """Each check has the id of one that is not listed."""

    def expectations(facts: RunFacts) -> list[gxe.Expectation]:
        made = suite.expectations(facts)
        for expectation in made:
            expectation.meta = {**expectation.meta, "check_id": f"X{expectation.meta['check_id']}"}
        return made

    return _mutated(suite, expectations)


MUTATIONS: tuple[Mutation, ...] = (
    removed,
    emptied,
    renamed,
    renamed_to_another,
    raising,
    raising_in_sql,
    under_other_ids,
)


@pytest.fixture(scope="module")
def judged_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every table that suites look at, without a row."""
    folder = tmp_path_factory.mktemp("empty")
    tables = {card.name: card.columns for card in marts().values()}
    with duckdb.connect() as connection:
        for table, columns in {**tables, **BESIDES}.items():
            listed = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns.items())
            connection.execute(f"copy (select {listed} limit 0) to '{folder / table}.parquet'")
    make_judged_file(folder / "judged.duckdb", folder, tuple(tables), PERIODS, PERIODS)
    return folder / "judged.duckdb"


def said(judged_file: Path, suites: Iterable[Suite | None]) -> list[Verdict]:
    kept = [suite for suite in suites if suite is not None]
    return judge(judged_file, FACTS, required_checks(), suites=kept)  # type: ignore[arg-type]


def test_as_it_is_every_check_speaks(judged_file: Path) -> None:
    verdicts = said(judged_file, SUITES)
    assert {verdict.check_id: verdict.detail for verdict in verdicts if verdict.status == "error"} == {}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_no_check_of_a_mutated_suite_speaks(mutation: Mutation, judged_file: Path) -> None:
    verdicts = said(judged_file, [mutation(suite, number) for number, suite in enumerate(SUITES)])
    spoke = [verdict.check_id for verdict in verdicts if verdict.status != "error"]
    assert spoke == []
    assert {verdict.table for verdict in verdicts} >= {suite.TABLE for suite in SUITES}


def test_one_mutated_suite_closes_the_gate_and_leaves_the_others_speaking(judged_file: Path) -> None:
    few = [suite for suite in SUITES if suite.TABLE in ("mart_finding", "mart_quarantine", "mart_rule")]
    mutated = [raising(suite, 0) if suite.TABLE == "mart_rule" else suite for suite in few]
    silent = {verdict.table for verdict in said(judged_file, mutated) if verdict.status == "error"}
    assert silent == {suite.TABLE for suite in SUITES} - {"mart_finding", "mart_quarantine"}
