"""The suites and ``gate_checks.csv`` are one list, written twice: here what holds, there how grave it is."""

from __future__ import annotations

from pkgutil import iter_modules
from types import ModuleType

import great_expectations.expectations as gxe
import pytest

import expectations
from expectations.facts import RunFacts
from pipelines.quality.judge import SUITES
from pipelines.registry.gate_checks import GateCheck, required_checks
from pipelines.registry.seeds import read_seed
from pipelines.warehouse.manifest import marts

REQUIRED = required_checks()
SEED = "dbt_project/seeds/gate_checks.csv"
FACTS = RunFacts(("2024-Q3", "2024-Q4"))
each_suite = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.TABLE)
each_check = pytest.mark.parametrize("check", REQUIRED, ids=lambda check: check.check_id)


def ids(suite: ModuleType) -> list[str]:
    """The ids of a suite's checks, in its order."""
    return [expectation.meta["check_id"] for expectation in suite.expectations(FACTS)]


def rows_demanded(suite: ModuleType, facts: RunFacts) -> list[object]:
    """How many rows a suite demands at least, and of which periods; nothing when its table may be empty."""
    demanded: list[object] = []
    for expectation in suite.expectations(facts):
        match expectation:
            case gxe.ExpectTableRowCountToBeBetween():
                demanded.append(expectation.min_value)
            case gxe.ExpectColumnDistinctValuesToContainSet() | gxe.ExpectColumnDistinctValuesToEqualSet():
                demanded.append(expectation.value_set)
    return demanded


@each_suite
def test_a_suite_holds_just_the_checks_listed_for_its_table(suite: ModuleType) -> None:
    rows = {row["check_id"]: row for row in read_seed("gate_checks") if row["table_name"] == suite.TABLE}
    last = max((row.line for row in rows.values()), default=len(REQUIRED) + 1)
    held = ids(suite)
    wrong = [
        f"{SEED}:{last}: add below: {check_id},{suite.TABLE},fatal,<sentence_en>,<sentence_id>,<basis>"
        for check_id in held
        if check_id not in rows
    ]
    wrong += [
        row.fault(f"expectations/{suite.TABLE}.py has no expectation with meta=check({check_id!r}): add it")
        for check_id, row in rows.items()
        if check_id not in held
    ]
    assert not wrong, "\n".join(wrong)
    assert held == list(rows), f"{SEED} and expectations/{suite.TABLE}.py have the checks in another order"


@each_suite
def test_a_suite_judges_a_published_table_and_bears_its_name(suite: ModuleType) -> None:
    assert suite.TABLE in marts()
    assert suite.__name__ == f"expectations.{suite.TABLE}"


@each_suite
def test_a_suite_begins_by_asking_for_rows(suite: ModuleType) -> None:
    first = suite.expectations(FACTS)[0]
    if marts()[suite.TABLE].owes_rows == "never":
        assert not isinstance(first, gxe.ExpectTableRowCountToBeBetween)
    else:
        assert isinstance(first, gxe.ExpectTableRowCountToBeBetween)
        assert first.min_value == 1


@each_suite
@pytest.mark.parametrize(
    ("unscored", "scores"),
    [
        pytest.param(["2018-Q3", "2018-Q4"], [], id="no-period-is-scored"),
        pytest.param(["2018-Q3"], ["2018-Q4"], id="one-of-two-is-scored"),
    ],
)
def test_scores_are_owed_of_scored_periods_and_all_else_of_every_period(
    unscored: list[str], scores: list[str], suite: ModuleType
) -> None:
    every = ["2018-Q3", "2018-Q4"]
    owed = {"scored_periods": scores, "every_period": every, "never": None}[marts()[suite.TABLE].owes_rows]
    demanded = rows_demanded(suite, RunFacts(every, unscored_periods=unscored))
    assert demanded == ([] if owed is None else [min(1, len(owed)), owed])


@each_suite
def test_a_suite_looks_at_the_batch_in_every_query(suite: ModuleType) -> None:
    for expectation in suite.expectations(FACTS):
        if isinstance(expectation, gxe.UnexpectedRowsExpectation):
            assert "{batch}" in str(expectation.unexpected_rows_query), expectation.meta


@each_suite
def test_no_check_tolerates_a_share_of_wrong_rows(suite: ModuleType) -> None:
    assert [getattr(expectation, "mostly", 1) for expectation in suite.expectations(FACTS)] == [
        1 for _ in suite.expectations(FACTS)
    ]


def test_every_module_of_the_folder_is_a_suite_or_helps_suites() -> None:
    modules = {module.name for module in iter_modules(expectations.__path__)}
    assert modules - {suite.TABLE for suite in SUITES} == {"facts", "row_laws", "sums"}, "name a TABLE"


def test_every_listed_check_has_its_suite() -> None:
    tables = {suite.TABLE for suite in SUITES}
    without = [
        row.fault(f"{row['check_id']}: add expectations/{row['table_name']}.py, which judges its table")
        for row in read_seed("gate_checks")
        if row["table_name"] not in tables
    ]
    assert not without, "\n".join(without)


@each_check
def test_a_check_says_its_sentence_in_both_languages(check: GateCheck) -> None:
    assert check.sentence_en != check.sentence_id, f"{SEED}: {check.check_id}: translate sentence_id"
    first = next(found.check_id for found in REQUIRED if found.table_name == check.table_name)
    assert check.check_id[:3] == first[:3], f"{SEED}: {check.check_id}: begin it with {first[:3]}, as {first}"
