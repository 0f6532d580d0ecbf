"""The fixtures as they are written: ``fixtures/<RULE_ID>.yml``, format in ``README.md``.

Put here: reading them, with an error that names file and case. Keep out: building (``builds``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from pipelines.submissions.rows import COLUMNS

FOLDER = Path(__file__).parent / "fixtures"
KINDS = ("passing", "failing", "boundary")
LEVELS = ("regency_city", "regency", "city", "province")
TOGETHER, MOST_TOGETHER = "all", 400
"""The build of cases that name none, and how many regions one such build has."""
FOUND = ("place", "value", "period", "sector_code", "service_code", "document")
_BODIES = {"rows", "text", "lines", "hostile", "made"}
_KEYS = {
    "file": {"rule", "defaults", "cases"},
    "case": {"name", "kind", "level", "region", "documents", "expect", "registry", "others", "build"},
    "document": {"received", "source", "period", "name", "folder", *_BODIES},
}

Row = dict[str, str]


class FixtureError(ValueError):
    """A fixture is not written as README.md says; the message names file and case."""


@dataclass(frozen=True)
class Document:
    """One document of a case: its body is one of ``rows``, ``text``, ``lines``, ``hostile``, ``made``."""

    kind: str
    body: Any
    source: Mapping[str, Any] = field(default_factory=dict)
    received: str | None = None
    period: str = "2024-Q4"
    name: str | None = None
    folder: str | None = None


@dataclass(frozen=True)
class Case:
    """One case of a rule; ``others`` are the documents of further regions, one each."""

    rule_id: str
    name: str
    kind: str
    level: str
    region: str | None
    documents: tuple[Document, ...]
    expect: tuple[Mapping[str, str], ...]
    registry: Mapping[str, list[Row]]
    others: tuple[Document, ...]
    build: str

    @property
    def id(self) -> str:
        """``VAL-001:more_served_than_owed``."""
        return f"{self.rule_id}:{self.name}"


@lru_cache
def all_cases() -> tuple[Case, ...]:
    """Every case of every file, in the order of their names.

    Raises:
        FixtureError: a fixture is not written as README.md says.
    """
    found = [case for path in sorted(FOLDER.glob("*.yml")) for case in _cases(path)]
    together = [case for case in found if case.build == TOGETHER]
    # each has a region of its own, and there are about five hundred
    place = {case.id: f"{TOGETHER} {number // MOST_TOGETHER + 1}" for number, case in enumerate(together)}
    return tuple(replace(case, build=place.get(case.id, case.build)) for case in found)


def _cases(path: Path) -> list[Case]:
    # every scalar is a text: 64.10 is a region, 1.250 a number as somebody typed it
    written = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    _demand(path.name, "file", written)
    if written["rule"] != path.stem:
        raise FixtureError(f"{path.name}: rule {written['rule']}")
    cases = [_case(path.stem, written.get("defaults", {}), case) for case in written["cases"]]
    names = [case.name for case in cases]
    if twice := {name for name in names if names.count(name) > 1}:
        raise FixtureError(f"{path.name}: {min(twice)} twice")
    return cases


def _case(rule_id: str, defaults: Row, written: Mapping[str, Any]) -> Case:
    place = f"{rule_id}:{written.get('name')}"
    bodies = {key: value for key, value in written.items() if key in _KEYS["document"] - {"name"}}
    _demand(place, "case", {key: value for key, value in written.items() if key not in bodies})
    documents = [*written.get("documents", []), *([bodies] if bodies else [])]
    if written["kind"] not in KINDS or written.get("level", "regency_city") not in LEVELS:
        raise FixtureError(f"{place}: kind {written['kind']}, level {written.get('level')}")
    for found in written.get("expect", []):
        if set(found) - set(FOUND):
            raise FixtureError(f"{place}: expect {set(found) - set(FOUND)}")
    others = [
        _document(place, defaults, {key: value for key, value in group.items() if key != "count"})
        for group in written.get("others", [])
        for _ in range(int(group["count"]))
    ]
    return Case(
        rule_id,
        written["name"],
        written["kind"],
        written.get("level", "regency_city"),
        written.get("region"),
        tuple(_document(place, defaults, document) for document in documents),
        tuple(written.get("expect", [])),
        written.get("registry", {}),
        tuple(others),
        written.get("build", TOGETHER),
    )


def _document(place: str, defaults: Row, written: Mapping[str, Any]) -> Document:
    _demand(place, "document", written)
    kinds = _BODIES & set(written)
    if len(kinds) != 1:
        raise FixtureError(f"{place}: a document has one of {sorted(_BODIES)}")
    (kind,) = kinds
    body = written[kind]
    if kind == "rows":
        body = [defaults | row for row in body]
        if unknown := {key for row in body for key in row} - set(COLUMNS):
            raise FixtureError(f"{place}: columns {sorted(unknown)}")
    rest = {key: value for key, value in written.items() if key not in _BODIES}
    return Document(kind, body, **rest)


def _demand(place: str, what: str, written: Mapping[str, Any]) -> None:
    if unknown := set(written) - _KEYS[what]:
        raise FixtureError(f"{place}: {what} has no key {min(unknown)}")
