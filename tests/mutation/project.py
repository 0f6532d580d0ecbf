"""A copy of the project in which rules are mutated: each list of them goes through one macro that changes it.

Put here: making the copy, writing the macro. Keep out: what a mutated project says (``worker``).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from pipelines.registry.rules import rules
from pipelines.settings import PROJECT_DIR

ROOMS = ("pipelines", "expectations", "dbt_project", "tests")
MUTATIONS = ("removed", "emptied", "renamed", "marked")
"""``emptied``: finds nothing. ``marked``: the same SQL between comments, so that it can be replaced later."""
_MACRO = """
{{% macro mutated(rules) -%}}
    {{%- set plan = {plan} -%}}
    {{%- set found = [] -%}}
    {{%- for rule in rules -%}}
        {{%- set how = plan.get(rule.rule_id) -%}}
        {{%- if how == 'emptied' -%}}
            {{%- do rule.update({{'broken': 'false'}}) -%}}
        {{%- elif how == 'marked' -%}}
            {{%- do rule.update({{'broken': '/*' ~ rule.rule_id ~ '[*/ (' ~ rule.broken ~ ') /*]*/'}}) -%}}
        {{%- elif how == 'renamed' -%}}
            {{%- do rule.update({{'rule_id': 'X' ~ rule.rule_id}}) -%}}
        {{%- endif -%}}
        {{%- if how != 'removed' -%}}{{%- do found.append(rule) -%}}{{%- endif -%}}
    {{%- endfor -%}}
    {{%- do return(found) -%}}
{{%- endmacro %}}
"""


class ProjectError(RuntimeError):
    """The lists of rules are not written as the copy expects; the message says which."""


def copy_project(folder: Path) -> Path:
    """Copy the project to ``folder``, its lists of rules through the macro, which changes nothing yet.

    Raises:
        ProjectError: see there.
    """
    for room in ROOMS:
        # the registry as it was built stays valid: no seed is changed
        ignored = shutil.ignore_patterns(
            "logs", "__pycache__", "run", "compiled", "*.msgpack", "manifest.json"
        )
        shutil.copytree(PROJECT_DIR / room, folder / room, ignore=ignored)
    shutil.copyfile(PROJECT_DIR / "pyproject.toml", folder / "pyproject.toml")
    macros = folder / "dbt_project" / "macros"
    for path in [*macros.glob("*_rules.sql"), macros / "waivers.sql"]:
        path.write_text(_through_macro(path))
    mutate(folder, {})
    return folder


def mutate(project: Path, plan: Mapping[str, str]) -> None:
    """From now on the rules of ``plan`` (rule to mutation) are mutated, and no others."""
    wanted = dict(sorted(plan.items()))
    (project / "dbt_project" / "macros" / "mutated.sql").write_text(_MACRO.format(plan=wanted))


def groups(project: Path, rule_ids: Collection[str]) -> list[list[str]]:
    """Those of ``rule_ids`` that can be taken out together: of each list one half, and one that is alone."""
    halves: list[list[str]] = [[], []]
    alone = []
    for listed in _lists(project):
        wanted = [rule_id for rule_id in listed if rule_id in rule_ids]
        if len(listed) == 1:
            alone += [wanted]
        else:
            # every other one: neighbours share a question, such as which region is meant
            halves[0] += [rule_id for rule_id in wanted if listed.index(rule_id) % 2]
            halves[1] += [rule_id for rule_id in wanted if not listed.index(rule_id) % 2]
    return [group for group in (*halves, *alone) if group]


def _lists(project: Path) -> list[list[str]]:
    """The rules of each list, as its macro names them; documents' rules are counted out."""
    found = []
    macros = project / "dbt_project" / "macros"
    for path in sorted([*macros.glob("*_rules.sql"), macros / "waivers.sql"]):
        for part in re.split(r"(?=\{% macro )", path.read_text(encoding="utf-8")):
            if "mutated(" in part:
                found.append(re.findall(r"'rule_id': '([A-Z]+-\d{3})'", part))
    documents = [rule_id for rule_id in rules() if rule_id.startswith("DOC-")]
    return [listed or documents for listed in found]


def _through_macro(path: Path) -> str:
    """The lists of a file: those returned as they stand, and those put together first."""
    parts = re.split(r"(?=\{% macro )", path.read_text(encoding="utf-8"))
    for at, part in enumerate(parts):
        if not re.match(r"\{% macro \w+_rules\(\)", part):
            continue
        changed = part.replace("do return([", "do return(mutated([").replace("]) -%}", "])) -%}")
        if changed == part:
            changed = part.replace("do return(rules)", "do return(mutated(rules))")
        if changed.count("mutated(") != 1:
            raise ProjectError(f"{path.name}: a list of rules is returned in another way: {part[:60]!r}")
        parts[at] = changed
    return "".join(parts)
