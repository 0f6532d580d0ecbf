"""The quality rules: what each is called, how bad a breach is, and what it rests on.

Source: ``rules.csv``. Put here: the rules' words. Keep out: judging by them (dbt, ``sources``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipelines.registry.seeds import SEEDS, read_seed


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``severity`` is fatal or warning, ``scope`` document, row or region.

    ``advice`` is the end of the Indonesian message that says how to mend it; empty where it says nothing.
    """

    rule_id: str
    severity: str
    scope: str
    name_id: str
    name_en: str
    basis: str
    advice: str


@lru_cache
def rules(folder: Path = SEEDS) -> dict[str, Rule]:
    """Every rule by its id.

    Raises:
        RegistryError: a cell that must be filled in is empty.
    """
    found = [
        Rule(
            rule_id=row.text("rule_id"),
            severity=row.choice("severity", ("fatal", "warning")),
            scope=row.choice("scope", ("document", "row", "region")),
            name_id=row.text("name_id"),
            name_en=row.text("name_en"),
            basis=row.text("basis"),
            advice=_advice(row.text("message_id")),
        )
        for row in read_seed("rules", folder)
    ]
    return {rule.rule_id: rule for rule in found}


def _advice(message: str) -> str:
    # a sentence with a place or a value in it tells what was found, the sentences after it what to do
    after = message.partition(". ")[2]
    return "" if "{" in after else after
