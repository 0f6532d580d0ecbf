"""A session with the database: statements, rows by COPY, one transaction; errors in one class.

The driver (ADBC) copies Arrow batches as they are. It maps columns by name and does not check types: whoever
copies has compared them before (``tables``).

Put here: the driver. Keep out: what is said through it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import adbc_driver_manager
import pyarrow as pa
from adbc_driver_postgresql import dbapi

from pipelines.errors import UnavailableError
from pipelines.publish.postgres.address import Address

_LOCKED = "55P03"
_PASSING = ("08", "40", "53", _LOCKED, "57P")
"""Classes of SQLSTATE that another attempt may fix: line, conflict, resources, lock, shutdown."""
_NEVER = ("authentication failed", "no password supplied", "no pg_hba.conf entry", "does not exist")


class PostgresFailed(UnavailableError):
    """The database refused, or was not there. It holds what it held before; nothing of the load stays.

    ``may_pass``: another attempt may succeed; ``was_locked``: the same session may try again.
    """

    def __init__(self, message: str, may_pass: bool = False, was_locked: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass
        self.was_locked = was_locked


class Session:
    """One connection. Outside of ``transaction`` each statement is one of its own."""

    def __init__(self, address: Address) -> None:
        """Connect.

        Raises:
            PostgresFailed: the server refuses, or cannot be reached.
        """
        self._address = address
        with self._clear_errors():
            self._connection = dbapi.connect(address.uri, autocommit=True)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        # closing ends the transaction too, if one is open: what is not committed was never there
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing."""
        # of the driver below: the connection itself believes what it was told when it was made
        driver = self._connection.adbc_connection
        with self._clear_errors():
            driver.set_autocommit(False)
            try:
                yield
                driver.commit()
            except BaseException:
                self._back_out()
                raise
            driver.set_autocommit(True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._clear_errors(), self._connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def run(self, statements: Sequence[str]) -> None:
        """Statements in their order, in one exchange with the server."""
        if not statements:
            return
        body = "\n".join(f"{statement};" for statement in statements)
        mark = "$spm_run$"
        while mark in body:  # a text among the literals must not end the block
            mark = f"{mark[:-1]}_$"
        with self._clear_errors(), self._connection.cursor() as cursor:
            cursor.execute(f"do {mark} begin\n{body}\nend {mark}")

    def alone(self, statement: str) -> None:
        """A statement that no transaction may hold."""
        with self._clear_errors(), self._connection.cursor() as cursor:
            cursor.execute(statement)

    def copy(self, schema: str, table: str, rows: pa.RecordBatchReader) -> int:
        """COPY into a table by the names of the columns; how many rows."""
        with self._clear_errors(), self._connection.cursor() as cursor:
            return int(cursor.adbc_ingest(table, rows, mode="append", db_schema_name=schema))

    def _back_out(self) -> None:
        driver = self._connection.adbc_connection
        try:
            driver.rollback()
            driver.set_autocommit(True)
        except adbc_driver_manager.Error:
            pass  # the line is cut: the server has backed out by itself

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except adbc_driver_manager.Error as error:
            raise self._failed(error) from None

    def _failed(self, error: adbc_driver_manager.Error) -> PostgresFailed:
        said = self._address.without_secrets(_cause(error))
        state = (error.sqlstate or "").strip("\0")
        may_pass = state.startswith(_PASSING) if state else not any(text in said for text in _NEVER)
        if state.startswith(("53100", "53400")):
            may_pass = False
        return PostgresFailed(f"{self._address.place}: {said}", may_pass, state == _LOCKED)


def _cause(error: adbc_driver_manager.Error) -> str:
    """What the server or the line said, without the statement, in one line."""
    said = " ".join(str(error).split()).partition(". SQLSTATE")[0].strip()
    found = re.search(r"(?:ERROR|FATAL|PANIC): (.*?)(?= LINE \d+:| QUERY: | CONTEXT: |$)", said)
    return found[1].strip() if found else said.partition("[libpq] ")[2] or said


def identifier(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"
