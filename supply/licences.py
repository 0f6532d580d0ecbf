"""The licence of every package of the runtime set, held against the list of those that are allowed.

A package says its licence in one of three places, by age: an SPDX expression, a free text, classifiers. What
is no SPDX licence there is read by ``licences.toml``: an alias for a usual text, or an entry for one package
with what its metadata say, the licence that its own files hold, and why we read it so.

Put here: reading and judging licences. Keep out: the list itself (``licences.toml``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

from license_expression import ExpressionError, Licensing, get_spdx_licensing

LIST = Path(__file__).with_name("licences.toml")


class LicenceError(Exception):
    """A package whose licence is unknown or not allowed; one line with the package and the remedy."""


@dataclass(frozen=True)
class Licence:
    """An SPDX expression and the place that it was read from: ``expression``, ``alias`` or ``stated``."""

    expression: str
    read_from: str


@cache
def rules() -> dict[str, Any]:
    """``licences.toml`` as it stands."""
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


@cache
def _spdx() -> Licensing:
    return get_spdx_licensing()


def licence_of(name: str) -> Licence:
    """The licence of an installed package; LicenceError where its metadata say none that we can read."""
    said = says(name)
    stated = {entry["package"]: entry for entry in rules()["stated"]}.get(name)
    if stated is not None:
        if stated["says"] not in said:
            raise LicenceError(
                f"{name}: its metadata say {said or 'nothing'}, {LIST.name} was written for "
                f"{stated['says']!r}: read its licence again and correct the entry"
            )
        return Licence(_normal(stated["licence"]), "stated")
    for text in said:
        if text in rules()["aliases"]:
            return Licence(_normal(rules()["aliases"][text]), "alias")
        if _is_spdx(text):
            return Licence(_normal(text), "expression")
    raise LicenceError(
        f"{name}: no licence that can be read ({said or 'its metadata say nothing'}): "
        f"read its files and add a [[stated]] entry to {LIST.name}"
    )


def says(name: str) -> list[str]:
    """What the metadata of an installed package say of its licence, the most exact first."""
    about = metadata(name)
    # not by about["License"]: once importlib_metadata is imported, that raises where there is none
    text = (about.get_all("License") or [""])[0].strip().splitlines()
    classifiers = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or () if "License" in line]
    # two classifiers may mean either or both
    only = classifiers if len(classifiers) == 1 else [" / ".join(classifiers)]
    found = [(about.get_all("License-Expression") or [""])[0], text[0].strip() if text else "", *only]
    return [one for one in found if one]


def refused(names: Iterable[str]) -> list[str]:
    """A line for each package whose licence is unknown or not allowed; for each stale entry of the list."""
    known = set(names)
    lines = []
    for name in sorted(known):
        try:
            licence = licence_of(name)
        except LicenceError as error:
            lines.append(str(error))
            continue
        if not is_allowed(licence.expression):
            lines.append(f"{name}: {licence.expression} is not in the list of allowed licences ({LIST.name})")
    stale = {entry["package"] for entry in rules()["stated"]} - known
    return [*lines, *(f"{name}: stated in {LIST.name}, but not in the lock" for name in sorted(stale))]


def is_allowed(expression: str) -> bool:
    """Whether we may use what is licensed so: one side of every OR, both sides of every AND."""
    licensing = _spdx()
    allowed = {_normal(one) for one in rules()["allowed"]}
    parsed = licensing.parse(expression, validate=True).simplify()
    values = {str(one): str(one) in allowed for one in licensing.license_symbols(parsed, decompose=False)}

    def holds(node: Any) -> bool:
        if str(node) in values:
            return values[str(node)]
        parts = [holds(part) for part in node.args]
        return any(parts) if isinstance(node, licensing.OR) else all(parts)

    return holds(parsed)


def _is_spdx(text: str) -> bool:
    try:
        return not _spdx().validate(text).errors
    except (ExpressionError, AttributeError):
        return False


def _normal(expression: str) -> str:
    return str(_spdx().parse(expression, validate=True))
