"""CSV documents: our own input shape, or another one mapped to it by the sources file.

Source: data contract, section 2. Known quirks: Excel writes ``;`` in an Indonesian locale, ``sep=;`` above
the labels, rows of bare delimiters at the end; people write titles there, and ``="64.70"`` to keep a zero;
a quote that nobody closed swallows the lines after it.

Put here: text to rows. Keep out: bytes to text (``csv_text``), lines of another width than the header
(``ragged``), what a value means; every text goes on as typed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from pipelines.messages import say
from pipelines.readers.documents.csv_text import text_of
from pipelines.readers.documents.ragged import Header, Record, fitted
from pipelines.registry.letters import legible
from pipelines.registry.written_periods import written_period
from pipelines.submissions.columns import (
    missing_columns,
    name_column,
    named_regions,
    said_missing,
    their_names,
    unread_columns,
)
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import COLUMNS, REGION_NAME, ROW_SCHEMA, RawFile, Reading, Reject, with_unread

MOST_LINES_IN_A_RECORD = 100  # more is a quote nobody closed, and each costs a second look at those lines
_MOST_LOOKS = 8
"""How often a text is looked at, on average: more, and each line with a quote is looked at by itself."""
LINES_ABOVE_HEADER = 20
DELIMITERS = ",;\t|"
_SEPARATOR = re.compile(r"\"?sep=(\\t|[^\w\s\"]|\t)\"?[,;\t|]*", re.IGNORECASE)
_LAYOUT = ' ,;|\t\r\n"'
# how people keep a code from becoming a number: an apostrophe, or a formula that is its text
_KEPT_AS_TEXT = re.compile(r"=\"([^\"]*)\"|'(?=[0-9])(.*)", re.DOTALL)


def read(file: RawFile, spec: ReadingSpec) -> Reading:
    """Read one CSV document. A row that does not fit the header comes out with its rule; none is lost."""
    lines = lines_of(file.content)
    if lines is None:
        return Reject("DOC-001", "L1", "CSV")
    header = header_of(lines, spec)
    if isinstance(header, Reject):
        return header
    unended = len(lines) if not lines[-1].endswith(("\r", "\n")) else None
    records = fitted(list(_records(lines, header)), header, unended)
    place = f"L{header.line}"
    if not records:
        return Reject("DOC-005", place, "")
    rows = _table(records, header.positions, spec)
    if missing := missing_columns(header.positions, rows["record"].to_pylist()):
        named = said_missing(their_names(missing, spec), header.unknown, spec)
        return Reject("DOC-002", place, named, *_whose(records, header.positions))
    return with_unread(rows, unread_columns(header.positions, header.unknown, place, spec))


def _whose(records: Sequence[Record], positions: Mapping[str, int]) -> tuple[str, str]:
    """The one region and the one period of the rows; empty where a column is not there or names several."""
    return _one_of_all("region", records, positions), _one_of_all("period", records, positions)


def _one_of_all(name: str, records: Sequence[Record], positions: Mapping[str, int]) -> str:
    at = positions.get(name)
    if at is None:
        return ""
    found = {
        legible(record.fields[at]) for record in records if record.raw is None and at < len(record.fields)
    }
    return found.pop() if len(found) == 1 else ""


def lines_of(content: bytes) -> list[str] | None:
    """The lines of a document with their ends; none where it is no text."""
    text = text_of(content)
    return None if text is None else list(io.StringIO(text, newline=""))


def fields_of(line: str, delimiter: str) -> list[str]:
    """The fields of one line by itself, whatever quote it leaves open."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a field longer than the csv module takes
        return line.split(delimiter)


