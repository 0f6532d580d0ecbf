"""``spm explain``: from a region's index to the cells it was made of, each step with its rule and law.

Reads one release alone. The arithmetic is not done again: every number shown is a published one.

Put here: the tree of one region and period. Keep out: printing it (``cli.show``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipelines.errors import ConfigurationError
from pipelines.messages import Message, say
from pipelines.registry.codes import code_said
from pipelines.registry.periods import Period
from pipelines.reports.held_back import HeldBack, held_back
from pipelines.warehouse.parquet import says_demo
from pipelines.warehouse.region_names import find
from pipelines.warehouse.release_tables import ReleaseTables, Row, release_tables

Node = dict[str, Any]


class NotScoredError(ConfigurationError):
    """The tables have no row for the region and period."""


def explain_score(folder: Path, region: str, period: Period) -> Node:
    """The tree of a release's ``folder``: region → sectors → services → components → source cells.

    Every node has ``title`` and ``children``; numbers and references stand beside as fields.

    Raises:
        RegionNotFoundError, AmbiguousRegionError: no region, or more than one, has the name.
        NotScoredError: the region has no row in the period.
    """
    state = find(region, period.ends_on)
    with release_tables(folder) as tables:
        release = _Release(tables, state.region_code, str(period))
        scores = release.rows("mart_region_score")
        if not scores:
            where = f"{state.region_name}, {period}"
            raise NotScoredError(say("explain.not_in_release", at=where, release=folder.name))
        (reporting,) = release.rows("mart_compliance") or [{}]
        whose = {
            "title": _region_title(scores[0], reporting.get("reporting_status")),
            "release_id": folder.name,
            "is_demo": says_demo(folder),
        }
        return whose | _plain(scores[0]) | {"children": _children(release, scores[0])}


def _children(release: _Release, score: Row) -> list[Node]:
    method = release.method(score["method_version"])
    children: list[Node] = [_method_node(method)] if method else []
    children += _published_nodes(release) if score["basis"] == "published" else _sector_nodes(release)
    return children + _legacy_nodes(release) + _held_nodes(release) + _finding_nodes(release)


class _Release:
    """The rows of one region and period in one release."""

    def __init__(self, tables: ReleaseTables, region_code: str, period: str) -> None:
        self._tables, self._key = tables, {"region_code": region_code, "period": period}
        self.held = held_back(tables, region_code, period)

    def rows(self, table: str, order: str = "all") -> list[Row]:
        """The region's rows of a table."""
        where = "where region_code = $region_code and period = $period"
        return self._tables.rows(f"select * from {table} {where} order by {order}", **self._key)

    def method(self, version: str | None) -> Row | None:
        """The row of the method."""
        return self._tables.row("from dim_method where method_version = $version", version=version)

    def names(self, table: str, code: str) -> dict[str, Row]:
        """A dimension by its code."""
        return {row[code]: row for row in self._tables.rows(f"from {table} order by sort_order")}

    def documents(self) -> dict[str, str]:
        """File names by the first 12 digits of their hash."""
        return {row["document_id"]: row["name"] for row in self.rows("mart_document")}


def _region_title(score: Node, reporting: str | None) -> str:
    index = (
        say("explain.no_index")
        if score["index"] is None
        else f"{score['index_display']} {score['band_name']}"
    )
    if score["completeness"] is not None:
        index += f", {int(100 * score['completeness'])} % {say('explain.complete')}"
    rank = ""
    if score["is_ranked"]:
        rank = f", {say('explain.rank')} {score['rank_national']} of {score['n_national']} ({score['level']})"
    said = f", {say('explain.reporting')}: {code_said('reporting_status', reporting)}" if reporting else ""
    return f"{score['region_name']} ({score['region_code']}) {score['period']}: {index}{rank}{said}"


def _method_node(method: Node) -> Node:
    version = method["method_version"]
    by = method["verified_by"]
    verified = say("explain.verified_by", person=by) if by else say("method.unverified", method=version)
    title = f"{say('explain.method')} {version} ({method['legal_basis']}): {method['policies']}"
    return {"title": title, "children": [{"title": verified, "children": []}]}


def _sector_nodes(release: _Release) -> list[Node]:
    names = release.names("dim_sector", "sector_code")
    services = _services_by_sector(release)
    sectors = {row["sector_code"]: row for row in release.rows("mart_sector_score")}
    nodes = []
    for code, sector in names.items():
        if (row := sectors.get(code)) is None:
            continue
        mean = say(
            "explain.mean_of",
            owed=row["services_owed"] - row["services_not_applicable"],
            reported=row["services_reported"],
            not_applicable=row["services_not_applicable"],
        )
        name = Message(sector["name_id"], sector["name_en"])
        title = f"{name}: {_shown(row['index'])} = {mean}"
        nodes.append({"title": title, **_plain(row), "children": services[code]})
    return nodes


