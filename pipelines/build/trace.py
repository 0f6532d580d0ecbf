"""``spm trace``: one row followed forwards, from its place in a document to the scores that it moved.

What the pipeline makes of the row is built anew from what was received, as ``spm check`` does; the fact and
the scores are those of the current release.

Put here: finding the row, following it. Keep out: printing (``cli.show``), from a score back to its cells
(``reports.explanation``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from pipelines import progress
from pipelines.build import steps
from pipelines.errors import ConfigurationError
from pipelines.messages import Message, say
from pipelines.publish.releases import Releases
from pipelines.registry.personal_data import masked, masked_key
from pipelines.registry.rules import rules
from pipelines.settings import Settings
from pipelines.storage.scratch import scratch_folder
from pipelines.submissions.rows import COLUMNS
from pipelines.warehouse import compiled, dbt
from pipelines.warehouse.personal_rows import shown_document, shown_row
from pipelines.warehouse.release_tables import ReleaseTables, Row, release_tables, rows_of
from pipelines.warehouse.work_file import landed_files, received_periods

Node = dict[str, Any]

MODELS = ("mart_finding", "int_rows__resolved", "int_rows__outcomes")
_SAME_ROW = "regexp_replace({}, '[A-Z]+([0-9]+)$', '\\1')"
"""A cell and the row that it stands on differ in the letters of the column alone."""

_DOCUMENTS = """
select *
from read_parquet($documents, hive_partitioning = false)
where
    starts_with(sha256, $document) and length($document) >= 6
    or list_contains($names, name) or ends_with(name, '/' || $document) or ref_prefix = $document
order by is_again, received_at desc, read_in desc, taken_in_at desc
"""
_ROWS = f"""
select landed.*
from read_parquet($rows, hive_partitioning = false) as landed
where
    landed.sha256 = $sha256 and landed.source = $source and landed.reading_id = $reading_id
    and (
        $place in (landed.row_place, landed.target_place, landed.realised_place)
        or {_SAME_ROW.format("landed.row_place")} = {_SAME_ROW.format("$place")}
    )
order by $place in (landed.row_place, landed.target_place, landed.realised_place) desc, landed.row_number
limit 1
"""
_FOLLOWED = """
select resolved.*, outcomes.outcome, outcomes.rule_id, outcomes.rule_ref
from intermediate.int_rows__resolved as resolved
inner join intermediate.int_rows__outcomes as outcomes on resolved.row_id = outcomes.row_id
where resolved.row_id = $row_id
"""
# the row about the same thing that counts in its place, or else any that speaks for its sector now
_IN_ITS_PLACE = """
select other.row_ref, documents.name, documents.received_at, other.subject = own.subject as is_same
from intermediate.int_rows__resolved as own
inner join intermediate.int_rows__resolved as other
    on own.region_code = other.region_code and own.period = other.period
    and own.sector_code is not distinct from other.sector_code
    and (own.record = 'published_index') = (other.record = 'published_index')
inner join intermediate.int_rows__outcomes as outcomes
    on other.row_id = outcomes.row_id and outcomes.outcome = 'accepted'
inner join staging.stg_landing__documents as documents on other.document_id = documents.document_id
where own.row_id = $row_id
order by (other.record = own.record and other.subject = own.subject) desc, other.row_number
limit 1
"""
_FINDINGS = """
select distinct found.rule_id, found.severity, found.message_id, found.message_en
from marts.mart_finding as found
left join marts.mart_quarantine as held
    on held.row_id = $row_id and held.rule_id = found.rule_id and held.finding_ref = found.source_ref
where
    found.status != 'fixed'
    and (held.row_id is not null or found.source_ref in ($row_ref, $target_ref, $realised_ref))