def ragged_records(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """Each line, from 1, with its fields, however many they are; and the line as it is where malformed."""
    position = 0
    quotes = _Quotes(lines)
    while position < len(lines):
        line = lines[position].rstrip("\r\n")
        fields: list[str] | None = line.split(delimiter)
        taken = 1
        if '"' in line:
            fields, taken = quotes.record(position, delimiter)
        if fields is None:
            yield position + 1, [line], line
        else:
            yield position + 1, fields, ""
        position += taken


def header_of(lines: list[str], spec: ReadingSpec) -> Header | Reject:
    """The first line that has every column that a row needs: titles may stand above it, and ``sep=;``."""
    best: Header | None = None
    quotes = _Quotes(lines)
    written = [at for at, line in enumerate(lines) if line.strip(_LAYOUT)]
    named = _SEPARATOR.fullmatch(lines[written[0]].strip(" \r\n")) if written else None
    delimiters = DELIMITERS
    if named:  # Excel's own line, which names the delimiter and is no row
        written = written[1:]
        delimiters = named[1].replace("\\t", "\t") + DELIMITERS
    for at in written[:LINES_ABOVE_HEADER]:
        for delimiter in delimiters:
            labels, taken = quotes.record(at, delimiter)
            labels = labels if labels is not None else lines[at].split(delimiter)
            positions = _positions(labels, spec)
            if isinstance(positions, str):
                return Reject("DOC-002", f"L{at + 1}", positions)
            widths = [width for width, name in enumerate(labels, 1) if legible(name)]
            header = Header(
                at + taken,
                delimiter,
                len(labels),
                max(widths, default=0),
                positions,
                _unknown(labels, positions),
            )
            if not missing_columns(positions, ()):
                return header
            # of several, the line that looks most like a header is the one to be put right
            if best is None or len(positions) > len(best.positions):
                best = header
    return _without_columns(lines, best, spec) if best else Reject("DOC-005", "L1", "")


def _without_columns(lines: Sequence[str], header: Header, spec: ReadingSpec) -> Reject:
    """Why no line is a header, of the one that looks most like it."""
    missing = their_names(missing_columns(header.positions, ()), spec)
    # a line without one column of ours is a title, and says nothing of others
    named = said_missing(missing, header.unknown if header.positions else (), spec)
    records = [
        Record(at, fields_of(line, header.delimiter))
        for at, line in enumerate(lines[header.line :], header.line + 1)
        if line.strip(_LAYOUT)
    ]
    return Reject("DOC-002", f"L{header.line}", named, *_whose(records, header.positions))


def _unknown(labels: Sequence[str], positions: Mapping[str, int]) -> list[str]:
    """The labels of the columns that are none of ours, and are not empty."""
    ours = set(positions.values())
    return [legible(label) for at, label in enumerate(labels) if at not in ours and legible(label)]


def _positions(header: list[str], spec: ReadingSpec) -> dict[str, int] | str:
    """Where each column of ours stands, or a sentence naming a column that stands there twice."""
    theirs = {_folded(name): ours for name, ours in spec.columns.items()}
    positions: dict[str, int] = {}
    for index, label in enumerate(header):
        name = _folded(label)
        ours = theirs.get(name, name)
        if ours not in COLUMNS:
            continue
        if ours in positions:
            both = f"{legible(header[positions[ours]])}, {legible(label)}"
            return f"{ours} ({say('reading.twice')}: {both})"
        positions[ours] = index
    code = positions.get("region")
    others = [label for at, label in enumerate(header) if at not in positions.values()]
    named = name_column(None if code is None else header[code], others, spec)
    return positions if named is None else positions | {REGION_NAME: header.index(named)}


def _folded(label: str) -> str:
    return " ".join(legible(label).split()).casefold()


def _records(lines: list[str], header: Header) -> Iterator[Record]:
    """Each record; bare delimiters, titles and the header once more are layout."""
    position, delimiter = header.line, header.delimiter
    quotes = _Quotes(lines)
    labels = lines[header.line - 1].strip().casefold()
    # sorted by somebody, header and all: what stands above is a row where it has a quarter in its place
    for at, line in enumerate(lines[: header.line - 1]):
        above = line.rstrip("\r\n").split(delimiter)
        if len(above) == header.width and written_period(above[header.positions["period"]]):
            yield Record(at + 1, above)
    while position < len(lines):
        line = lines[position].rstrip("\r\n")
        taken = 1
        fields: list[str] | None
        if '"' in line:
            fields, taken = quotes.record(position, delimiter)
            if fields is not None and len(fields) != header.width:
                # a blank between delimiter and quote
                spaced, lines_taken = quotes.record(position, delimiter, skipinitialspace=True)
                if spaced is not None and len(spaced) == header.width:
                    fields, taken = spaced, lines_taken
        else:
            fields = line.split(delimiter)
        if fields is None or (len(fields) != header.width and line.replace(delimiter, "").strip()):
            # only this line is given up: what a stray quote swallowed after it is read again
            cut = line.split(delimiter) if fields is None else fields
            yield Record(position + 1, cut, raw=line, is_broken=fields is None)
            taken = 1
        elif any(field.strip() for field in fields) and line.strip().casefold() != labels:
            yield Record(position + 1, fields)
        position += taken


class _Quotes:
    """Records with quotes among ``lines``, which may go on over several of them.

    Lines can be written so that each of them opens a quote that none closes: looks ahead are counted, so that
    all of them together stay in proportion to the text.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._letters_left = _MOST_LOOKS * sum(map(len, lines))

    def record(
        self, position: int, delimiter: str, skipinitialspace: bool = False
    ) -> tuple[list[str] | None, int]:
        """The fields of the record that starts at a line and how many lines it takes; none if malformed."""
        ahead = MOST_LINES_IN_A_RECORD if self._letters_left > 0 else 1
        lines = self._lines[position : position + ahead]
        reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=skipinitialspace)
        try:
            return next(reader), reader.line_num
        except csv.Error:
            return None, 1
        finally:
            self._letters_left -= sum(map(len, lines[: reader.line_num]))


def _table(records: list[Record], positions: Mapping[str, int], spec: ReadingSpec) -> pa.Table:
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
        texts = [text and _typed(text) for text in stacked[positions[name]]]
        texts = [text and mapped.get(text, text) for text in texts] if mapped else texts
        if name == "region" and REGION_NAME in positions:
            names = [text and _typed(text) for text in stacked[positions[REGION_NAME]]]
            texts = named_regions(texts, names)
        arrays[name] = texts
    places: list[str | None] = [f"L{record.line}" for record in records]
    for name in ("row_place", "target_place", "realised_place"):
        arrays[name] = places
    for name in ("target_is_number", "realised_is_number"):
        arrays[name] = [False] * count
    arrays["reject_rule"] = [None if record.raw is None else "ROW-001" for record in records]
    arrays["reject_text"] = [record.raw for record in records]
    return pa.table(arrays, schema=ROW_SCHEMA)


def _typed(text: str) -> str:
    """What was typed into a field, without what only keeps it a text."""
    plain = legible(text)
    found = _KEPT_AS_TEXT.fullmatch(plain) if plain[:1] in "='" else None
    return found[1] or found[2] or "" if found else plain


def _legible(record: Record, positions: Mapping[str, int], width: int) -> list[str | None]:
    """Region and period of a row that does not fit, if the period stands in its own place; nothing else."""
    fields: list[str | None] = [None] * width
    period, region = positions["period"], positions["region"]
    if max(period, region) < len(record.fields) and written_period(record.fields[period]):
        fields[period], fields[region] = record.fields[period], record.fields[region]
    return fields
