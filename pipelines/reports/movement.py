"""``spm explain --against``: what moved the index of a region from one period to another, largest first.

An index is a mean of sectors, and a sector a mean of services, so each service has a weight: its share of
both means. What a service contributes is its weight times the change of its index; where its weight changed,
the mean of both weights. What is left is what the change of weights itself did: services or sectors that
entered the means or left them, and the others weigh more or less. Nothing is rounded on the way (fractions of
published numbers); at the end the parts are rounded to millionths of a point so that they add up.

Put here: that decomposition, with the cells behind. Keep out: its few causes (``index_causes``), one period
(``explanation``), printing (``cli.show``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipelines.errors import ConfigurationError
from pipelines.messages import Message, say
from pipelines.registry.periods import Period
from pipelines.reports.change_said import index_change_said
from pipelines.reports.explanation import NotScoredError
from pipelines.reports.index_causes import Method, Part, Side, index_causes
from pipelines.warehouse.parquet import says_demo
from pipelines.warehouse.region_names import find
from pipelines.warehouse.release_tables import ReleaseTables, Row, release_tables

Node = dict[str, Any]
_UNITS = 10**6
"""Parts of a point that published numbers have."""
_WEIGHTS = re.compile(r"weights=(\d+)/(\d+)")
RECIPIENTS = """
select region_code, period, service_code, sum(target) as target, sum(realised) as realised
from fct_indicator
where component = 'recipients' and status in ('reported', 'zero') and target is not null
    and realised is not null {where}
group by region_code, period, service_code
having count(distinct lower(trim(unit))) <= 1
"""
"""Recipients of the services that have them in one unit; ``where`` begins with ``and``."""
_OF_ONE = "and region_code = $code and period = $period"


class NoMovementError(ConfigurationError):
    """The index of one of the two periods is not there to be compared."""


class _Side:
    """One of the two periods: its scores, its parts, its facts."""

    def __init__(self, tables: ReleaseTables, score: Row) -> None:
        self._tables, self.score = tables, score
        self._key = {"code": score["region_code"], "period": score["period"]}

    def rows(self, table: str) -> list[Row]:
        """The region's rows of a table, by the code that it had in the period."""
        where = "where region_code = $code and period = $period"
        return self._tables.rows(f"select * from {table} {where} order by all", **self._key)

    def side(self) -> Side:
        """The scores of the period, as causes are taken from them."""
        recipients = self._tables.rows(RECIPIENTS.format(where=_OF_ONE), **self._key)
        return Side(
            self.score,
            self.rows("mart_sector_score"),
            self.rows("mart_service_score"),
            {row["service_code"]: (row["target"], row["realised"]) for row in recipients},
        )

    def parts(self, sectors_owed: int) -> dict[str, Part]:
        """The parts of the index by service or sector code."""
        return self.side().parts(sectors_owed)

    def facts(self) -> dict[str, dict[tuple[Any, ...], Row]]:
        """The facts of each service by what they are about."""
        found: dict[str, dict[tuple[Any, ...], Row]] = {}
        for row in self.rows("fct_indicator"):
            found.setdefault(row["service_code"], {})[row["component"], row["subject"], row["unit"]] = row
        return found

    def documents(self) -> dict[str, str]:
        """File names by the first 12 digits of their hash."""
        return {row["document_id"]: row["name"] for row in self.rows("mart_document")}


def explain_movement(folder: Path, region: str, period: Period, against: Period) -> Node:
    """What moved the index of a region from ``against`` to ``period``, in the release in ``folder``.

    The ``contribution`` of the children adds up to ``change``, and so it does a level below.

    Raises:
        RegionNotFoundError, AmbiguousRegionError: no region, or more than one, has the name.
        NotScoredError: the region has no row in the period.
        NoMovementError: it has no index in one of the two, or they are one.
    """
    if period == against:
        raise NoMovementError(say("explain.same_period", at=f"--against {against}"))
    state = find(region, period.ends_on)
    with release_tables(folder) as tables:
        own = tables.row(
            "from mart_region_score where region_code = $code and period = $period",
            code=state.region_code,
            period=str(period),
        )
        if own is None:
            where = f"{state.region_name}, {period}"
            raise NotScoredError(say("explain.not_in_release", at=where, release=folder.name))
        before = tables.row(
            "from mart_region_score where current_region_code = $code and period = $period",
            code=own["current_region_code"],
            period=str(against),
        )
        now, then = _side(tables, own, period), _side(tables, before, against)
        movement = _Movement(tables, now, then)
        change = now.score["index"] - then.score["index"]
        causes = index_causes(now.side(), then.side(), movement.sectors_owed, movement.method)
        title = (
            f"{state.region_name} ({state.region_code}): {_points(then.score['index'])} {against} →"
            f" {_points(now.score['index'])} {period}: {change:+f}"
        )
        return {
            "title": title,
            "release_id": folder.name,
            "is_demo": says_demo(folder),
            "region_code": state.region_code,
            "period": str(period),
            "against": str(against),
            "index": now.score["index"],
            "index_against": then.score["index"],
            "change": change,
            "why": str(index_change_said(now.score, then.score, causes)),
            "causes": [asdict(cause) for cause in causes],
            "children": movement.children(change),
        }


