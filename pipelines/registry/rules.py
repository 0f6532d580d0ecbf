"""The quality rules: what each is called, how bad a breach is, what it rests on and the numbers it judges by.

Sources: ``rules.csv``, ``rule_parameters.csv``, ``doubting_rules.csv``. Put here: the rules' words. Keep out:
judging by them (dbt, ``sources``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pipelines.registry.home_rows import per_registry
from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS, read_seed

SCOPES = ("document", "row", "region_sector", "region", "national")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, valid from ``valid_from`` to ``valid_to`` (both inclusive, ``None`` open).

    ``message_*`` says what was found, with ``{place}``, ``{value}`` and names of parameters to be filled in;
    ``remedy_*`` is the sentence after it, how to fix it.
    """

    rule_id: str
    severity: str
    scope: str
    name_id: str
    name_en: str
    message_id: str
    message_en: str
    remedy_id: str
    remedy_en: str
    basis: str
    owner: str
    is_waivable: bool
    valid_from: Period | None
    valid_to: Period | None

    @property
    def advice(self) -> str:
        """How to fix it, in Indonesian."""
        return self.remedy_id

    def judges(self, period: Period) -> bool:
        """Whether the rule is valid in ``period``."""
        return (self.valid_from is None or self.valid_from <= period) and (
            self.valid_to is None or period <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a rule judges by, in ``unit``, valid from ``valid_from`` to ``valid_to``."""

    rule_id: str
    parameter: str
    value: Decimal
    unit: str
    description_id: str
    description_en: str
    valid_from: Period | None
    valid_to: Period | None


@per_registry
def rules(folder: Path = SEEDS) -> dict[str, Rule]:
    """Every rule by its id.

    Raises:
        RegistryError: a cell that must be filled in is empty, or a word is not one of those allowed.
    """
    found = [
        Rule(
            rule_id=row.text("rule_id"),
            severity=row.text("severity"),
            scope=row.text("scope"),
            name_id=row.text("name_id"),
            name_en=row.text("name_en"),
            message_id=row.text("message_id"),
            message_en=row.text("message_en"),
            remedy_id=row.text("remedy_id"),
            remedy_en=row.text("remedy_en"),
            basis=row.text("basis"),
            owner=row.text("owner"),
            is_waivable=row.boolean("is_waivable"),
            valid_from=row.parsed_or_none("valid_from_period", Period.parse),
            valid_to=row.parsed_or_none("valid_to_period", Period.parse),
        )
        for row in read_seed("rules", folder)
    ]
    return {rule.rule_id: rule for rule in found}


@per_registry
def parameters(folder: Path = SEEDS) -> tuple[Parameter, ...]:
    """Every parameter of every rule, in the order of the file.

    Raises:
        RegistryError: a cell is empty or no number, or there is no such rule.
    """
    known = rules(folder)
    found = []
    for row in read_seed("rule_parameters", folder):
        if row.text("rule_id") not in known:
            raise row.error(f"no rule {row.text('rule_id')!r} in rules.csv")
        found.append(
            Parameter(
                rule_id=row.text("rule_id"),
                parameter=row.text("parameter"),
                value=row.decimal("value"),
                unit=row.text("unit"),
                description_id=row.text("description_id"),
                description_en=row.text("description_en"),
                valid_from=row.parsed_or_none("valid_from_period", Period.parse),
                valid_to=row.parsed_or_none("valid_to_period", Period.parse),
            )
        )
    return tuple(found)


@per_registry
def doubting_rules(folder: Path = SEEDS) -> dict[str, str]:
    """What each rule that doubts a value doubts of it: ``scale``, ``swap`` or ``fraction``.

    Raises:
        RegistryError: the table is not in order.
    """
    return {row.text("rule_id"): row.text("doubts") for row in read_seed("doubting_rules", folder)}


def parameters_of(rule_id: str, folder: Path = SEEDS) -> tuple[Parameter, ...]:
    """The parameters of one rule."""
    return tuple(found for found in parameters(folder) if found.rule_id == rule_id)