order by found.severity = 'fatal' desc, found.rule_id
"""
_FACTS = {
    "fct_indicator": "realised, target, percent, status",
    "fct_budget": "spent_idr, allocated_idr, status",
    "fct_stage": "stage, realised, target, status",
    "fct_problem": "category, problem",
    "fct_published_index": "index, source_name",
    "mart_legacy_attainment": "indicator_code, achieved_percent, status",
}
_OUTCOMES = {
    "accepted": "trace.accepted",
    "superseded": "trace.superseded",
    "quarantined": "trace.quarantined",
}
_SCORES = {
    "mart_service_score": ("service_code", "service_code, index, status"),
    "mart_sector_score": ("sector_code", "sector_code, index, services_reported, services_owed"),
    "mart_region_score": (None, "region_name, index_display, band_name, rank_national, n_national"),
}


class UntraceableError(ConfigurationError):
    """No document of that name or hash was received, or no row was read at that place of it."""


def trace_row(settings: Settings, source_ref: str) -> Node:
    """The way of the row at ``source_ref``: a tree, a step a node.

    ``source_ref`` is as tables have it (``<sha256, 12 digits>:L4``, ``…:Sheet!B7``), or with a file's name in
    place of the hash; any cell of the row will do.

    Raises:
        UntraceableError: the reference names no row of a document that was received.
    """
    found, place, row = _found(settings, source_ref)
    document, place = shown_document(found), masked_key(place).text
    way = [_received(document)]
    if row is None:
        way.append(_refused(document))
    else:
        way.append(_read(shown_row(row)))
        received = received_periods(settings.landing)
        period = row["period_key"] or max(received, default="")
        with scratch_folder("trace", settings.scratch) as folder:
            work_file = folder / dbt.WORK_FILE_NAME
            steps.make_work(settings, work_file, [period])
            progress.step(say("trace.step"))
            models = compiled.project(settings.threads, settings.memory_limit).models_of(MODELS)
            compiled.build(work_file, models, settings.threads, settings.memory_limit)
            with duckdb.connect(str(work_file), read_only=True) as connection:
                own, outcome = _outcome(connection, f"{document['sha256'][:12]}#{row['row_number']}")
        way += outcome
        if own["outcome"] == "accepted":
            way += _published(settings, own)
    return {"title": f"{document['ref_prefix']}:{place}", "children": way}


def _found(settings: Settings, source_ref: str) -> tuple[Row, str, Row | None]:
    documents, rows = (landed_files(settings.landing, kind) for kind in ("documents", "rows"))
    known: list[Row] = []
    with duckdb.connect() as connection:
        for document, place in _readings(source_ref):
            if not documents:
                break
            names = _names(connection, documents, document)
            found = rows_of(connection, _DOCUMENTS, documents=documents, document=document, names=names)
            known += found
            for one in found:
                key = {name: one[name] for name in ("sha256", "source", "reading_id")}
                if one["reject_rule"] is not None:
                    return one, place, None
                own_place = _own_place(connection, rows, place, key)
                if at := rows_of(connection, _ROWS, rows=rows, place=own_place, **key):
                    return one, place, at[0]
    if not known:
        raise UntraceableError(say("trace.no_document", at=source_ref))
    raise UntraceableError(say("trace.no_row", at=source_ref, name=shown_document(known[0])["name"]))


def _names(connection: duckdb.DuckDBPyConnection, documents: list[str], name: str) -> list[str]:
    """The names of documents that are shown as ``name``: in a name personal data is masked."""
    if "[" not in name:
        return [name]
    found = connection.execute(
        "select distinct name from read_parquet($documents) order by name", {"documents": documents}
    ).fetchall()
    return [own for (own,) in found if masked(own).text == name]


def _own_place(
    connection: duckdb.DuckDBPyConnection, rows: list[str], place: str, key: Mapping[str, str]
) -> str:
    """The place in a document that is shown as ``place``: a key that is personal is masked."""
    if "[" not in place:
        return place
    found = connection.execute(
        "select distinct unnest([row_place, target_place, realised_place]) from read_parquet($rows)"
        " where sha256 = $sha256 and source = $source and reading_id = $reading_id order by all",
        {"rows": rows, **key},
    ).fetchall()
    return next((own for (own,) in found if own and masked_key(own).text == place), place)


def _readings(source_ref: str) -> Iterator[tuple[str, str]]:
    """Each way to part a reference into document and place: both may contain a colon."""
    parts = source_ref.split(":")
    for at in range(1, len(parts)):
        yield ":".join(parts[:at]), ":".join(parts[at:])


def _received(document: Row) -> Node:
    said = say(
        "trace.received",
        name=document["name"],
        source=document["source"],
        sha256=document["sha256"][:12],
        received_at=f"{document['received_at']:%Y-%m-%d %H:%M} UTC",
    )
    return _step("received", said, **document)


def _refused(document: Row) -> Node:
    rule = rules()[document["reject_rule"]]
    texts = (f"{rule.message_id} {rule.remedy_id}", f"{rule.message_en} {rule.remedy_en}")
    said = Message(*(_filled(text, document) for text in texts))
    return _step("not_read", f"{say('trace.not_read')}: {rule.rule_id}: {said}", rule_id=rule.rule_id)


def _filled(text: str, document: Row) -> str:
    place, value = document["reject_place"] or document["name"], document["reject_value"] or ""
    return text.replace("{place}", place).replace("{value}", value)


def _read(row: Row) -> Node:
    cells = {name: row[name] for name in COLUMNS if row[name]} or {"": row["reject_text"]}
    return _step("read", f"{say('trace.read')}: {_listed(cells)}", **cells)


def _outcome(connection: duckdb.DuckDBPyConnection, row_id: str) -> tuple[Row, list[Node]]:
    (own,) = rows_of(connection, _FOLLOWED, row_id=row_id)
    keys = ("region_code", "period", "record", "sector_code", "service_code", "component", "item_code")
    resolved = {name: own[name] for name in keys}
    way = [_step("resolved", f"{say('trace.resolved')}: {_listed(resolved)}", **resolved)]
    refs = {name: own[name] for name in ("row_ref", "target_ref", "realised_ref")}
    findings = rows_of(connection, _FINDINGS, row_id=row_id, **refs)
    title = say(_OUTCOMES[own["outcome"]])
    if own["outcome"] == "superseded" and (other := rows_of(connection, _IN_ITS_PLACE, row_id=row_id)):
        title += f" ← {other[0]['name']} ({other[0]['row_ref']})"
        if not other[0]["is_same"]:
            title += f"; {say('trace.not_in_the_newer')}"
    elif own["outcome"] == "quarantined":
        title += f": {own['rule_id']} ({own['rule_ref']})"
    outcome = _step(own["outcome"], title, rule_id=own["rule_id"])
    outcome["children"] = [
        _step("finding", f"{found['rule_id']}: {Message(found['message_id'], found['message_en'])}", **found)
        for found in findings
    ]
    return own, [*way, outcome]


def _published(settings: Settings, own: Row) -> list[Node]:
    releases = Releases(settings.published)
    if (current := releases.current()) is None:
        return [_step("not_published", say("trace.not_published", period=own["period"]))]
    with release_tables(releases.folder(current.release_id)) as tables:
        facts = list(_facts(tables, own))
        if not facts:
            said = say("trace.not_in_release", release=current.release_id, period=own["period"])
            return [_step("not_published", said)]
        return [*facts, *_scores(tables, own)]


def _facts(tables: ReleaseTables, own: Row) -> Iterator[Node]:
    key = {name: own[name] for name in ("region_code", "period", "row_ref", "target_ref", "realised_ref")}
    for table, columns in _FACTS.items():
        for fact in tables.rows(
            f"select {columns} from {table} where region_code = $region_code and period = $period"
            " and source_ref in ($row_ref, $target_ref, $realised_ref)",
            **key,
        ):
            yield _step("fact", f"{say('trace.fact', table=table)}: {_listed(fact)}", table=table, **fact)


def _scores(tables: ReleaseTables, own: Row) -> Iterator[Node]:
    if own["record"] not in ("achievement", "published_index"):
        return
    for table, (key, columns) in _SCORES.items():
        where = f" and {key} = $key" if key else ""
        values = {"key": own[key]} if key else {}
        for score in tables.rows(
            f"select {columns} from {table} where region_code = $region_code and period = $period{where}",
            region_code=own["region_code"],
            period=own["period"],
            **values,
        ):
            yield _step("score", f"{say('trace.score', table=table)}: {_listed(score)}", table=table, **score)


def _listed(values: Row) -> str:
    shown = {name: "-" if value is None else str(value) for name, value in values.items()}
    return ", ".join(f"{name}={value}" if name else value for name, value in shown.items())


def _step(step: str, title: str, **fields: Any) -> Node:
    return {"step": step, "title": title, "children": [], **fields}
