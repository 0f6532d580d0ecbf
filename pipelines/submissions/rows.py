"""The input row: the one shape that every source's submissions take on their way in.

Put here: the columns, their Arrow schema, the outcome of reading one document.
Keep out: reading bytes (``sources``), judging values (dbt, where every row is standardised at once).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

COLUMNS = (
    "record",
    "region",
    "period",
    "sector",
    "service",
    "component",
    "item",
    "unit",
    "target",
    "realised",
    "note",
    "submitted_at",
    "measure",
    "snapshot_on",
)
"""The input columns, in the order of the CSV shape."""

REGION_NAME = "region_name"
"""The name of the region in a column of its own: no input column, it is read with the code beside it."""

ROW_SCHEMA = pa.schema(
    [pa.field(name, pa.string()) for name in COLUMNS]
    + [
        # true when the source held a number, not a text: such a value has no notation to be decided
        pa.field("target_is_number", pa.bool_()),
        pa.field("realised_is_number", pa.bool_()),
        # where in the document: ``Kesehatan!F12`` or ``L12`` or a key; joined to the hash as source_ref
        pa.field("row_place", pa.string()),
        pa.field("target_place", pa.string()),
        pa.field("realised_place", pa.string()),
        # a row that could not be mapped to the columns: its rule and its text as received
        pa.field("reject_rule", pa.string()),
        pa.field("reject_text", pa.string()),
    ]
)
"""One row as received: text as typed, no value judged. Absent text is null or empty, never a guess."""


IDENTITY = b"identity"
"""Key of the metadata of a reading's schema: JSON of what a document says of its sender beside the rows.

``{"region": ["64.71", "Identitas!B3"], "region_name": [...], "form_number": [...]}``: the text and its cell.
"""


@dataclass(frozen=True, slots=True)
class RawFile:
    """One received document: its name at the source, its bytes, when the source says it arrived (UTC).

    ``origin`` is the address of a remote document, or the path of a local one below its source's folder;
    ``version`` is what a remote place calls these very bytes. Both are empty where there is none that can be
    relied on. ``folder`` is the sender's folder: the first one that a pattern of the source's path stands
    for; empty where it lies in none, none where there are no folders.
    """

    name: str
    content: bytes
    modified_at: datetime | None = None
    origin: str = ""
    version: str = ""
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A document that cannot be read: a rule of ``rules.csv``, the place, and what was found there.

    ``region`` and ``period`` are whose it says to be, as it says it; empty where it does not, or names more.
    """

    rule_id: str
    place: str
    value: str
    region: str = ""
    period: str = ""


class Unread(NamedTuple):
    """A part of a document that is not read: a sheet, a column, a cell, or what a cell links to.

    ``rule_id`` is the rule that tells its sender; empty where whoever runs is told alone.
    """

    rule_id: str
    place: str
    value: str


Reading = pa.Table | Reject
"""What reading one document gives: its rows (``ROW_SCHEMA``), or why there are none."""


_UNREAD = b"spm:unread"


def with_unread(rows: pa.Table, unread: Sequence[Unread]) -> pa.Table:
    """The rows of a document, and what of it was not read."""
    if not unread:
        return rows
    said = rows.schema.metadata or {}
    return rows.replace_schema_metadata({**said, _UNREAD: json.dumps(unread, ensure_ascii=False)})


def unread_of(reading: pa.Table | Reject) -> list[Unread]:
    """What of a document was not read, though its rows were."""
    if isinstance(reading, Reject):
        return []
    return [Unread(*one) for one in json.loads((reading.schema.metadata or {}).get(_UNREAD, "[]"))]
