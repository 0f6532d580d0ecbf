"""Every rule finds what its fixtures say, at that cell, and nothing else; no rule is without fixtures.

The cases of all rules that are asked for are built together, a region each: a build costs as much as a case.
``pytest tests/rules -k VAL-001`` builds those of one rule.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.registry.rules import rules
from tests.rules.builds import Built, Finding, built
from tests.rules.cases import FOLDER, KINDS, Case, all_cases

CASES = all_cases()


@pytest.fixture(scope="module")
def builds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Each build that a case asks for, of the cases that are to be tried in this session."""
    specs = [getattr(item, "callspec", None) for item in request.session.items]
    parameters = [spec.params.get("case") for spec in specs if spec]
    asked = {case.id for case in parameters if isinstance(case, Case)}
    cases = [case for case in CASES if case.id in asked] or CASES
    return {
        name: built(tmp_path_factory.mktemp(name), [case for case in cases if case.build == name])
        for name in dict.fromkeys(case.build for case in cases)
    }


@pytest.mark.parametrize("rule_id", rules())
def test_a_rule_has_a_passing_a_failing_and_a_boundary_case(rule_id: str) -> None:
    of_rule = {case.kind for case in CASES if case.rule_id == rule_id}
    missing = [kind for kind in KINDS if kind not in of_rule]
    lines = len(path.read_text().splitlines()) if (path := FOLDER / f"{rule_id}.yml").exists() else 0
    place = f"tests/rules/fixtures/{rule_id}.yml:{lines + 1}"
    assert not missing, f"{place}: add a case of kind {' and one of kind '.join(missing)}"


def test_every_fixture_is_of_a_rule() -> None:
    assert {path.stem for path in FOLDER.glob("*.yml")} <= set(rules())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_passing_case_expects_nothing_and_a_failing_one_something(case: Case) -> None:
    assert case.kind == "boundary" or bool(case.expect) == (case.kind == "failing")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_rule_finds_what_its_case_says_and_nothing_else(case: Case, builds: dict[str, Built]) -> None:
    left: list[Finding] = list(builds[case.build].findings[case.id])
    for expected in case.expect:
        found = [finding for finding in left if expected.items() <= finding.items()]
        assert found, f"not found: {dict(expected)}; found: {left}"
        left.remove(found[0])
    assert not left


def test_what_the_rules_count_is_what_they_find(builds: dict[str, Built]) -> None:
    for one in builds.values():
        assert _uncounted(one.work_file) == []


def _uncounted(work_file: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(work_file), read_only=True) as connection:
        return connection.execute(
            """
            select coalesce(ran.period, found.period), coalesce(ran.rule_id, found.rule_id), broken, findings
            from marts.mart_rule as ran
            full outer join (
                select period, rule_id, count(*) as findings from marts.mart_finding group by all
            ) as found
                on ran.period is not distinct from found.period and ran.rule_id = found.rule_id
            where coalesce(broken, 0) <> coalesce(findings, 0) or ran.status is distinct from 'ran'
            """
        ).fetchall()