def division_by(policies: str) -> Method | None:
    """How an index is divided over its parts, by the policies of its method as ``dim_method`` has them."""
    found = _WEIGHTS.search(policies)
    return Method(Fraction(int(found[1]), 100), "cap=true" in policies) if found else None


def _side(tables: ReleaseTables, score: Row | None, period: Period) -> _Side:
    if score is None or score["index"] is None:
        raise NoMovementError(say("explain.no_index_in", at=period))
    return _Side(tables, score)


class _Movement:
    """The difference of two sides, part by part."""

    def __init__(self, tables: ReleaseTables, now: _Side, then: _Side) -> None:
        self._now, self._then = now, then
        self._sectors = {row["sector_code"]: row for row in tables.rows("from dim_sector")}
        self._services = {row["service_code"]: row for row in tables.rows("from dim_service")}
        self._is_one_method = now.score["method_version"] == then.score["method_version"]
        method = tables.row(
            "from dim_method where method_version = $version",
            version=now.score["method_version"],
        )
        self.method = division_by(method["policies"]) if method and self._is_one_method else None
        self.sectors_owed = len(self._sectors)
        self._facts = now.facts(), then.facts()
        self._documents = then.documents() | now.documents()

    def children(self, change: Decimal) -> list[Node]:
        """The parts that moved the index, largest first; then those that did not, as a number."""
        after, before = (side.parts(self.sectors_owed) for side in (self._now, self._then))
        nodes: list[tuple[Fraction, Node]] = []
        weights: list[tuple[Fraction, Node]] = []
        others = Fraction(0)
        for code in sorted({*after, *before}):
            new, old = after.get(code), before.get(code)
            if new is None or old is None:
                weights.append(self._alone(code, new, old))
                continue
            by = (new.weight + old.weight) / 2
            moved = by * Fraction(new.value - old.value)
            others += (new.weight - old.weight) * Fraction(new.value + old.value) / 2
            nodes.append((moved, self._part(code, new, old, by, moved)))
        if weights or others:
            if others:
                weights.append((others, {"title": say("explain.weights_of_others"), "kind": "others"}))
            moved = sum((moved for moved, _ in weights), Fraction(0))
            names = ", ".join(node["code"] for _, node in weights if "code" in node)
            title = say("explain.weights", codes=names or "-")
            nodes.append((moved, {"title": title, "kind": "weights", "children": weights}))
        listed = _summed(nodes, change)
        still = [node for node in listed if not node["contribution"] and not node["children"]]
        moving = [node for node in listed if node not in still]
        notes: list[Node] = []
        if not self._is_one_method:
            notes.append({"title": say("explain.other_method"), "kind": "note", "children": []})
        if still:
            notes.append({"title": say("explain.unmoved", count=len(still)), "kind": "note", "children": []})
        return moving + notes

    def _alone(self, code: str, new: Part | None, old: Part | None) -> tuple[Fraction, Node]:
        part = new or old
        assert part is not None
        moved = part.weight * Fraction(part.value) * (1 if new else -1)
        said = "explain.entered" if new else "explain.left"
        title = say(said, at=self._name(code), index=_points(part.value))
        return moved, {"title": title, "kind": "entered" if new else "left", "code": code}

    def _part(self, code: str, new: Part, old: Part, by: Fraction, moved: Fraction) -> Node:
        title = f"{self._name(code)}: {_points(old.value)} → {_points(new.value)}"
        kind = "service" if code in self._services else "sector" if code in self._sectors else "total"
        node: Node = {"title": title, "kind": kind, "code": code}
        node |= {"index": new.value, "index_against": old.value}
        node["children"] = self._components(code, new.row, old.row, by, moved) if kind == "service" else []
        return node

    def _components(
        self, code: str, new: Row, old: Row, by: Fraction, moved: Fraction
    ) -> list[tuple[Fraction, Node]] | list[Node]:
        """The components of a service where each has an index in both periods, with what changed."""
        facts = self._changed_facts(code)
        if not moved and not facts:
            return []
        components = (
            ("recipients_index", say("explain.recipients_index"), _is_of_recipients),
            ("quality_index", say("explain.quality_index"), _is_of_quality),
        )
        is_whole = all(row[column] is not None for row in (new, old) for column, *_ in components)
        if self.method is None or not is_whole:
            return facts
        nodes = []
        shares = (self.method.weight, 1 - self.method.weight)
        for share, (column, said, is_of) in zip(shares, components, strict=True):
            part = by * share * Fraction(new[column] - old[column])
            own = [fact for fact in facts if is_of(fact)]
            if part or own:
                title = f"{said}: {_points(old[column])} → {_points(new[column])}"
                nodes.append((part, {"title": title, "kind": column, "children": own}))
        return nodes

    def _changed_facts(self, code: str) -> list[Node]:
        after, before = (facts.get(code, {}) for facts in self._facts)
        found = []
        for key in sorted({*after, *before}, key=str):
            new, old = after.get(key), before.get(key)
            said = [_said(fact) for fact in (old, new)]
            if said[0] == said[1]:
                continue
            fact = new or old
            assert fact is not None
            what = fact["component"] + (f" {fact['item']}" if fact["item"] else "")
            refs = dict.fromkeys(one["source_ref"] for one in (old, new) if one and one["source_ref"])
            cells = [
                {
                    "title": f"← {self._documents.get(ref[:12], ref[:12])} {ref[13:]} ({ref})",
                    "source_ref": ref,
                }
                for ref in refs
            ]
            title = f"{what}: {said[0]} → {said[1]}"
            node = {"title": title, "kind": "fact", "component": fact["component"]}
            found.append({**node, "children": [{**cell, "children": []} for cell in cells]})
        return found

    def _name(self, code: str) -> str:
        if code == "total":
            return say("explain.total")
        named = self._services.get(code) or self._sectors[code]
        return f"{code} {Message(named['name_id'], named['name_en'])}"