def _services_by_sector(release: _Release) -> dict[str, list[Node]]:
    names = release.names("dim_service", "service_code")
    facts: dict[str, list[Node]] = defaultdict(list)
    documents = release.documents()
    for fact in release.rows("fct_indicator", "service_code, component <> 'recipients', component, subject"):
        facts[fact["service_code"]].append(_fact_node(fact, documents, release.held))
    found: dict[str, list[Node]] = defaultdict(list)
    for row in release.rows("mart_service_score"):
        service = names[row["service_code"]]
        parts = f"A {_shown(row['recipients_index'])}, B {_shown(row['quality_index'])}"
        title = (
            f"{row['service_code']} {service['name_id']}: {_shown(row['index'])} [{row['status']}] ({parts};"
            f" {service['legal_basis']})"
        )
        found[row["sector_code"]].append(
            {"title": title, **_plain(row), "children": facts[row["service_code"]]}
        )
    return found


def _fact_node(fact: Node, documents: dict[str, str], held: Sequence[HeldBack]) -> Node:
    what = fact["component"] + (f" {fact['item']}" if fact["item"] else "")
    amount = f"{_number(fact['realised'])} / {_number(fact['target'])} {fact['unit'] or ''}".strip()
    title = f"{what}: {amount} = {_shown(fact['percent'])} % [{fact['status']}]"
    if fact.get("is_doubtful"):
        title += f" ({say('explain.doubtful', rule=fact['doubtful_rule_id'])})"
    if fact["source_ref"] is not None:
        children = [cell_node(fact["source_ref"], documents)]
    else:
        of_fact = (fact["sector_code"], fact["service_code"], fact["component"])
        children = [_held_node(one, documents) for one in held if one.is_of(*of_fact)]
        unknown = any(one.is_of_unknown for one in held)
        said = say("explain.nothing_recognised" if unknown else "explain.nothing_sent")
        children = children or [{"title": said, "children": []}]
    return {"title": title, **_plain(fact), "children": children}


def _held_node(held: HeldBack, documents: dict[str, str]) -> Node:
    cell = cell_node(held.source_ref, documents)["title"]
    title = f"{say('explain.held_back', rule=held.rule_id)} {cell}"
    said = {"title": str(Message(held.message_id, held.message_en)), "children": []}
    return {"title": title, **_plain(asdict(held)), "children": [said]}


def _held_nodes(release: _Release) -> list[Node]:
    if not release.held:
        return []
    documents = release.documents()
    children = [_held_node(one, documents) for one in release.held]
    return [{"title": say("explain.held_back_in_all", count=len(children)), "children": children}]


def cell_node(source_ref: str, documents: Mapping[str, str]) -> Node:
    """The cell of a reference, with the name of its file."""
    document, _, place = source_ref.partition(":")
    title = f"← {documents.get(document, document)} {place} ({source_ref})"
    return {"title": title, "source_ref": source_ref, "children": []}


def _published_nodes(release: _Release) -> list[Node]:
    names = release.names("dim_sector", "sector_code")
    documents = release.documents()
    order = [*names, None]  # the total after its parts
    nodes = []
    for row in sorted(release.rows("fct_published_index"), key=lambda row: order.index(row["sector_code"])):
        what = names[row["sector_code"]]["name_id"] if row["sector_code"] else "total"
        title = f"{what}: {_number(row['index'])} ({row['source_name'] or 'published'})"
        nodes.append({"title": title, **_plain(row), "children": [cell_node(row["source_ref"], documents)]})
    return nodes


def _legacy_nodes(release: _Release) -> list[Node]:
    documents = release.documents()
    nodes = []
    for row in release.rows("mart_legacy_attainment", "sector_name, indicator_code"):
        targets = say(
            "explain.targets",
            own=_number(row["own_target_percent"]),
            national=_number(row["national_target_percent"]),
            year=str(row["deadline_year"] or "-"),
        )
        title = (
            f"{row['indicator_code']} {row['indicator_name']}: {_number(row['numerator'])} /"
            f" {_number(row['denominator'])} = {_shown(row['achieved_percent'])} % [{row['status']}];"
            f" {targets} ({row['legal_basis']})"
        )
        cells = dict.fromkeys(filter(None, (row["source_ref"], row["own_target_source_ref"])))
        children = [cell_node(cell, documents) for cell in cells]
        nodes.append({"title": title, **_plain(row), "children": children})
    return nodes


def _finding_nodes(release: _Release) -> list[Node]:
    # what holds rows back stands with them
    held = {one.rule_id for one in release.held}
    open_rows = [row for row in release.rows("mart_finding") if row["status"] != "fixed"]
    found = [row for row in open_rows if row["severity"] != "fatal" or row["rule_id"] not in held]
    if not found:
        return []
    children = [
        {"title": f"{row['rule_id']} {row['source_ref']}: {row['message_id']}", **_plain(row), "children": []}
        for row in found
    ]
    return [{"title": f"{say('explain.findings')}: {len(found)}", "children": children}]


def _shown(number: Any) -> str:
    return "-" if number is None else f"{number:f}"


def _number(number: Any) -> str:
    if number is None:
        return "-"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(row: Node) -> Node:
    return {name: value for name, value in row.items() if value is not None}
