"""Laws of ``rules``, ``rule_parameters``, ``waivers`` and ``gate_limits``.

Put here: what these tables must satisfy together. Keep out: what one column holds (the YAML beside a seed).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from pipelines.registry.laws.facts import Read, has_state, in_force, last_days, no_such_code, states_by_code
from pipelines.registry.seed_files import SeedRow


def what_cannot_be_read_is_never_accepted(read: Read) -> Iterator[str]:
    """A fatal rule on documents or rows holds in every quarter and cannot be waived."""
    for row in read("rules"):
        is_bound = any(row.optional(name) for name in ("valid_from_period", "valid_to_period"))
        is_waivable = row["is_waivable"] == "true"
        if row["severity"] == "fatal" and row["scope"] in ("document", "row") and (is_bound or is_waivable):
            yield row.fault(
                f"{row['rule_id']} is fatal for a {row['scope']}, so it holds in every quarter and cannot"
                " be waived: empty its validity, and write false in is_waivable"
            )


def messages_name_parameters(read: Read) -> Iterator[str]:
    """What stands in braces in a message is its place, its value or a parameter of its rule."""
    known: dict[str, set[str]] = defaultdict(lambda: {"place", "value"})
    for parameter in read("rule_parameters"):
        known[parameter["rule_id"]].add(parameter["parameter"])
    for row in read("rules"):
        rule_id = row["rule_id"]
        for column in ("message_id", "message_en", "remedy_id", "remedy_en"):
            for name in re.findall(r"\{([^}]*)\}", row[column]):
                if column.startswith("remedy") or name not in known[rule_id]:
                    can = (
                        "nothing is filled in here"
                        if column.startswith("remedy")
                        else ", ".join(sorted(known[rule_id]))
                    )
                    yield row.fault(f"{column}: {{{name}}} cannot be filled in ({can}): correct it")


def rules_have_one_value_a_quarter(read: Read) -> Iterator[str]:
    """A rule judges a quarter by one value of each of its parameters."""
    rules = {row["rule_id"]: row for row in read("rules")}
    yield from _one_value_a_quarter(read, "rule_parameters", "rule_id", rules)


def limits_have_one_value_a_quarter(read: Read) -> Iterator[str]:
    """A quarter is compared with one value of each limit of the gate."""
    checks = {row["check_id"] for row in read("gate_checks")}
    for row in read("gate_limits"):
        check_id = row["check_id"]
        if check_id not in checks and not check_id.startswith("AP-"):
            yield row.fault(
                f"check_id: {check_id!r} is not in gate_checks.csv: correct it, or add the check there"
            )
    yield from _one_value_a_quarter(read, "gate_limits", "check_id", {})


def _one_value_a_quarter(read: Read, seed: str, owner: str, judging: Mapping[str, SeedRow]) -> Iterator[str]:
    """A quarter is compared with one value of each parameter, in every quarter that its owner judges."""
    named = defaultdict(list)
    for row in read(seed):
        named[row[owner], row["parameter"]].append(row)
    periods = [row["period"] for row in read("periods")]
    for (owner_id, parameter), rows in named.items():
        for period in periods:
            if owner_id in judging and not in_force(judging[owner_id], period):
                continue
            valid = [row for row in rows if in_force(row, period)]
            if len(valid) != 1:
                lines = " and ".join(str(row.line) for row in valid)
                yield rows[-1].fault(
                    f"{parameter} of {owner_id} has {f'values of lines {lines}' if valid else 'no value'} in"
                    f" {period}: let one row of it be valid then (valid_from_period, valid_to_period)"
                )
                break


def waivers_cover_what_may_be_waived(read: Read) -> Iterator[str]:
    """A waiver names a rule that may be waived, and a code that its region has throughout."""
    waivable = {row["rule_id"] for row in read("rules") if row["is_waivable"] == "true"}
    ends, states = last_days(read), states_by_code(read)
    for row in read("waivers"):
        if row["rule_id"] not in waivable:
            yield row.fault(f"{row['rule_id']} cannot be waived (is_waivable in rules.csv): remove the row")
        code = row["region_code"]
        covered = [period for period in sorted(ends) if row["first_period"] <= period <= row["last_period"]]
        for period in [one for one in covered if not has_state(states, code, ends[one])][:1]:
            yield row.fault(no_such_code(code, period, ends[period]))
