"""A query asked of a database server: in one read-only transaction, on one snapshot, as a stream.

Known quirks: ``statement_timeout`` of PostgreSQL starts anew with each fetch from a cursor, and no time-out
of a server ends the wait for one that fell silent; SQL Server has no read-only session, so there the account
must be read-only (docs/runbooks/sql-source.md).

Put here: sessions and what differs between servers. Keep out: attempts (``connector``), SQLite
(``sqlite_file``).
"""

from __future__ import annotations

import math
import os
import socket
import threading
from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any, Self

import pyarrow as pa
from sqlalchemy import URL, Connection, Engine, NullPool, TextClause, create_engine, event, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from pipelines.messages import cause, message
from pipelines.sources.sql.batches import ROWS_PER_BATCH, as_batch
from pipelines.sources.sql.failures import (
    Interrupted,
    PermanentFailure,
    failure,
    refused_query,
    too_slow,
)

CONNECT_SECONDS = 10
_EXTRA_OF = {"MySQLdb": "mysql", "pymysql": "mysql", "pymssql": "mssql", "pyodbc": "mssql"}
_DRIVER_OF = {"mysql": "mysql+pymysql://", "mssql": "mssql+pymssql://"}
_POSTGRES_LIMITS = text(
    "select set_config('statement_timeout', :milliseconds, true), "
    "set_config('lock_timeout', :milliseconds, true), "
    "set_config('idle_in_transaction_session_timeout', :milliseconds, true)"
)


def read(
    url: URL, query: TextClause, parameters: Mapping[str, str | int], seconds: float
) -> Generator[pa.RecordBatch]:
    """The answer in batches (``batches``); the first has no rows and names the columns.

    Raises:
        Interrupted: the server or the way to it failed, or the answer took longer than ``seconds``.
        PermanentFailure: the server cannot be asked so, now or later.
    """
    deadline = _Deadline(seconds)
    try:
        with deadline:
            yield from _stream(_engine(url, seconds), query, parameters, deadline)
    except DBAPIError as error:
        # a driver's error may quote the whole address: neither it nor its traceback goes on
        raise Interrupted(too_slow(seconds)) if deadline.passed else failure(error.orig or error) from None
    except UnicodeError as error:
        raise PermanentFailure(message("sql.not_utf8", why=cause(error))) from None
    except SQLAlchemyError as error:
        raise refused_query(cause(error)) from None


def _engine(url: URL, seconds: float) -> Engine:
    connect_seconds = math.ceil(min(seconds, CONNECT_SECONDS))
    libpq = {"connect_timeout": connect_seconds, "client_encoding": "utf8"}
    connect_args: dict[str, dict[str, Any]] = {
        "psycopg": libpq,
        "psycopg2": libpq,
        "pymysql": {"connect_timeout": connect_seconds, "read_timeout": seconds},
        "pymssql": {"login_timeout": connect_seconds, "timeout": math.ceil(seconds)},
    }
    try:
        return create_engine(
            url, poolclass=NullPool, connect_args=connect_args.get(url.get_driver_name(), {})
        )
    except NoSuchModuleError:
        raise PermanentFailure(message("sql.unknown_dialect", dialect=repr(url.drivername))) from None
    except ModuleNotFoundError as error:
        extra = _EXTRA_OF.get(str(error.name))
        how = f"pip install 'spm-pipelines[{extra}]', {_DRIVER_OF[extra]}" if extra else error.name
        raise PermanentFailure(message("sql.no_driver", driver=repr(error.name), package=how)) from None


def _stream(
    engine: Engine, query: TextClause, parameters: Mapping[str, str | int], deadline: _Deadline
) -> Generator[pa.RecordBatch]:
    # before the listeners of the dialect, which ask questions of their own
    event.listen(engine, "connect", deadline.watch, insert=True)
    if engine.dialect.driver == "psycopg":
        from pipelines.sources.sql.postgres_values import take_every_value

        event.listen(engine, "connect", take_every_value, insert=True)
    # leaving the block rolls back: nothing is ever committed
    with engine.connect() as connection:
        _begin(connection, deadline.seconds)
        result = connection.execution_options(stream_results=True).execute(query, parameters)
        if not result.returns_rows:
            raise refused_query(message("sql.no_rows"))
        names = list(result.keys())
        yield as_batch(names, [])
        for rows in result.partitions(ROWS_PER_BATCH):
            if deadline.passed:
                raise Interrupted(too_slow(deadline.seconds))
            yield as_batch(names, rows)


def _begin(connection: Connection, seconds: float) -> None:
    """Start the one transaction: a snapshot, read-only where the server knows that, with its limits."""
    milliseconds = max(1, int(seconds * 1000))
    match connection.dialect.name:
        case "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            connection.execute(_POSTGRES_LIMITS, {"milliseconds": str(milliseconds)})
        case "mysql" | "mariadb":
            connection.execution_options(isolation_level="REPEATABLE READ")
            is_mariadb = getattr(connection.dialect, "is_mariadb", False)
            limit = (
                f"max_statement_time = {seconds}" if is_mariadb else f"max_execution_time = {milliseconds}"
            )
            connection.exec_driver_sql(f"set session {limit}")
            connection.exec_driver_sql("start transaction with consistent snapshot, read only")
        case "mssql":
            connection.execution_options(isolation_level="SNAPSHOT")
            connection.exec_driver_sql(f"set lock_timeout {milliseconds}")


class _Deadline:
    """The end of an attempt: the socket to a PostgreSQL server is shut then, and a wait for it fails."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._line: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._line:
            self._line.close()

    def watch(self, driver_connection: Any, _record: object) -> None:
        """Shut the socket of this connection in time, if its driver shows it (psycopg does)."""
        if hasattr(driver_connection, "fileno"):
            # a descriptor of our own: theirs may be closed, and its number taken, when the time comes
            self._line = socket.socket(fileno=os.dup(driver_connection.fileno()))

    def _pass(self) -> None:
        self.passed = True
        if self._line:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
