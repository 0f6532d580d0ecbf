"""The rules as data: their SQL, their numbers, their page and their words are one list."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from pipelines.registry.rules import Rule, parameters, rules
from pipelines.registry.rules_page import PAGE, rules_page
from pipelines.settings import DBT_DIR

MACROS = {path.name: path.read_text(encoding="utf-8") for path in (DBT_DIR / "macros").glob("*.sql")}
each_rule = pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.rule_id)


def declared() -> Iterator[tuple[str, str]]:
    """Rule and parameter of every list of rules."""
    for text in MACROS.values():
        for rule_id, names in re.findall(r"'rule_id': '([A-Z]+-\d+)',\s*'parameters': \[([^]]*)\]", text):
            yield from ((rule_id, name) for name in re.findall(r"'(\w+)'", names))


def test_the_page_of_the_rules_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == rules_page(), "run `spm rules page`"


def test_the_numbers_that_rules_declare_are_those_of_the_registry() -> None:
    assert sorted(declared()) == sorted({(found.rule_id, found.parameter) for found in parameters()})


@each_rule
def test_a_rule_says_what_it_means_and_how_to_mend_it_in_both_languages(rule: Rule) -> None:
    for text in (rule.message_id, rule.message_en, rule.mend_id, rule.mend_en):
        assert re.search(r"[.)]$", text), text
    assert rule.message_id != rule.message_en
    assert rule.mend_id != rule.mend_en
    assert set(re.findall(r"\{\w+\}", rule.message_id)) == set(re.findall(r"\{\w+\}", rule.message_en))


@each_rule
def test_a_rule_has_an_owner_and_a_basis(rule: Rule) -> None:
    assert re.fullmatch(r"(team|directorate):[a-z][a-z0-9-]*", rule.owner)
    assert rule.basis


def test_a_list_of_rules_has_no_number_of_its_own() -> None:
    """A bound stands in rule_parameters.csv; what is multiplied is arithmetic."""
    for name, text in MACROS.items():
        if name.endswith("_rules.sql"):
            without_comments = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
            bounds = re.findall(r"[<>]=? *(\d+(?:\.\d+)?)\b(?! *\*)", without_comments)
            assert set(bounds) <= {"0", "1"}, name
