"""Laws of ``regions``, ``region_changes``, ``counts_by_province`` and ``rosters``.

Put here: what these tables must satisfy together. Keep out: what one column holds (the YAML beside a seed).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from operator import itemgetter

from pipelines.registry.laws.facts import (
    Read,
    has_state,
    in_force,
    is_valid_on,
    last_days,
    no_such_code,
    states_by_code,
)
from pipelines.registry.seed_files import SeedRow

HORIZON = date(2005, 1, 1)
"""Regions are known from this day on."""


def recodes_hand_over(read: Read) -> Iterator[str]:
    """A recode ends the old code for good on its day and starts the new one that day."""
    states = states_by_code(read)
    recodes: dict[str, SeedRow] = {}
    for row in read("region_changes"):
        new, day = row.optional("region_code_new"), row.day("effective_date")
        if new is None and not row["note"].startswith("NO NEW CODE"):
            yield row.fault(
                "region_code_new is empty: write the code, or a note that begins with NO NEW CODE"
            )
        if day is None and not row["note"].startswith("PENDING"):
            yield row.fault("effective_date is empty: write the day, or a note that begins with PENDING")
        if row["kind"] != "recode" or new is None or day is None:
            continue
        old = row["region_code_old"]
        if recodes.setdefault(old, row).optional("region_code_new") != new:
            yield row.fault(
                f"{old} is recoded in line {recodes[old].line} already: remove one of the two rows"
            )
        if day not in [state.day("valid_to") for state in states[old]]:
            yield row.fault(f"no state of {old} in regions.csv ends on {day}: write that day in its valid_to")
        if day not in [state.day("valid_from") for state in states[new]]:
            yield row.fault(f"no state of {new} in regions.csv begins on {day}: write it in its valid_from")
        if any((state.day("valid_to") or date.max) > day for state in states[old]):
            yield row.fault(
                f"{old} has a state after {day} in regions.csv: a code that was left is not given again"
            )
    yield from _lead_to_today(states, {old: row["region_code_new"] for old, row in recodes.items()})


def _lead_to_today(states: Mapping[str, list[SeedRow]], recodes: Mapping[str, str]) -> Iterator[str]:
    for code, rows in states.items():
        today, passed = code, set()
        while today in recodes and today not in passed:
            passed.add(today)
            today = recodes[today]
        if today in passed:
            yield rows[0].fault(f"the recodes of {code} run in a circle: correct them in region_changes.csv")
        elif sum(state.optional("valid_to") is None for state in states.get(today, ())) != 1:
            yield rows[0].fault(
                f"{code} does not lead to one region of today: give the last state of {today} an empty"
                " valid_to, or add its recode to region_changes.csv"
            )


def regions_have_a_province(read: Read) -> Iterator[str]:
    """On each day of a regency or city from the horizon on, its province is valid."""
    states = states_by_code(read)
    for row in read("regions"):
        if row["level"] == "province":
            continue
        begins = max(row.day("valid_from") or date.min, HORIZON)
        ends = row.day("valid_to") or date.max
        provinces = [state for state in states[row["province_code"]] if state["level"] == "province"]
        days = [begins, *(state.day("valid_to") or date.max for state in provinces)]
        for day in sorted(day for day in days if begins <= day < ends):
            if not any(is_valid_on(province, day) for province in provinces):
                yield row.fault(
                    f"{row['region_code']} {row['name']}: its province {row['province_code']} is not valid on"
                    f" {day}: correct province_code, or add that state of the province"
                )


def regions_are_as_counted(read: Read) -> Iterator[str]:
    """On every day of ``counts_by_province`` the regions are those that a decree counted."""
    published: dict[date, dict[str, SeedRow]] = defaultdict(dict)
    for row in read("counts_by_province"):
        published[row.day("as_of") or date.max][row["province_code"]] = row
    for day, rows in published.items():
        valid = [row for row in read("regions") if is_valid_on(row, day)]
        names = {row["region_code"]: row["name"] for row in valid if row["level"] == "province"}
        levels = Counter((row["province_code"], row["level"]) for row in valid)
        reporters = Counter(
            row["province_code"]
            for row in valid
            if row["level"] != "province" and row["is_autonomous"] == "true"
        )
        counted = {
            code: (name, levels[code, "regency"], levels[code, "city"], reporters[code])
            for code, name in names.items()
        }
        regencies, cities, autonomous = (sum(map(itemgetter(at), counted.values())) for at in (1, 2, 3))
        counted["ALL"] = (f"{len(names)} provinces", regencies, cities, autonomous)
        for code in sorted(counted.keys() - rows.keys()):
            # the row of all stands last
            place = rows.get("ALL") or next(iter(rows.values()))
            yield place.fault(
                f"province {code} is valid on {day} and has no row: add it above this line"
                if code != "ALL"
                else f"{day} has no row ALL: add it below the rows of that day"
            )
        for code, row in rows.items():
            if code not in counted:
                yield row.fault(
                    f"province {code} is not valid on {day}: remove the row, or correct regions.csv"
                )
                continue
            name, regencies, cities, autonomous = counted[code]
            right = (name, *map(str, (regencies, cities, regencies + cities, autonomous)))
            columns = ("province_name", "regencies", "cities", "total", "autonomous")
            if tuple(row[column] for column in columns) != right:
                yield row.fault(
                    f"regions.csv has {', '.join(right)} for {code} on {day}: correct regions.csv, or write"
                    " these counts"
                )


def rosters_count_regions_of_their_quarters(read: Read) -> Iterator[str]:
    """A row counts all autonomous regions, or names one that has its code in each quarter of the row."""
    states, ends = states_by_code(read), last_days(read)
    for row in read("rosters"):
        code = row.optional("region_code")
        if row["members"] == "autonomous":
            if code is not None:
                yield row.fault(
                    f"autonomous counts all of them, not {code}: empty it, or write region in members"
                )
            continue
        if code is None:
            yield row.fault("region_code is empty: write the code of the region, or autonomous in members")
            continue
        for period, ends_on in ends.items():
            if in_force(row, period) and not has_state(states, code, ends_on):
                yield row.fault(no_such_code(code, period, ends_on))
                break


def rosters_count_in_every_quarter(read: Read) -> Iterator[str]:
    """No quarter is without members: a method may judge any of them by the roster."""
    rows = defaultdict(list)
    for row in read("rosters"):
        rows[row["roster"]].append(row)
    for name, own in rows.items():
        for period in last_days(read):
            if not any(in_force(row, period) for row in own):
                yield own[0].fault(
                    f"{name} counts nobody in {period}: add a row that is valid in that quarter"
                )
                break
