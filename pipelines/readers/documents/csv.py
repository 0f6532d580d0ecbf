"""CSV documents: our own input shape, or another one mapped to it by the sources file.

Source: data contract, section 2. Known quirks: Excel writes ``;`` and cp1252 in an Indonesian locale,
rows of bare delimiters at the end, and a quote that nobody closed swallows the lines after it.

Put here: bytes to rows. Keep out: what a value means; every text goes on as typed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipelines.messages import say
from pipelines.registry.letters import legible
from pipelines.registry.periods import Period
from pipelines.submissions.encodings import decoded
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import COLUMNS, ROW_SCHEMA, RawFile, Reading, Reject

REQUIRED = ("record", "region", "period", "realised")
MOST_NULS = 100
"""One NUL in so many bytes is a damaged cell; more are another kind of file."""
MOST_LINES_IN_A_RECORD = 100  # more is a quote nobody closed, and each costs a second look at those lines
LINES_ABOVE_HEADER = 20
_SEPARATOR = re.compile(r"\"?sep=([,;\t|])\"?[,;\t]*", re.IGNORECASE)
_LAYOUT = ' ,;\t\r\n"'


@dataclass(frozen=True, slots=True)
class Header:
    """The line of the labels, from 1, its delimiter and number of fields, and where our columns stand."""

    line: int
    delimiter: str
    width: int
    positions: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Record:
    """One record: the physical line it starts on, its fields, and its text if the fields do not fit."""

    line: int
    fields: list[str]
    raw: str | None = None


def read(file: RawFile, spec: ReadingSpec) -> Reading:
    """Read one CSV document. A row that does not fit the header comes out with its rule; none is lost."""
    text = _decode(file.content)
    if text is None:
        return Reject("DOC-001", "L1", "CSV")
    lines = list(io.StringIO(text, newline=""))
    header = header_of(lines, spec)
    if isinstance(header, Reject):
        return header
    records = list(_records(lines, header))
    if not records:
        return Reject("DOC-005", f"L{header.line}", "")
    return _table(records, header.positions, spec)


def _decode(content: bytes) -> str | None:
    """The text of a document; none where every other byte or so is none of a text (UTF-16, a program)."""
    if content.count(0) * MOST_NULS > len(content):
        return None
    return decoded(content).replace("\0", "\ufffd")


def header_of(lines: list[str], spec: ReadingSpec) -> Header | Reject:
    """The first line that has every column that a row needs: titles may stand above it, and ``sep=;``."""
    reject: Reject | None = None
    written = [at for at, line in enumerate(lines) if line.strip(_LAYOUT)]
    named = _SEPARATOR.fullmatch(lines[written[0]].strip()) if written else None
    if named:  # Excel's own line, which names the delimiter and is no row
        written = written[1:]
    for at in written[:LINES_ABOVE_HEADER]:
        delimiter = named[1] if named else max(",;\t", key=lines[at].count)
        labels = next(csv.reader([lines[at]], delimiter=delimiter))
        positions = _positions(labels, spec)
        if isinstance(positions, str):
            wrong = positions
        elif missing := [name for name in REQUIRED if name not in positions]:
            wrong = ", ".join(missing)
        else:
            return Header(at + 1, delimiter, len(labels), positions)
        # of several, the line that looks like a header is the one to be put right
        if reject is None or isinstance(positions, str) or len(positions) > 1:
            reject = Reject("DOC-002", f"L{at + 1}", wrong)
            if isinstance(positions, str) or len(positions) > 1:
                break
    return reject or Reject("DOC-005", "L1", "")


def _positions(header: list[str], spec: ReadingSpec) -> dict[str, int] | str:
    """Where each column of ours stands, or a sentence naming a column that stands there twice."""
    theirs = {legible(name).casefold(): ours for name, ours in spec.columns.items()}
    positions: dict[str, int] = {}
    for index, label in enumerate(header):
        name = legible(label).casefold()
        ours = theirs.get(name, name)
        if ours not in COLUMNS:
            continue
        if ours in positions:
            both = f"{legible(header[positions[ours]])}, {legible(label)}"
            return f"{ours} ({say('reading.twice')}: {both})"
        positions[ours] = index
    return positions


def _records(lines: list[str], header: Header) -> Iterator[_Record]:
    """Each record below the header; lines of nothing but delimiters and blanks are layout."""
    position, delimiter = header.line, header.delimiter
    while position < len(lines):
        line = lines[position].rstrip("\r\n")
        taken = 1
        fields: list[str] | None
        if '"' in line:
            fields, taken = _quoted(lines[position : position + MOST_LINES_IN_A_RECORD], delimiter)
        else:
            fields = line.split(delimiter)
        if fields is not None and len(fields) != header.width:
            fields = _fitted(fields, header) or fields
        if fields is None or (len(fields) != header.width and line.replace(delimiter, "").strip()):
            # only this line is given up: what a stray quote swallowed after it is read again
            yield _Record(position + 1, fields or line.split(delimiter), raw=line)
            taken = 1
        elif any(field.strip() for field in fields):
            yield _Record(position + 1, fields)
        position += taken


def _fitted(fields: list[str], header: Header) -> list[str] | None:
    """A row with too few or too many fields, as wide as the header; none where it could be read otherwise.

    Excel leaves empty fields at the end out, in blocks of 16 rows, and adds some where a cell beyond the
    table was once filled. A delimiter that is lost or doubled before the end moves values into other columns:
    then the value, or what it is counted against, is missing, or a number stands where the unit does.
    """
    if any(field.strip() for field in fields[header.width :]):
        return None
    row = fields[: header.width] + [""] * (header.width - len(fields))
    found = {name: row[at].strip() for name, at in header.positions.items()}
    is_moved = (
        len(fields) <= max(header.positions[name] for name in REQUIRED)
        or not found["realised"]
        or not (found.get("target", "-") or found["record"].casefold() == "published_index")
        or found.get("unit", "")[:1].isdigit()
    )
    return None if is_moved else row


def _quoted(lines: list[str], delimiter: str) -> tuple[list[str] | None, int]:
    """The fields of the record that starts ``lines`` and how many lines it takes; no fields if malformed."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        return None, 1


