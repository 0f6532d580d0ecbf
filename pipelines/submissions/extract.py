"""Extracts: the rows that an API or a database gave for one region and period, kept as one document.

One row a line, as JSON in the source's own words and number texts, in order of key: the same rows are
the same bytes, so an extract that brings nothing new is no new submission.

Put here: rows to document, document to rows. Keep out: getting the rows (``rest``, ``sql``).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

import pyarrow as pa

from pipelines.registry.letters import legible
from pipelines.submissions.columns import (
    missing_columns,
    name_column,
    named_regions,
    said_missing,
    unread_columns,
)
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.row_spool import Line, RowSpool
from pipelines.submissions.rows import COLUMNS, ROW_SCHEMA, RawFile, Reading, Reject, with_unread

REFUSED = "spm:refused"
"""The one field of a document that keeps an answer without readable rows."""
AFTER = "spm:after"
"""The one field of the last line of an extract that says again what an earlier one said."""


_ENCODER = json.JSONEncoder(ensure_ascii=False)


class Number(str):
    """A number, as the source wrote it: 1234.50 keeps its zero."""

    __slots__ = ()


Value = str | Number | bool | None
Row = Mapping[str, Value]
"""One row as the source gave it, by its field names."""


def documents(spec: ReadingSpec, rows: Iterable[Row]) -> Documents:
    """One document for each region and period, in their texts as given; sorted by name."""
    found = Documents(spec)
    found.add(rows)
    return found


class Documents(Iterable[RawFile]):
    """Rows as documents. The rows are on disk, and a document is made when it is asked for."""

    def __init__(self, spec: ReadingSpec) -> None:
        self._region, self._period = (_their_field(spec, name) for name in ("region", "period"))
        self._key = spec.key
        self._spool = RowSpool(len(spec.key))

    def add(self, rows: Iterable[Row]) -> None:
        """Take some more rows."""
        self._spool.add(map(self._line_of, rows))

    def close(self) -> None:
        """Let go of the rows."""
        self._spool.close()

    def __iter__(self) -> Iterator[RawFile]:
        return (RawFile(name=name, content=content) for name, content in self._spool.documents())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Iterable) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]

    def _line_of(self, row: Row) -> Line:
        region, period = value_text(row.get(self._region)), value_text(row.get(self._period))
        key = [value_text(row.get(name)) for name in self._key]
        return Line(_name(region, period), region, period, key, _line(row))


def refused(name: str, place: str, why: str, body: str) -> RawFile:
    """A document that keeps an answer whose shape we do not know, and says what was wrong with it."""
    return RawFile(name, _line({REFUSED: why, "place": place, "body": body}).encode())


def as_resubmission(file: RawFile, earlier: Sequence[str], content: Callable[[str], bytes]) -> RawFile:
    """The extract as the submission that follows those of the same name, given by the hashes of their bytes.

    What says the same as the last one is that one. What says the same as one before it is a return to an
    earlier state: the same bytes would be the earlier submission, so a last line says after which it came.
    """
    if not earlier:
        return file
    last = content(earlier[-1])
    if last.split(b'{"' + AFTER.encode(), 1)[0] == file.content:
        return replace(file, content=last)
    if sha256(file.content).hexdigest() not in earlier:
        return file
    return replace(file, content=file.content + _line({AFTER: earlier[-1]}).encode())


def read(file: RawFile, spec: ReadingSpec) -> Reading:
    """Read one extract. A row that has no key comes out with its rule; none is lost."""
    rows = records(file.content)
    if isinstance(rows, Reject):
        return rows
    fields = {_folded(name): name for row in rows for name in row}
    theirs = {name: fields.get(_folded(_their_field(spec, name))) for name in COLUMNS}
    found = [name for name in COLUMNS if theirs[name]]
    others = [field for field in fields.values() if field not in theirs.values()]
    named = name_column(theirs["region"], others, spec)
    read_fields = {*theirs.values(), *spec.key, named}
    unknown = [field for field in fields.values() if field not in read_fields]
    table = _table(rows, theirs, named, spec)
    needed = {*spec.columns.values(), *missing_columns(found, table["record"].to_pylist())}
    if missing := [_their_field(spec, name) for name in COLUMNS if name in needed and not theirs[name]]:
        named = said_missing(missing, unknown, spec)
        return Reject("DOC-002", "", named, _only(table, "region"), _only(table, "period"))
    return with_unread(table, unread_columns(found, unknown, "", spec))


def _only(table: pa.Table, name: str) -> str:
    """What every row has in a column; empty where they differ."""
    found = set(table[name].to_pylist())
    return str(found.pop()) if len(found) == 1 else ""


def records(content: bytes) -> list[dict[str, Value]] | Reject:
    """The rows of an extract as the source gave them, or why it refused to be read."""
    rows: list[dict[str, Value]] = []
    for number, line in enumerate(content.decode().split("\n"), start=1):
        if not line:
            continue
        try:
            row = parsed(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):  # not what we wrote
            return Reject("DOC-001", f"L{number}", "JSON")
        if AFTER not in row:
            rows.append(row)
    if rows and REFUSED in rows[0]:
        return Reject("DOC-006", str(rows[0].get("place", "")), str(rows[0][REFUSED]))
    return rows


def parsed(text: str, of_object: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """JSON with every number as the text it was written as, and each object as ``of_object`` makes it."""
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=str, object_hook=of_object)


def flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Value]:
    """A record without nesting: ``{"daerah": {"kode": …}}`` is ``daerah.kode``, a list is its JSON text."""
    found: dict[str, Value] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            found[prefix + name] = json.dumps(value, ensure_ascii=False, sort_keys=True)
        else:
            found[prefix + name] = value
    return found


def _table(
    rows: list[dict[str, Value]], theirs: Mapping[str, str | None], named: str | None, spec: ReadingSpec
) -> pa.Table:
    arrays: dict[str, list[Any]] = {}
    for name in COLUMNS:
        field = theirs[name]
        values = [row.get(field) for row in rows] if field else [None] * len(rows)
        if name in ("target", "realised"):
            arrays[f"{name}_is_number"] = [isinstance(value, Number) for value in values]
        mapped = spec.values.get(name, {})
        texts = [legible(value_text(value)) for value in values]
        arrays[name] = [mapped.get(text, text) for text in texts]
    if named is not None:
        names = [legible(value_text(row.get(named))) for row in rows]
        arrays["region"] = named_regions(arrays["region"], names)
    has_key = [_has_key(row, spec) for row in rows]
    places = row_places(rows, spec)
    for name in ("row_place", "target_place", "realised_place"):
        arrays[name] = places
    arrays["reject_rule"] = [None if known else "ROW-002" for known in has_key]
    arrays["reject_text"] = [
        None if known else _line(row).rstrip() for known, row in zip(has_key, rows, strict=True)
    ]
    return pa.table(arrays, schema=ROW_SCHEMA)


def row_places(rows: Iterable[Row], spec: ReadingSpec) -> list[str]:
    """The place of each row: its key; where it has none, its line among the rows."""
    rows = list(rows)
    keys = ["/".join(value_text(row.get(name)) for name in spec.key) for row in rows]
    return _places(keys, [_has_key(row, spec) for row in rows])


def _has_key(row: Row, spec: ReadingSpec) -> bool:
    return all(row.get(name) not in (None, "") for name in spec.key)


def _places(keys: list[str], has_key: list[bool]) -> list[str]:
    seen: Counter[str] = Counter()
    places = []
    for number, (key, known) in enumerate(zip(keys, has_key, strict=True), start=1):
        place = key if known else f"L{number}"
        seen[place] += 1
        # a key that names two rows is none: the second gets a number
        places.append(place if seen[place] == 1 else f"{place}#{seen[place]}")
    return places


def _line(row: Row) -> str:
    return "{" + ",".join(f"{_label(name)}:{_json(row[name])}" for name in sorted(row)) + "}\n"


@lru_cache(maxsize=4096)
def _label(name: str) -> str:
    return _ENCODER.encode(name)


def _json(value: Value) -> str:
    return str(value) if type(value) is Number else _ENCODER.encode(value)


def value_text(value: Value) -> str:
    """A value as text: nothing is an empty one, a number as the source wrote it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _their_field(spec: ReadingSpec, ours: str) -> str:
    return next((theirs for theirs, name in spec.columns.items() if name == ours), ours)


def _folded(name: str) -> str:
    return legible(name).casefold()


def _name(region: str, period: str) -> str:
    return "_".join(re.sub(r"[^\w.-]+", "_", text) or "-" for text in (region, period)) + ".ndjson"
