"""Landed rows: what the documents say, row by row as text, one pair of Parquet files a receipt batch.

Everything here can be made again from the raw store; a new version of the readers lands all anew.

Put here: documents to Parquet. Keep out: judging rows (dbt does, all at once).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.landing import batch_hashes
from pipelines.landing.raw_store import RawStore, Receipt
from pipelines.messages import printable, traceback_text
from pipelines.readers.bounds import PeriodBound, SourceBound
from pipelines.readers.dispatch import document_kind
from pipelines.readers.reading import READER_VERSION, Budget, not_read, read_documents
from pipelines.registry.nothing_words import is_blank, nothing_key
from pipelines.registry.periods import is_readable
from pipelines.registry.time_zones import utc_offset_minutes
from pipelines.registry.written_periods import written_period, written_range
from pipelines.settings import MB, Limits
from pipelines.storage.private_files import FILE, private_files
from pipelines.storage.whole_files import appearing
from pipelines.submissions.demo_mark import MARK, is_marked
from pipelines.submissions.reading_spec import FROM_FOLDER, ReadingSpec
from pipelines.submissions.rows import (
    IDENTITY,
    ROW_SCHEMA,
    RawFile,
    Reading,
    Reject,
    Unread,
    unread_of,
)

LANDED_SCHEMA = pa.schema(
    [
        pa.field("sha256", pa.string()),
        pa.field("source", pa.string()),
        pa.field("reading_id", pa.string()),
        pa.field("row_number", pa.int64()),
        # the period, where the text is one of the registry; rows without it belong to every run
        pa.field("period_key", pa.string()),
        *ROW_SCHEMA,
    ]
)
_SENDER = {"region": "sender_code", "region_name": "sender_name", "form_number": "form_number"}
_MAY_BE_BLANK = ("sector", "service", "component", "unit", "submitted_at")
DOCUMENT_SCHEMA = pa.schema(
    [
        pa.field("sha256", pa.string()),
        pa.field("source", pa.string()),
        pa.field("reading_id", pa.string()),
        # what a place in the document is joined to: hash of a file, source of an API or database row
        pa.field("ref_prefix", pa.string()),
        pa.field("name", pa.string()),
        pa.field("received_at", pa.timestamp("us", tz="UTC")),
        pa.field("taken_in_at", pa.timestamp("us", tz="UTC")),
        # the order of documents: what a later intake received comes after all that earlier ones knew
        pa.field("intake", pa.int64()),
        pa.field("read_in", pa.int64()),
        pa.field("stored_at", pa.timestamp("us", tz="UTC")),
        pa.field("seen_at", pa.timestamp("us", tz="UTC")),
        pa.field("receipt_time", pa.string()),
        pa.field("is_again", pa.bool_()),
        # whose it may be: the sender's folder, the codes that its source is bound to, or that the folder says
        pa.field("folder", pa.string()),
        pa.field("regions", pa.list_(pa.string())),
        pa.field("is_bound_by_folder", pa.bool_()),
        pa.field("utc_offset_minutes", pa.int32()),
        pa.field("size_bytes", pa.int64()),
        pa.field("row_count", pa.int64()),
        pa.field("region_codes", pa.string()),
        pa.field("period_from", pa.string()),
        pa.field("period_to", pa.string()),
        # its figures are made up: its source says so, or it carries the mark itself
        pa.field("is_demo", pa.bool_()),
        # what the document says of its sender beside its rows, and where
        pa.field("sender_code", pa.string()),
        pa.field("sender_code_place", pa.string()),
        pa.field("sender_name", pa.string()),
        pa.field("sender_name_place", pa.string()),
        pa.field("form_number", pa.string()),
        pa.field("form_number_place", pa.string()),
        pa.field("reject_rule", pa.string()),
        pa.field("reject_place", pa.string()),
        pa.field("reject_value", pa.string()),
        # whose a refused document says to be: the region as written, the period where it is one of ours
        pa.field("reject_region", pa.string()),
        pa.field("reject_period", pa.string()),
        # parts of a document that were not read, though its rows were
        pa.field("unread", pa.list_(pa.struct([(name, pa.string()) for name in Unread._fields]))),
    ]
)


_EMPTY_DOCUMENTS = DOCUMENT_SCHEMA.empty_table()
_COMPRESSION_LEVEL = 1
_HELD_ROWS, _HELD_BYTES = 100_000, 32 * MB
"""What is held of a batch before it is written; by content alone, so that the same documents give the same
file."""
_ROWS_IN_A_GROUP = 50_000
_TAKEN = b"spm.landed"
"""Key of the metadata of a file of rows: its source, and the bytes of its rows in memory by period."""
_LONGEST_SAID = 1000
_MOST_UNREAD = 200
"""Letters of what is said of a document, and parts of it that are named as not read."""


def folder(landing: Path) -> Path:
    """Where the present readers land rows."""
    return landing / f"v{READER_VERSION}"


@private_files()
def land(
    store: RawStore,
    landing: Path,
    workers: int,
    limits: Limits,
    progress: Callable[[int], None] = lambda _: None,
    budget: Budget | None = None,
) -> int:
    """Land every batch that is not landed yet, or not as it was landed; returns how many documents were read.

    Once a ``budget`` is spent no other batch is begun: ``waiting`` says what is left.

    Raises:
        DamagedRawError: the raw store does not hold what was received.
    """
    read = 0
    sound = batch_hashes.sound(folder(landing))
    bounds: dict[str, PeriodBound] = defaultdict(lambda: PeriodBound(limits))
    for batch in _in_order(store) if any(batch.stem not in sound for batch in store.batches()) else ():
        rows_path = folder(landing) / f"{batch.stem}.rows.parquet"
        documents_path = folder(landing) / f"{batch.stem}.documents.parquet"
        if batch.stem in sound:
            _count_landed(rows_path, bounds)
            continue
        if budget and read and budget.is_spent:
            break
        receipts = list(store.receipts(batch))
        source = receipts[0].source
        documents = []
        with appearing(rows_path, FILE) as partial, _RowsFile(partial, source) as rows_file:
            for receipt, reading in _readings(store, receipts, workers, limits, budget, bounds[source]):
                documents += rows_file.take(receipt, reading)
                del reading  # the next one comes while nothing else holds these rows
                progress(1)
            documents += rows_file.written()
        _write(pa.concat_tables([_EMPTY_DOCUMENTS, *documents]), documents_path)
        batch_hashes.note(folder(landing), batch.stem)
        read += len(receipts)
    return read


def _in_order(store: RawStore) -> list[Path]:
    """The batches as they came, so that what earlier ones took is known, whenever they are landed."""

    def place(batch: Path) -> tuple[int, str]:
        first = next(store.receipts(batch), None)
        return (first.read_in if first else 0, batch.stem)

    return sorted(store.batches(), key=place)


def _count_landed(rows_path: Path, bounds: Mapping[str, PeriodBound]) -> None:
    """Count the bytes of a landed batch; those of one that an earlier version landed are not known."""
    if noted := (pq.read_metadata(rows_path).metadata or {}).get(_TAKEN):
        said = json.loads(noted)
        bounds[said["source"]].taken_before(said["bytes"])


def _of_periods(receipt: Receipt, rows: pa.Table) -> dict[str, int]:
    """The bytes of some rows by period; rows without one are under an empty name."""
    if not len(rows):
        return {}
    counts = pc.value_counts(pc.fill_null(_quarters(rows["period"], receipt), "")).to_pylist()
    return {found["values"]: rows.nbytes * found["counts"] // len(rows) for found in counts}


class _RowsFile:
    """The rows of a batch on their way into their file: a few documents are held, however many there are.

    What cannot be written of a document makes that document a refused one, and leaves the others as they are.
    """

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._source = source
        self._taken: Counter[str] = Counter()
        self._held: list[tuple[Receipt, Reading]] = []
        self._held_rows = self._held_bytes = 0

    def __enter__(self) -> _RowsFile:
        self._file = pq.ParquetWriter(
            self._path, LANDED_SCHEMA, compression="zstd", compression_level=_COMPRESSION_LEVEL
        )
        return self

    def __exit__(self, *_: object) -> None:
        taken = {"source": self._source, "bytes": dict(sorted(self._taken.items()))}
        self._file.add_key_value_metadata({_TAKEN: json.dumps(taken).encode()})
        self._file.close()

    def take(self, receipt: Receipt, reading: Reading) -> list[pa.Table]:
        """Take the rows of a document; returns what is said of the documents that were written by it."""
        self._held.append((receipt, reading))
        if isinstance(reading, pa.Table):
            self._held_rows += len(reading)
            self._held_bytes += reading.nbytes
            self._taken.update(_of_periods(receipt, reading))
        if self._held_rows < _HELD_ROWS and self._held_bytes < _HELD_BYTES:
            return []
        return self.written()

    def written(self) -> list[pa.Table]:
        """Write what is held; returns what is said of its documents, in their order."""
        held, self._held = self._held, []
        self._held_rows = self._held_bytes = 0
        if not held:
            return []
        try:
            rows, documents = _tables(held)
        except Exception as error:
            if len(held) > 1:
                return [table for one in held for table in self._written_alone(*one)]
            return _tables([(held[0][0], _refused(error))])[1]
        if len(rows):
            self._file.write_table(rows, row_group_size=_ROWS_IN_A_GROUP)
            pa.default_memory_pool().release_unused()
        return documents

    def _written_alone(self, receipt: Receipt, reading: Reading) -> list[pa.Table]:
        self._held = [(receipt, reading)]
        return self.written()


def _tables(readings: list[tuple[Receipt, Reading]]) -> tuple[pa.Table, list[pa.Table]]:
    """The rows of some documents, and what is said of each document."""
    return _rows_table(readings), [_document_table(*pair) for pair in readings]


def waiting(store: RawStore, landing: Path) -> int:
    """How many documents were received and are not landed yet."""
    sound = batch_hashes.sound(folder(landing))
    left = (batch for batch in store.batches() if batch.stem not in sound)
    return sum(1 for batch in left for _ in store.receipts(batch))


def _readings(
    store: RawStore,
    receipts: list[Receipt],
    workers: int,
    limits: Limits,
    budget: Budget | None,
    of_periods: PeriodBound,
) -> Iterator[tuple[Receipt, Reading]]:
    # a batch is one source's, and nearly always read one way; a changed sources file starts a new batch
    spec = ReadingSpec.from_json(receipts[0].reading)
    # what was sent again is landed already: only its receipt is new
    files = (
        RawFile(receipt.name, store.content(receipt.sha256)) for receipt in receipts if not receipt.is_again
    )
    readings = read_documents(files, spec, workers, limits, budget)
    bound = SourceBound(limits)
    for receipt in receipts:
        if receipt.is_again:
            yield receipt, ROW_SCHEMA.empty_table()
            continue
        reading = next(readings)[1]
        try:
            reading = _unless_made_up(receipt, reading)
            if isinstance(reading, pa.Table):
                reading = bound.admitted(reading, receipt.size_bytes)
            if isinstance(reading, pa.Table):
                reading = of_periods.admitted(reading, _of_periods(receipt, reading))
        except Exception as error:
            reading = _refused(error)
        yield receipt, reading
        del reading


def _refused(error: Exception) -> Reject:
    # a fault of ours that one document found: it is logged, and its sender is told
    print(traceback_text(error), file=sys.stderr)
    return not_read(error)


def _unless_made_up(receipt: Receipt, reading: Reading) -> Reading:
    """The reading, or a refusal where made-up rows would come among real ones."""
    if isinstance(reading, Reject) or not is_marked(reading):
        return reading
    spec = ReadingSpec.from_json(receipt.reading)
    return Reject("DOC-020", "", MARK) if spec.demo is False or receipt.refuses_demo else reading


def _rows_table(readings: list[tuple[Receipt, Reading]]) -> pa.Table:
    tables = [(receipt, reading) for receipt, reading in readings if isinstance(reading, pa.Table)]
    if not tables:
        return LANDED_SCHEMA.empty_table()
    rows = pa.concat_tables([table for _, table in tables])
    counts = [len(table) for _, table in tables]
    repeat = _repeater(counts)
    own = {
        "sha256": repeat([receipt.sha256 for receipt, _ in tables]),
        "source": repeat([receipt.source for receipt, _ in tables]),
        "reading_id": repeat([_reading_id(receipt) for receipt, _ in tables]),
        "row_number": pa.chunked_array([pa.array(range(1, count + 1), pa.int64()) for count in counts]),
        # those of a batch were received in one intake
        "period_key": _quarters(rows["period"], tables[0][0]),
    }
    own |= {name: _unless_blank(rows[name]) for name in _MAY_BE_BLANK}
    # an item of a dash alone is junk, and found as such
    own["item"] = _unless_blank(rows["item"], but="-")
    columns = [own[name] if name in own else rows[name] for name in LANDED_SCHEMA.names]
    return pa.table(columns, schema=LANDED_SCHEMA)


def _unless_blank(texts: pa.ChunkedArray, but: str = "") -> pa.ChunkedArray:
    """The texts; none for those that only fill an empty cell (a dash, ``NULL``), ``but`` one of these."""
    written = [
        text for text in texts.unique().to_pylist() if text and is_blank(text) and nothing_key(text) != but
    ]
    if not written:
        return texts
    return pc.if_else(pc.is_in(texts, pa.array(written, pa.string())), pa.scalar(None, pa.string()), texts)


def _quarter(text: str, receipt: Receipt) -> str | None:
    """The quarter that a text means in a document that came with ``receipt``."""
    found: list[str | None] = _quarters(pa.chunked_array([[text]], pa.string()), receipt).to_pylist()
    return found[0]


def _quarters(texts: pa.ChunkedArray, receipt: Receipt) -> pa.ChunkedArray:
    """The quarter that each text means; null where it means none, or one of years after the receipt."""
    written = texts.unique().to_pylist()
    meant = [written_period(text) if text else None for text in written]
    year = datetime.fromisoformat(receipt.taken_in_at).year
    keys = [str(period) if period and is_readable(period, year) else None for period in meant]
    return pc.take(pa.array(keys, pa.string()), pc.index_in(texts, pa.array(written, pa.string())))


def _repeater(counts: list[int]) -> Callable[[list[str]], pa.ChunkedArray]:
    def repeat(values: list[str]) -> pa.ChunkedArray:
        return pa.chunked_array(
            [pa.repeat(value, count) for value, count in zip(values, counts, strict=True)], pa.string()
        )

    return repeat


def _document_table(receipt: Receipt, reading: Reading) -> pa.Table:
    return pa.Table.from_pylist([_document(receipt, reading)], schema=DOCUMENT_SCHEMA)


def _document(receipt: Receipt, reading: Reading) -> dict[str, Any]:
    spec = ReadingSpec.from_json(receipt.reading)
    served = written_range(spec.periods) if spec.periods else (None,)
    reject = reading if isinstance(reading, Reject) else None
    said = (
        {} if isinstance(reading, Reject) else json.loads((reading.schema.metadata or {}).get(IDENTITY, "{}"))
    )
    sender = {
        column: place_and_text
        for field, name in _SENDER.items()
        for column, place_and_text in zip((name, f"{name}_place"), said.get(field, (None, None)), strict=True)
    }
    return {
        **sender,
        "sha256": receipt.sha256,
        "source": receipt.source,
        "reading_id": _reading_id(receipt),
        "ref_prefix": receipt.source if document_kind(spec.kind).is_extract else receipt.sha256[:12],
        "name": receipt.name,
        "received_at": datetime.fromisoformat(receipt.received_at),
        "taken_in_at": datetime.fromisoformat(receipt.taken_in_at),
        "intake": receipt.intake,
        "read_in": receipt.read_in,
        # early receipts hold one time: that of the store, where it told one
        "stored_at": _instant(receipt.stored_at or ("" if receipt.seen_at else receipt.received_at)),
        "seen_at": _instant(receipt.seen_at or receipt.taken_in_at),
        "receipt_time": receipt.receipt_time,
        "is_again": receipt.is_again,
        "folder": receipt.folder,
        "regions": None if spec.regions in (None, FROM_FOLDER) else list(spec.regions or ()),
        "is_bound_by_folder": spec.regions == FROM_FOLDER,
        "utc_offset_minutes": utc_offset_minutes(spec.timezone) if spec.timezone else None,
        "size_bytes": receipt.size_bytes,
        "row_count": 0 if reject else len(reading),
        "region_codes": spec.region_codes,
        "period_from": str(served[0]) if served[0] else None,
        "period_to": str(served[-1]) if served[-1] else None,
        "is_demo": bool(spec.demo) or (not isinstance(reading, Reject) and is_marked(reading)),
        "reject_rule": reject.rule_id if reject else None,
        "reject_place": _said(reject.place) if reject else None,
        "reject_value": _said(reject.value) if reject else None,
        "reject_region": _said(reject.region) or None if reject else None,
        "reject_period": _quarter(reject.period, receipt) if reject else None,
        "unread": [_unread(one) for one in unread_of(reading)[:_MOST_UNREAD]],
    }


def _said(text: str) -> str:
    """A text from inside a document, safe to show, and no longer than anybody reads."""
    shown = printable(text)
    return shown if len(shown) <= _LONGEST_SAID else shown[: _LONGEST_SAID - 1] + "…"


def _unread(part: Unread) -> dict[str, str]:
    return {"rule_id": part.rule_id, "place": _said(part.place), "value": _said(part.value)}


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _reading_id(receipt: Receipt) -> str:
    return hashlib.sha256(receipt.reading.encode()).hexdigest()[:12]


def _write(table: pa.Table, path: Path) -> None:
    with appearing(path, FILE) as partial:
        pq.write_table(table, partial, compression="zstd", compression_level=_COMPRESSION_LEVEL)
