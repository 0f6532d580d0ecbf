"""APIs that speak JSON: every row that the source holds for a period, each once.

An API is no snapshot: a row that comes or goes while pages are read shifts the others, and one is lost or
read twice. So all pages are read in passes, until some passes in a row agree on every row.

Put here: passes, and when they are believed. Keep out: HTTP (``client``), pages (``pages``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import httpx

from pipelines.messages import cause, message, say
from pipelines.registry.periods import Period
from pipelines.registry.personal_data import masked_key
from pipelines.settings import Limits
from pipelines.sources.rest.answer import Misshapen, json_path, shown
from pipelines.sources.rest.client import RestClient
from pipelines.sources.rest.pages import Page, Unsettled, walk
from pipelines.sources.rest.signs import count_in, count_in_headers
from pipelines.sources.rest.spec import RestSource
from pipelines.sources.source import SourceUnavailable, UnknownShape
from pipelines.submissions.extract import Row, documents, refused
from pipelines.submissions.reading_spec import fill
from pipelines.submissions.rows import RawFile

MOST_DISTURBANCES = 3
"""How many times the source may change, or contradict itself, before an extract is given up."""

MOST_KEPT_BYTES = 2**20
"""How much of an answer of unknown shape is kept."""

_DEFAULT_LIMITS = Limits()


def extract(spec: RestSource, period: Period | None, limits: Limits = _DEFAULT_LIMITS) -> list[RawFile]:
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
            rows = _settled_rows(client, spec, httpx.URL(url).copy_merge_params(parameters), constants)
        except Misshapen as error:
            raise _unknown_shape(spec, period, error) from error
    return documents(spec, rows)


def _settled_rows(
    client: RestClient, spec: RestSource, address: httpx.URL, constants: Mapping[str, str]
) -> Iterable[Row]:
    """The rows that ``stable_reads`` passes in a row agree on; those of one pass are held at a time."""
    rows: list[Row] = []
    believed: bytes | None = None
    agreeing = 0
    why = message("rest.readings_differ")
    # each disturbance costs at most the passes that agreed before it, and itself
    for _ in range(spec.stable_reads * (MOST_DISTURBANCES + 1)):
        rows.clear()
        try:
            digest = _Pass(client, spec, constants, rows).read(address)
        except Unsettled as error:
            believed, why = None, cause(error)
            continue
        if digest != believed:
            why = why if believed is None else message("rest.readings_differ")
            agreeing = 0
        believed, agreeing = digest, agreeing + 1
        if agreeing == spec.stable_reads:
            return rows
    where = f"{spec.name}: {address.copy_with(query=None)}"
    raise SourceUnavailable(say("rest.unsettled", at=where, why=why))


class _Pass:
    """One reading of all pages into ``rows``."""

    def __init__(
        self, client: RestClient, spec: RestSource, constants: Mapping[str, str], rows: list[Row]
    ) -> None:
        self._client = client
        self._spec = spec
        self._constants = constants
        self._rows = rows
        self._bytes_left = int(spec.max_mb * 2**20)
        self._most = client.limits.records
        self._total: int | None = None
        self._announced: tuple[str, int] | None = None
        self._sample = b""
        self._fingerprints: list[bytes] = []
        self._seen: set[bytes] = set()
        # the page of each key; a row without one is its own
        self._pages: dict[bytes, int] = {}

    def read(self, address: httpx.URL) -> bytes:
        """Read every page; returns a hash of all rows, whatever their order.

        Raises:
            Unsettled: the pages contradict each other.
            Misshapen: a page, or all of them together, have not the fields that the spec names.
        """
        for number, page in enumerate(walk(self._spec, address, self), start=1):
            self._take(number, page)
        self._check_count()
        if self._rows:
            self._check_fields()
        return hashlib.sha256(b"".join(sorted(self._fingerprints))).digest()

    def ask(self, address: httpx.URL) -> Page:
        """The page at an address."""
        answer = self._client.get(address, self._bytes_left, once=self.has_all())
        self._bytes_left -= len(answer.content)
        rows = answer.rows()
        if len(self._rows) + len(rows) > self._most:
            raise SourceUnavailable(say("rest.too_many_records", at=self._spec.name, most=self._most))
        is_repeat = bool(rows) and all(_fingerprint(self._whole(row)) in self._seen for row in rows)
        return Page(answer, rows, is_repeat)

    def has_all(self) -> bool:
        """Whether as many rows were read as the source says that there are."""
        return self._total is not None and self._total == len(self._rows)

    def _whole(self, row: Row) -> Row:
        return {**row, **self._constants}

    def _take(self, number: int, page: Page) -> None:
        if self._spec.pages.total:
            total = page.answer.count(self._spec.pages.total)
            if self._total not in (None, total):
                raise Unsettled(message("rest.count_changed", before=self._total, after=total))
            self._total = total
        if page.is_repeat:
            raise Unsettled(message("rest.page_repeats", number=number))
        for row in map(self._whole, page.rows):
            fingerprint = _fingerprint(row)
            self._demand_one_page(row, fingerprint, number)
            self._seen.add(fingerprint)
            self._fingerprints.append(fingerprint)
            self._rows.append(row)
        if page.rows:
            self._sample = self._sample or page.answer.content
            self._announced = count_in_headers(page.answer.headers) or count_in(
                page.answer.body, self._spec.records
            )

    def _demand_one_page(self, row: Row, fingerprint: bytes, number: int) -> None:
        """A key is on one page: where it is on two, the order moved between them and another row was lost."""
        values = [row.get(name) for name in self._spec.key]
        key = fingerprint if any(value in (None, "") for value in values) else repr(values).encode()
        if (before := self._pages.setdefault(key, number)) != number:
            said = "/".join("" if value is None else str(value) for value in values)
            raise Unsettled(
                message("rest.key_on_two_pages", key=masked_key(said).text, first=before, second=number)
            )

    def _check_count(self) -> None:
        count = len(self._rows)
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
        spec, rows = self._spec, self._rows
        place = f"{json_path(spec.records)}[*]"
        fields = set().union(*rows) - set(self._constants)
        found = ", ".join(map(shown, sorted(fields)[:40]))
        known = {name.strip().casefold() for name in fields}
        # the columns of a layout may be its own: whether it finds what it needs shows when it is read
        wanted = () if spec.layout else spec.columns
        if missing := [name for name in wanted if name.strip().casefold() not in known]:
            why = message("rest.fields_missing", fields=", ".join(missing), found=found)
            raise Misshapen(place, why, self._sample)
        if not any(all(row.get(name) not in (None, "") for name in spec.key) for row in rows):
            why = message("rest.key_missing", key=", ".join(spec.key), found=found)
            raise Misshapen(place, why, self._sample)


def _fingerprint(row: Row) -> bytes:
    # with the type, because the text "1" and the number 1 are two contents
    fields = repr([(name, type(value).__name__, value) for name, value in sorted(row.items())])
    return hashlib.blake2b(fields.encode(), digest_size=16).digest()


def _unknown_shape(spec: RestSource, period: Period | None, error: Misshapen) -> UnknownShape:
    name = f"{spec.name}_{period}.ndjson" if period else f"{spec.name}.ndjson"
    body = error.content[:MOST_KEPT_BYTES].decode("utf-8", "replace")
    where = f"{spec.name}: {fill(spec.url, period)}"
    return UnknownShape(
        say("rest.unknown_answer", at=where, place=error.place, why=error.why),
        refused(name, error.place, str(error.why), body),
    )
