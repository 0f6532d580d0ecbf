"""The catalogue of the quality rules as a page (``docs/rules.md``): what each means and rests on.

Put here: the registry's words as Markdown. Keep out: the rules themselves (``rules.csv`` and its parameters).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipelines.registry.rules import SCOPES, Parameter, Rule, parameters_of, rules
from pipelines.registry.seeds import SEEDS

PAGE = SEEDS.parents[1] / "docs" / "rules.md"

_HEAD = """\
# Quality rules

Made by `spm rules page` from `dbt_project/seeds/rules.csv` and `dbt_project/seeds/rule_parameters.csv`;
change it there. A *fatal* finding holds its row, its document or its sector back; a *warning* is published
beside the value, an *info* is only told. In the sentences `{place}` and `{value}` are the cell and what
stands there.
"""
_SCOPES = {
    "document": "Documents",
    "row": "Rows",
    "region_sector": "Sectors of a region",
    "region": "Regions",
    "national": "The nation",
}
_ALWAYS = "always"


def rules_page(seeds: Path = SEEDS) -> str:
    """The whole page, in Markdown."""
    found = rules(seeds).values()
    parts = [_HEAD, _table(["rule", "severity", "name", "nama"], map(_index_row, found))]
    for scope in SCOPES:
        if of_scope := [rule for rule in found if rule.scope == scope]:
            parts += [
                f"## {_SCOPES[scope]}\n",
                *(_entry(rule, parameters_of(rule.rule_id, seeds)) for rule in of_scope),
            ]
    return "\n".join(parts)


def _index_row(rule: Rule) -> list[str]:
    return [f"[{rule.rule_id}](#{rule.rule_id.lower()})", rule.severity, rule.name_en, rule.name_id]


def _entry(rule: Rule, parameters: Iterable[Parameter]) -> str:
    waivable = "may be waived" if rule.is_waivable else "no waiver"
    lines = [
        f"### {rule.rule_id}\n",
        f"**{rule.name_en}** · {rule.name_id} · {rule.severity} · {waivable} · valid {validity(rule)}  ",
        f"Basis: {rule.basis} · owner: {rule.owner}\n",
        f"> {rule.message_id} *{rule.remedy_id}*\n>",
        f"> {rule.message_en} *{rule.remedy_en}*\n",
    ]
    if rows := [_parameter_row(parameter) for parameter in parameters]:
        lines.append(_table(["parameter", "value", "unit", "valid", "what it bounds", "yang dibatasi"], rows))
    return "\n".join(lines)


def _parameter_row(found: Parameter) -> list[str]:
    value = format(found.value.normalize(), "f")
    return [
        f"`{found.parameter}`",
        value,
        found.unit,
        validity(found),
        found.description_en,
        found.description_id,
    ]


def validity(row: Rule | Parameter) -> str:
    """``2019-Q1..``, ``2019-Q1..2020-Q4``, ``..2020-Q4`` or ``always``."""
    if row.valid_from is None and row.valid_to is None:
        return _ALWAYS
    return f"{row.valid_from or ''}..{row.valid_to or ''}"


def _table(header: list[str], rows: Iterable[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return (
        "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
        + "\n"
    )