def _table(records: list[_Record], positions: dict[str, int], spec: ReadingSpec) -> pa.Table:
    count = len(records)
    width = max(positions.values()) + 1
    rows = [record.fields if record.raw is None else _legible(record, positions, width) for record in records]
    stacked = list(zip(*(row[:width] for row in rows), strict=True))
    arrays: dict[str, Sequence[str | bool | None]] = {}
    for name in COLUMNS:
        if name not in positions:
            arrays[name] = [None] * count
            continue
        mapped = spec.values.get(name, {})
        texts = [text and legible(text) for text in stacked[positions[name]]]
        arrays[name] = [text and mapped.get(text, text) for text in texts] if mapped else texts
    places: list[str | None] = [f"L{record.line}" for record in records]
    for name in ("row_place", "target_place", "realised_place"):
        arrays[name] = places
    for name in ("target_is_number", "realised_is_number"):
        arrays[name] = [False] * count
    arrays["reject_rule"] = [None if record.raw is None else "ROW-001" for record in records]
    arrays["reject_text"] = [record.raw for record in records]
    return pa.table(arrays, schema=ROW_SCHEMA)


def _legible(record: _Record, positions: dict[str, int], width: int) -> list[str | None]:
    """Region and period of a row that does not fit, if the period stands in its own place; nothing else."""
    fields: list[str | None] = [None] * width
    period, region = positions["period"], positions["region"]
    if max(period, region) < len(record.fields) and Period.written(record.fields[period]):
        fields[period], fields[region] = record.fields[period], record.fields[region]
    return fields
