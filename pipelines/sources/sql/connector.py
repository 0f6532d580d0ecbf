"""The SQL connector: the rows of a query on any database, as one document for each region and period.

An attempt that is cut short gives nothing: the next one asks the whole query again, in a new transaction.
So no row is lost, and none comes twice.

Put here: attempts, what is bound, whether the answer has its columns. Keep out: sessions (``server``),
SQLite (``sqlite_file``), what a failure means (``failures``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from urllib.parse import quote_plus

import pyarrow as pa
from sqlalchemy import URL, TextClause, make_url, text
from sqlalchemy.exc import ArgumentError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from pipelines.messages import Message, cause, message, say
from pipelines.registry.periods import Period
from pipelines.settings import secret
from pipelines.sources.source import SourceUnavailable, UnknownShape
from pipelines.sources.sql import server as sql_server
from pipelines.sources.sql import sqlite_file
from pipelines.sources.sql.batches import rows_of
from pipelines.sources.sql.failures import Interrupted, PermanentFailure
from pipelines.sources.sql.spec import SqlSource
from pipelines.submissions.encodings import decoded
from pipelines.submissions.extract import Row, documents, refused
from pipelines.submissions.rows import COLUMNS, RawFile

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30
_PASSWORD_OPTIONS = frozenset({"password", "passwd", "pwd", "sslpassword", "odbc_connect"})
Parameters = Mapping[str, str | int]


def extract(spec: SqlSource, period: Period | None) -> Iterable[RawFile]:
    """What the query gives for ``period`` (none: the query names no period), one snapshot of it.

    Raises:
        UnknownShape: a column of ``key`` or ``columns`` is not in the answer, or one is there twice.
        SourceUnavailable: no attempt gave the whole answer, or none could; nothing of it is kept.
    """
    where = f"{spec.name}: {spec.place}"
    secrets: list[str] = []
    try:
        url = _address(spec)
        secrets = _secrets(url)
        batches = _attempts(spec)(_whole_answer, spec, url, period)
    except PermanentFailure as error:
        raise SourceUnavailable(f"{where}: {_without(secrets, error)}") from None
    except Interrupted as error:
        tries = message("sql.attempts", attempts=spec.attempts, why=_without(secrets, error))
        raise SourceUnavailable.because(where, RuntimeError(tries)) from None
    return documents(spec, _rows(spec, batches))


def _attempts(spec: SqlSource) -> Retrying:
    return Retrying(
        retry=retry_if_exception_type(Interrupted),
        stop=stop_after_attempt(spec.attempts),
        wait=wait_exponential_jitter(
            multiplier=FIRST_PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS, jitter=FIRST_PAUSE_SECONDS
        ),
        reraise=True,
    )


def _whole_answer(spec: SqlSource, url: URL, period: Period | None) -> deque[pa.RecordBatch]:
    """Every batch of one attempt, the first without rows; held as Arrow, at most ``max_mb`` of it."""
    held: deque[pa.RecordBatch] = deque()
    held_bytes = 0
    with closing(_read(spec, url, text(spec.query), _bound(spec, period))) as batches:
        for batch in batches:
            if not held:
                _check_shape(spec, period, batch.schema.names)
            held.append(batch)
            held_bytes += batch.nbytes
            if held_bytes > spec.max_mb * 2**20:
                raise PermanentFailure(message("sql.too_large", most=f"{spec.max_mb:g}"))
    return held


def _read(spec: SqlSource, url: URL, query: TextClause, parameters: Parameters) -> Generator[pa.RecordBatch]:
    if url.get_backend_name() == "sqlite":
        path = spec.beside(url.database or "")
        return sqlite_file.read(path, query, parameters, spec.timeout_seconds)
    return sql_server.read(url, query, parameters, spec.timeout_seconds)


def _bound(spec: SqlSource, period: Period | None) -> Parameters:
    if period is None:
        return {}
    words: Parameters = {"period": str(period), "year": period.year, "quarter": period.quarter}
    return {name: words[name] for name in sorted(spec.bound_names)}


def _address(spec: SqlSource) -> URL:
    address = spec.url or secret(spec.url_env)
    if not address:
        raise PermanentFailure(message("sql.no_address", variable=spec.url_env))
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        # what could not be parsed may be a part of the password: it is not repeated
        raise PermanentFailure(message("sql.unreadable_address")) from None
    if url.get_backend_name() == "duckdb":
        raise PermanentFailure(message("sql.duckdb"))
    return url


def _secrets(url: URL) -> list[str]:
    named = [str(value) for option, value in url.query.items() if option.lower() in _PASSWORD_OPTIONS]
    plain = [secret for secret in (str(url.password or ""), *named) if secret]
    return [*plain, *map(quote_plus, plain)]


def _without(secrets: Sequence[str], error: Exception) -> Message:
    said = cause(error)
    for word in secrets:
        said = Message(*(text.replace(word, "***") for text in said))
    return said


def _check_shape(spec: SqlSource, period: Period | None, found: Sequence[str]) -> None:
    names = _as_the_spec_spells(spec, found)
    # the columns of a layout may be its own: whether it finds what it needs shows when it is read
    wanted = spec.key if spec.layout else (*spec.key, *spec.columns)
    missing = [name for name in wanted if name not in names]
    twice = [name for name in names if names.count(name) > 1]
    if not missing and not twice:
        return
    why = (
        message("sql.columns_missing", columns=", ".join(missing))
        if missing
        else message("sql.column_twice", column=twice[0])
    )
    name = f"{spec.name}_{period}.ndjson" if period else f"{spec.name}.ndjson"
    raise UnknownShape(
        say("sql.wrong_columns", at=f"{spec.name}: {spec.place}", why=why),
        refused(name, spec.place, str(why), ", ".join(found)),
    )


def _rows(spec: SqlSource, batches: deque[pa.RecordBatch]) -> Iterator[Row]:
    names = _as_the_spec_spells(spec, batches[0].schema.names)
    while batches:
        # let go of each batch as soon as it is read: the documents take its place
        yield from rows_of(batches.popleft(), names, partial(_text_of_bytes, spec))


def _text_of_bytes(spec: SqlSource, name: str, content: bytes) -> str:
    """What bytes in a column are: no number, a text where one is asked for, else their hexadecimal digits."""
    ours = spec.columns.get(name, name)
    if ours in ("target", "realised"):
        return say("sql.binary")
    if name in spec.key or ours not in COLUMNS:
        return content.hex()
    text = decoded(content)
    return text if text.isprintable() else say("sql.binary")


def _as_the_spec_spells(spec: SqlSource, names: Sequence[str]) -> list[str]:
    # PostgreSQL answers in lower case, Oracle in upper: the source's own spelling is kept
    spelled = {name.casefold(): name for name in (*COLUMNS, *spec.columns, *spec.key)}
    return [spelled.get(name.casefold(), name) for name in names]