def _is_of_recipients(fact: Node) -> bool:
    return bool(fact["component"] == "recipients")


def _is_of_quality(fact: Node) -> bool:
    return not _is_of_recipients(fact)


def _summed(nodes: Sequence[tuple[Fraction, Node]], total: Decimal) -> list[Node]:
    """The nodes with their ``contribution`` before their titles, largest first; they add up to ``total``.

    Each is cut off to millionths, and those that lost most get one more, until they add up. What more than
    that is missing would be of none of them, and is a node of its own.
    """
    units = [moved * _UNITS for moved, _ in nodes]
    cut = [moved // 1 for moved in units]
    missing = int(total * _UNITS) - sum(cut)
    if 0 <= missing <= 2 * len(nodes) or (nodes and -len(nodes) <= missing < 0):
        by_loss = sorted(range(len(nodes)), key=lambda place: (cut[place] - units[place], place))
        for number in range(abs(missing)):
            cut[by_loss[number % len(nodes)]] += 1 if missing > 0 else -1
        rest: list[Node] = []
    else:
        rest = [_with({"title": say("explain.rest"), "kind": "rest"}, Decimal(missing) / _UNITS, [])]
    found = rest
    for moved, (_, node) in zip(cut, nodes, strict=True):
        contribution = Decimal(moved) / _UNITS
        own = node.get("children", [])
        is_split = bool(own) and isinstance(own[0], tuple)
        found.append(_with(node, contribution, _summed(own, contribution) if is_split else own))
    return sorted(found, key=lambda node: (-abs(node["contribution"]), node.get("code", ""), node["title"]))


def _with(node: Mapping[str, Any], contribution: Decimal, children: Sequence[Node]) -> Node:
    title = f"{contribution:+.6f} {node['title']}"
    return {**node, "title": title, "contribution": contribution, "children": list(children)}


def _said(fact: Row | None) -> str:
    if fact is None or (fact["realised"] is None and fact["target"] is None):
        return "-"
    amount = f"{_points(fact['realised'])} / {_points(fact['target'])}"
    return f"{amount} {fact['unit'] or ''}".strip() + f" = {_points(fact['percent'])} % [{fact['status']}]"


def _points(number: Decimal | None) -> str:
    if number is None:
        return "-"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
