"""What rules, and a rule replayed on history, are shown as.

Put here: printing rules. Keep out: their page (``registry.rules_page``), replaying (``build.simulate``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from pipelines.cli.show.runs import show_not_built
from pipelines.cli.show.terminal import headings, out, print_both, show_rows, styled
from pipelines.messages import Message, is_shown, say
from pipelines.registry.rules import Parameter, Rule
from pipelines.registry.rules_page import validity

if TYPE_CHECKING:
    from pipelines.build.simulate import Simulation


def show_rules(found: Sequence[Rule]) -> None:
    """One line a rule."""
    languages = {"name_id": "nama", "name_en": "name"}
    languages = {
        name: head for name, head in languages.items() if is_shown("id" if name == "name_id" else "en")
    }
    show_rows(
        [
            *headings("heading.rule", "heading.severity", "heading.scope", "heading.valid"),
            *languages.values(),
        ],
        [
            [
                rule.rule_id,
                rule.severity,
                rule.scope,
                validity(rule),
                *(getattr(rule, name) for name in languages),
            ]
            for rule in found
        ],
    )


def show_rule(rule: Rule, numbers: Sequence[Parameter]) -> None:
    """One rule with its words, and the numbers it judges by."""
    out.print(styled((rule.rule_id, "bold"), f" {Message(rule.name_id, rule.name_en)}"))
    out.print(f"{rule.severity}, {rule.scope}, {validity(rule)}, {rule.owner}; {rule.basis}")
    print_both(f"{rule.message_id} {rule.remedy_id}", f"{rule.message_en} {rule.remedy_en}")
    for found in numbers:
        words = found.description_id if is_shown("id") else found.description_en
        out.print(f"  {found.parameter} = {found.value:f} {found.unit}: {words}")


def show_simulation(found: Simulation) -> None:
    """What a rule finds in each period, beside what the release has of it."""
    judged_by = ", ".join(f"{name} = {value}" for name, value in found.parameters.items())
    shown = say("simulation.shown", parameters=judged_by)
    out.print(styled((found.rule_id, "bold"), f": {shown}"))
    show_not_built(found)
    show_rows(
        headings(
            "heading.period",
            "heading.judged",
            "heading.findings",
            "heading.regions",
            "heading.published_findings",
            "heading.published_regions",
            "heading.now_found",
            "heading.gone",
        ),
        [[str(value) for value in asdict(row).values()] for row in found.periods],
    )
