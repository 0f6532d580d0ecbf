"""What the YAML beside a seed says of its columns (types and dbt tests), held against the rows of the CSV.

The YAML is the one place of these laws: dbt can test by it, and nobody reads a seed in Python that breaks it.
Unlike dbt's, a fault found here names the line of the file and how to correct it.

Put here: the kinds of dbt tests that seeds use. Keep out: laws that are no such test (``laws``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from pipelines.registry.home_rows import laid_over, per_registry
from pipelines.registry.seed_files import SEEDS, RegistryError, SeedRow, header_faults, shown

Rows = Sequence[SeedRow]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type, and which tests its values must pass. ``refers_to`` is a seed and its column."""

    name: str
    kind: str
    required: bool = False
    unique: bool = False
    words: tuple[str, ...] = ()
    refers_to: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed as its YAML describes it; ``keys`` are combinations of columns that occur once.

    ``validity`` names the key and the first and last column of intervals that must not overlap.
    """

    name: str
    columns: Mapping[str, Column]
    keys: Sequence[Sequence[str]] = ()
    validity: Sequence[tuple[str, str, str]] = field(default=())


@lru_cache
def described(name: str) -> Seed:
    """What the YAML of the repository says of a seed.

    Raises:
        RegistryError: it uses a test that is not known here.
    """
    path = SEEDS / f"_{name}.yml"
    with path.open(encoding="utf-8") as text:
        (seed,) = yaml.load(text, yaml.CSafeLoader)["seeds"]
    types = seed["config"]["column_types"]
    columns = {}
    for column in seed["columns"]:
        tests = [_test(path, each) for each in column.get("data_tests", [])]
        columns[column["name"]] = _column(path, column["name"], types[column["name"]], tests)
    keys, validity = [], []
    for kind, arguments in (_test(path, each) for each in seed.get("data_tests", [])):
        if kind == "unique_combination":
            keys.append(arguments["columns"])
        elif kind == "no_overlapping_validity":
            validity.append((arguments["key"], arguments["valid_from"], arguments["valid_to"]))
        else:
            raise _unknown(path, kind)
    return Seed(name, columns, keys, validity)


@per_registry
def checked_rows(name: str, folder: Path = SEEDS) -> tuple[SeedRow, ...]:
    """The rows of a seed that is as its YAML says.

    Raises:
        RegistryError: it is not; a line for each fault.
    """
    seed = described(name)
    header, rows = laid_over(name, seed.columns, folder)
    faults = list(header_faults(seed.columns, header, f"{shown(folder / f'{name}.csv')}:1", f"_{name}.yml"))
    if not faults:
        for column in seed.columns.values():
            faults += _column_faults(column, rows, folder)
        for key in seed.keys:
            faults += _repeated(key, rows)
    if not faults:
        for key_column, first, last in seed.validity:
            faults += _overlapping(key_column, first, last, rows)
    if faults:
        raise RegistryError("\n".join(faults))
    return rows


def _test(path: Path, declared: Any) -> tuple[str, Mapping[str, Any]]:
    if isinstance(declared, str):
        return declared, {}
    ((kind, details),) = declared.items()
    if set(details) != {"arguments"}:
        raise _unknown(path, f"{kind} with {', '.join(sorted(set(details) - {'arguments'}))}")
    return kind, details["arguments"]


def _column(path: Path, name: str, kind: str, tests: Sequence[tuple[str, Mapping[str, Any]]]) -> Column:
    found: dict[str, Any] = {}
    for test, arguments in tests:
        if test == "not_null":
            found["required"] = True
        elif test == "unique":
            found["unique"] = True
        elif test == "accepted_values":
            found["words"] = tuple(map(str, arguments["values"]))
        elif test == "relationships":
            found["refers_to"] = (
                arguments["to"].removeprefix("ref('").removesuffix("')"),
                arguments["field"],
            )
        else:
            raise _unknown(path, test)
    return Column(name, kind, **found)


def _unknown(path: Path, test: str) -> RegistryError:
    return RegistryError(
        f"{shown(path)}: the test {test} is none that {Path(__file__).name} knows: state the law in laws.py"
    )


def _column_faults(column: Column, rows: Rows, folder: Path) -> Iterator[str]:
    read, example = _type(column.kind)
    known: set[str] | None = None
    lines: dict[str, SeedRow] = {}
    for row in rows:
        text = row[column.name]
        if not text:
            if column.required:
                yield row.fault(f"{column.name} is empty: write {_wanted(column, example)}")
            continue
        if not read(text):
            yield row.fault(f"{column.name}: {text!r} is not {example}: correct it")
        elif column.words and text not in column.words:
            yield row.fault(
                f"{column.name}: {text!r} is not one of {', '.join(column.words)}: write one of them"
            )
        if column.unique and text in lines:
            yield row.fault(
                f"{column.name}: {text!r} occurs in {_place(lines[text], row)} already: remove one of the two"
                " rows, or correct the value"
            )
        lines.setdefault(text, row)
        if column.refers_to:
            seed, field_name = column.refers_to
            if known is None:
                others = laid_over(seed, described(seed).columns, folder)[1]
                known = {other.cells.get(field_name, "") for other in others}
            if text not in known:
                yield row.fault(
                    f"{column.name}: {text!r} is not in {seed}.csv ({field_name}): correct it, or add the row"
                    " there"
                )


def _wanted(column: Column, example: str) -> str:
    if column.words:
        return f"one of {', '.join(column.words)}"
    if column.refers_to:
        return f"a value of {column.refers_to[0]}.csv ({column.refers_to[1]})"
    return example


def _type(kind: str) -> tuple[Callable[[str], bool], str]:
    """Whether a text can be read as the type, and what such a text looks like."""
    if kind == "varchar":
        return (lambda _: True), "a text"
    if kind == "integer":
        return (lambda text: re.fullmatch(r"-?\d{1,9}", text) is not None), "a whole number"
    if kind == "boolean":
        return (lambda text: text in ("true", "false")), "true or false"
    if kind == "date":
        return _is_day, "a day, written like 2024-10-20"
    precision, scale = map(int, re.findall(r"\d+", kind))
    example = f"a number with a point and at most {scale} decimals"
    return (lambda text: _is_decimal(text, precision, scale)), example


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_decimal(text: str, precision: int, scale: int) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    if not number.is_finite():
        return False
    exponent = number.normalize().as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    return decimals <= scale and number.adjusted() < precision - scale


def _repeated(key: Sequence[str], rows: Rows) -> Iterator[str]:
    lines: dict[tuple[str, ...], SeedRow] = {}
    for row in rows:
        values = tuple(row[name] for name in key)
        if values in lines:
            said = ", ".join(f"{name} {value or '(empty)'}" for name, value in zip(key, values, strict=True))
            yield row.fault(
                f"{said} occur together in {_place(lines[values], row)} already: remove one of the two rows,"
                " or correct it"
            )
        lines.setdefault(values, row)


def _place(before: SeedRow, row: SeedRow) -> str:
    """Where the earlier of two rows stands, with its file where that is another one."""
    return f"line {before.line}" if before.file == row.file else f"{before.file}:{before.line}"


def _overlapping(key: str, first: str, last: str, rows: Rows) -> Iterator[str]:
    """Intervals ``first <= day < last``; an empty end is open."""
    states = sorted(rows, key=lambda row: (row[key], row.day(first) or date.min))
    for row in states:
        if row[first] and row[last] and row[last] <= row[first]:
            yield row.fault(
                f"{row[key]} ends on {row[last]}, not after it begins ({row[first]}):"
                f" correct {first} or {last}"
            )
    for before, row in pairwise(states):
        if before[key] == row[key] and (
            not before[last] or (row.day(first) or date.min) < (before.day(last) or date.max)
        ):
            yield row.fault(
                f"{row[key]} begins while the state of line {before.line} is valid: end that one, or"
                f" correct {first}"
            )
