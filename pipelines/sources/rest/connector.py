"""APIs that speak JSON: every row that the source holds for a period, each once.

An API is no snapshot: a row that comes or goes while pages are read shifts the others, and one is lost or
read twice. So all pages are read in passes, until some passes in a row agree on every row.

Put here: passes, and when they are believed. Keep out: HTTP (``client``), pages (``pages``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from itertools import islice

import httpx

from pipelines.messages import cause, message, say
from pipelines.registry.periods import Period
from pipelines.registry.personal_data import masked_key
from pipelines.settings import Limits
from pipelines.sources.rest.answer import MOST_KEPT_BYTES, Misshapen, json_path, shown
from pipelines.sources.rest.client import RestClient
from pipelines.sources.rest.pages import Page, Unsettled, walk
from pipelines.sources.rest.pass_index import PassIndex
from pipelines.sources.rest.signs import count_in, count_in_headers
from pipelines.sources.rest.spec import RestSource
from pipelines.sources.source import SourceUnavailable, UnknownShape
from pipelines.submissions.extract import Documents, Row, refused
from pipelines.submissions.reading_spec import fill
from pipelines.submissions.rows import RawFile

MOST_DISTURBANCES = 3
"""How many times the source may change, or contradict itself, before an extract is given up."""

_ROWS_AT_ONCE = 1000

_DEFAULT_LIMITS = Limits()


def extract(spec: RestSource, period: Period | None, limits: Limits = _DEFAULT_LIMITS) -> Iterable[RawFile]:
    """The rows of ``period`` (``None``: of a source that is asked once for all periods), as documents.

    Raises:
        UnknownShape: an answer has another shape than the spec says; the error holds that answer.
        SourceUnavailable: no complete set of rows could be read; a part of one is not given.
    """
    url = fill(spec.url, period)
    parameters = {name: fill(text, period) for name, text in spec.params.items()}
    constants = {name: fill(text, period) for name, text in spec.constants.items()}
    with RestClient(spec, httpx.URL(url), limits) as client:
        try:
            return _settled(client, spec, httpx.URL(url).copy_merge_params(parameters), constants)
        except Misshapen as error:
            raise _unknown_shape(spec, period, error) from error


def _settled(
    client: RestClient, spec: RestSource, address: httpx.URL, constants: Mapping[str, str]
) -> Documents:
    """The rows that ``stable_reads`` passes in a row agree on; those of the last one are kept."""
    believed: bytes | None = None
    agreeing = 0
    why = message("rest.readings_differ")
    # each disturbance costs at most the passes that agreed before it, and itself
    for _ in range(spec.stable_reads * (MOST_DISTURBANCES + 1)):
        found = Documents(spec)
        may_be_last = agreeing + 1 == spec.stable_reads
        try:
            digest = _Pass(client, spec, constants, found if may_be_last else None).read(address)
        except Unsettled as error:
            found.close()
            believed, why = None, cause(error)
            continue
        if digest != believed:
            why = why if believed is None else message("rest.readings_differ")
            agreeing = 0
        believed, agreeing = digest, agreeing + 1
        if agreeing == spec.stable_reads:
            return found
        found.close()
    where = f"{spec.name}: {address.copy_with(query=None)}"
    raise SourceUnavailable(say("rest.unsettled", at=where, why=why))


class _Pass:
    """One reading of all pages, into ``documents`` where its rows are wanted."""

    def __init__(
        self, client: RestClient, spec: RestSource, constants: Mapping[str, str], documents: Documents | None
    ) -> None:
        self._client = client
        self._spec = spec
        self._constants = constants
        self._documents = documents
        self._index = PassIndex()
        self._count = 0
        self._fields: set[str] = set()
        self._has_key = False
        self._bytes_left = int(spec.max_mb * 2**20)
        self._most = client.limits.records
        self._total: int | None = None
        self._announced: tuple[str, int] | None = None
        self._sample = b""

    def read(self, address: httpx.URL) -> bytes:
        """Read every page; returns a hash of all rows, whatever their order.

        Raises:
            Unsettled: the pages contradict each other.
            Misshapen: a page, or all of them together, have not the fields that the spec names.
        """
        for number, page in enumerate(walk(self._spec, address, self), start=1):
            self._take(number, page)
        self._check_count()
        if self._count:
            self._check_fields()
        return self._index.digest()

    def ask(self, address: httpx.URL) -> Page:
        """The page at an address."""
        answer = self._client.get(address, self._bytes_left, once=self.has_all())
        self._bytes_left -= answer.size
        rows = answer.rows()
        if self._count + len(rows) > self._most:
            raise SourceUnavailable(say("rest.too_many_records", at=self._spec.name, most=self._most))
        is_repeat = bool(rows) and all(_fingerprint(self._whole(row)) in self._index for row in rows)
        return Page(answer, rows, is_repeat)

    def has_all(self) -> bool:
        """Whether as many rows were read as the source says that there are."""
        return self._total is not None and self._total == self._count

    def _whole(self, row: Row) -> Row:
        return {**row, **self._constants}

    def _take(self, number: int, page: Page) -> None:
        if self._spec.pages.total:
            total = page.answer.count(self._spec.pages.total)
            if self._total not in (None, total):
                raise Unsettled(message("rest.count_changed", before=self._total, after=total))
            self._total = total
        if page.is_repeat:
            raise Unsettled(message("rest.page_repeats", number=str(number)))
        rows = map(self._whole, page.rows)
        while some := [*islice(rows, _ROWS_AT_ONCE)]:
            self._take_rows(number, some)
        if page.rows:
            self._sample = self._sample or page.answer.content
            self._announced = count_in_headers(page.answer.headers) or count_in(
                page.answer.body, self._spec.records
            )

    def _take_rows(self, number: int, rows: list[Row]) -> None:
        fingerprints = [*map(_fingerprint, rows)]
        keys = []
        for row, fingerprint in zip(rows, fingerprints, strict=True):
            self._fields.update(row)
            values = [row.get(name) for name in self._spec.key]
            has_key = not any(value in (None, "") for value in values)
            self._has_key = self._has_key or has_key
            # a row without a key is its own
            keys.append(_digest(repr(values)) if has_key else fingerprint)
        # a key is on one page: where it is on two, the order moved between them and another row was lost
        if (twice := self._index.note(fingerprints, keys, number)) is not None:
            at, before = twice
            values = [rows[at].get(name) for name in self._spec.key]
            said = "/".join("" if value is None else str(value) for value in values)
            said = masked_key(said).text
            raise Unsettled(message("rest.key_on_two_pages", key=said, first=before, second=number))
        if self._documents is not None:
            self._documents.add(rows)
        self._count += len(rows)

    def _check_count(self) -> None:
        count = self._count
        if self._total not in (None, count):
            raise Unsettled(message("rest.count_differs", rows=count, total=self._total))
        # `total: ""` says in so many words that no field of the answer counts its rows
        if (
            self._announced
            and self._spec.pages.by != "none"
            and "total" not in self._spec.pages.model_fields_set
        ):
            place, announced = self._announced
            if announced > count:
                raise Unsettled(message("rest.count_announced", rows=count, total=announced, place=place))

    def _check_fields(self) -> None:
        """Each field that the spec names is in some row: one that is in none was renamed."""
        spec = self._spec
        place = f"{json_path(spec.records)}[*]"
        fields = self._fields - set(self._constants)
        found = ", ".join(map(shown, sorted(fields)[:40]))
        known = {name.strip().casefold() for name in fields}
        # the columns of a layout may be its own: whether it finds what it needs shows when it is read
        wanted = () if spec.layout else spec.columns
        if missing := [name for name in wanted if name.strip().casefold() not in known]:
            why = message("rest.fields_missing", fields=", ".join(missing), found=found)
            raise Misshapen(place, why, self._sample)
        if not self._has_key:
            why = message("rest.key_missing", key=", ".join(spec.key), found=found)
            raise Misshapen(place, why, self._sample)


def _fingerprint(row: Row) -> bytes:
    # with the type, because the text "1" and the number 1 are two contents
    fields = repr([(name, type(value).__name__, value) for name, value in sorted(row.items())])
    return _digest(fields)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _unknown_shape(spec: RestSource, period: Period | None, error: Misshapen) -> UnknownShape:
    name = f"{spec.name}_{period}.ndjson" if period else f"{spec.name}.ndjson"
    body = error.content[:MOST_KEPT_BYTES].decode("utf-8", "replace")
    where = f"{spec.name}: {fill(spec.url, period)}"
    return UnknownShape(
        say("rest.unknown_answer", at=where, place=error.place, why=error.why),
        refused(name, error.place, str(error.why), body),
    )
