"""The rules as data: their columns, their numbers, their page and their words are one list.

A test that misses something says which line of which file it belongs to.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.registry.rules import Rule, parameters, rules
from pipelines.registry.rules_page import PAGE, rules_page
from pipelines.registry.seeds import SEEDS
from pipelines.settings import DBT_DIR, PROJECT_DIR
from pipelines.warehouse import dbt
from tests.rules.columns import MODELS, columns

COLUMNS = columns()
NUMBER = re.compile(r"\b[a-z]+_\d{3}_[a-z_]+\b")
each_rule = pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.rule_id)


def test_the_page_of_the_rules_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == rules_page(), "run `spm rules page`"


def test_every_rule_is_a_column_and_every_column_a_rule() -> None:
    written: dict[str, str] = {}
    wrong = []
    for column in COLUMNS:
        if column.rule_id in written:
            wrong.append(f"{column.place}: {column.rule_id} is a column of {written[column.rule_id]} already")
        elif column.rule_id not in rules():
            wrong.append(
                f"{_end(SEEDS / 'rules.csv')}: add a row {column.rule_id}, a column of {column.place}"
            )
        written[column.rule_id] = column.place
    wrong += [
        f'{MODELS}/int_rules__<what it judges>.sql: add a column "{rule_id}", a row of rules.csv'
        for rule_id in rules()
        if rule_id not in written
    ]
    assert wrong == []


def test_every_number_that_a_model_reads_is_a_parameter_and_is_read() -> None:
    read: dict[str, str] = {}
    for path in sorted((DBT_DIR / "models" / "intermediate").rglob("*.sql")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for name in NUMBER.findall(line):
                read.setdefault(name, f"{path.relative_to(PROJECT_DIR)}:{number}")
    known = {f"{found.rule_id.lower().replace('-', '_')}_{found.parameter}" for found in parameters()}
    wrong = [
        f"{_end(SEEDS / 'rule_parameters.csv')}: add a row for {name}, which {place} reads"
        for name, place in read.items()
        if name not in known
    ]
    wrong += [
        f"{_line(SEEDS / 'rule_parameters.csv', found.rule_id, found.parameter)}: no model of"
        f" {MODELS} reads {found.parameter} of {found.rule_id}"
        for found in parameters()
        if f"{found.rule_id.lower().replace('-', '_')}_{found.parameter}" not in read
    ]
    assert wrong == []


def test_every_model_of_rules_is_counted() -> None:
    """A model that int_rules__verdicts does not read has rules that find and count nothing."""
    nodes = dbt.manifest()["nodes"]
    counted = {
        parent.rsplit(".", 1)[1]
        for model in ("int_rules__verdicts", "mart_rule")
        for parent in nodes[f"model.spm.{model}"]["depends_on"]["nodes"]
    }
    wrong = [
        f"{MODELS}/int_rules__verdicts.sql:4: add '{name.removeprefix('int_rules__')}' to the list"
        for name in dict.fromkeys(Path(column.path).stem for column in COLUMNS)
        if name not in counted
    ]
    assert wrong == []


@each_rule
def test_a_rule_says_what_it_means_and_how_to_fix_it_in_both_languages(rule: Rule) -> None:
    for text in (rule.message_id, rule.message_en, rule.remedy_id, rule.remedy_en):
        assert re.search(r"[.)]$", text), text
    assert rule.message_id != rule.message_en
    assert rule.remedy_id != rule.remedy_en
    assert set(re.findall(r"\{\w+\}", rule.message_id)) == set(re.findall(r"\{\w+\}", rule.message_en))


@each_rule
def test_a_rule_has_an_owner_and_a_basis(rule: Rule) -> None:
    assert re.fullmatch(r"(team|directorate):[a-z][a-z0-9-]*", rule.owner)
    assert rule.basis


def test_a_rule_has_no_number_of_its_own() -> None:
    """A bound stands in rule_parameters.csv; what is multiplied is arithmetic."""
    wrong = [
        f"{column.place}: {column.rule_id} compares with {bound}; make it a row of rule_parameters.csv"
        for column in COLUMNS
        for bound in re.findall(r"[<>]=? *(\d+(?:\.\d+)?)\b(?! *\*)", column.sql)
        if bound not in {"0", "1"}
    ]
    assert wrong == []


def _end(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"{path.relative_to(PROJECT_DIR)}:{len(lines) + 1}"


def _line(path: Path, *cells: str) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if line.startswith(",".join(cells) + ",")]
    return f"{path.relative_to(PROJECT_DIR)}:{found[0]}"
