"""``spm rules``: the quality rules on the command line: what they are, and what one would find.

Put here: parse, one call, printing. Keep out: the rules (``registry.rules``), replaying one
(``build.simulate``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.options import (
    HomeOption,
    JsonOption,
    RangeArgument,
    print_json,
    settings_of,
    tell,
)
from pipelines.errors import ConfigurationError
from pipelines.messages import most_like, say
from pipelines.registry.rules import Rule, parameters_of, rules
from pipelines.registry.rules_page import PAGE, rules_page

app = typer.Typer(
    name="rules",
    help="The quality rules: list, show, their page, and what one would find.",
    no_args_is_help=True,
)

RuleArgument = Annotated[str, typer.Argument(metavar="RULE", help="Id of the rule, e.g. VAL-001.")]


@app.command("list")
def list_rules(as_json: JsonOption = False) -> None:
    """Every rule: its severity, what it looks at, and since when."""
    from pipelines.cli.show.rules import show_rules

    found = list(rules().values())
    if as_json:
        print_json([_as_json(rule) for rule in found])
        return
    show_rules(found)


@app.command()
def show(rule_id: RuleArgument, as_json: JsonOption = False) -> None:
    """One rule: what it says, how to fix it, what it rests on, and the numbers it judges by."""
    from pipelines.cli.show.rules import show_rule

    rule = _rule(rule_id)
    if as_json:
        print_json(_as_json(rule))
    else:
        show_rule(rule, parameters_of(rule.rule_id))


@app.command()
def page(
    to: Annotated[Path, typer.Option("--to", help="File to write.", show_default="docs/rules.md")] = PAGE,
    as_json: JsonOption = False,
) -> None:
    """Write the catalogue of the rules."""
    to.write_text(rules_page(), encoding="utf-8")
    if as_json:
        print_json({"file": str(to)})
    else:
        tell(str(to))


@app.command()
def simulate(
    rule_id: RuleArgument,
    periods: RangeArgument,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", metavar="NAME=VALUE", help="Another number to judge by; again for more."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replay a rule on what was received, as if it had always been valid; nothing is published."""
    from pipelines.build.demo_data import holds_made_up
    from pipelines.cli.show.rules import show_simulation
    from pipelines.cli.show.terminal import progress_on_terminal, show_demo_notice

    settings = settings_of(home)
    given = _parameters(parameter or [])
    with progress_on_terminal():
        from pipelines.build.simulate import simulate as replay

        found = replay(settings, rule_id, [str(period) for period in periods], given)
    show_demo_notice(holds_made_up(settings), as_json)
    if as_json:
        print_json(asdict(found))
    else:
        show_simulation(found)


def _rule(rule_id: str) -> Rule:
    if rule_id not in rules():
        raise ConfigurationError(say("rule.unknown", at=rule_id, known=most_like(rule_id.upper(), rules())))
    return rules()[rule_id]


def _parameters(given: Sequence[str]) -> dict[str, Decimal]:
    found = {}
    for text in given:
        name, _, number = text.partition("=")
        try:
            found[name.strip()] = Decimal(number.strip())
        except InvalidOperation:
            raise typer.BadParameter(say("option.no_parameter", at=repr(text))) from None
    return found


def _as_json(rule: Rule) -> dict[str, Any]:
    return {**asdict(rule), "parameters": [asdict(found) for found in parameters_of(rule.rule_id)]}
