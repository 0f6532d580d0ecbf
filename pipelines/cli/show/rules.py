"""What rules, and a rule replayed on history, are shown as.

Put here: printing rules. Keep out: their page (``registry.rules_page``), replaying (``build.simulate``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.text import Text

from pipelines.cli.show.runs import show_not_built
from pipelines.cli.show.terminal import out, show_rows
from pipelines.messages import Message, say
from pipelines.registry.rules import Parameter, Rule
from pipelines.registry.rules_page import validity

if TYPE_CHECKING:
    from pipelines.build.simulate import Simulation


def show_rules(found: Sequence[Rule]) -> None:
    """One line a rule."""
    show_rows(
        ["aturan", "tingkat", "cakupan", "berlaku", "nama", "name"],
        [[r.rule_id, r.severity, r.scope, validity(r), r.name_id, r.name_en] for r in found],
    )


def show_rule(rule: Rule, numbers: Sequence[Parameter]) -> None:
    """One rule with its words, and the numbers it judges by."""
    out.print(Text.assemble((rule.rule_id, "bold"), f" {Message(rule.name_id, rule.name_en)}"))
    out.print(f"{rule.severity}, {rule.scope}, {validity(rule)}, {rule.owner}; {rule.basis}")
    out.print(f"  {rule.message_id} {rule.remedy_id}")
    out.print(f"  {rule.message_en} {rule.remedy_en}", style="dim")
    for found in numbers:
        out.print(f"  {found.parameter} = {found.value:f} {found.unit}: {found.description_id}")


def show_simulation(found: Simulation) -> None:
    """What a rule finds in each period, beside what the release has of it."""
    judged_by = ", ".join(f"{name} = {value}" for name, value in found.parameters.items())
    shown = say("simulation.shown", parameters=judged_by)
    out.print(Text.assemble((found.rule_id, "bold"), f": {shown}"))
    show_not_built(found)
    show_rows(
        ["periode", "diperiksa", "temuan", "daerah", "temuan terbit", "daerah terbit", "baru", "hilang"],
        [[str(value) for value in asdict(row).values()] for row in found.periods],
    )
