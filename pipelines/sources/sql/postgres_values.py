"""Values of PostgreSQL that Python has no type for: each comes as the text that the server gives it.

Known quirks: ``infinity`` and days after the year 9999 are no dates in Python, and a database in SQL_ASCII
holds bytes of any encoding. psycopg ends the whole query at the first of them.

Put here: loaders of psycopg. Keep out: sessions (``server``), values to text (``batches``).
"""

from __future__ import annotations

from typing import Any

from psycopg import DataError
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types import datetime

from pipelines.submissions.encodings import decoded

_TEXTS = ("text", "varchar", "bpchar", "name")
_MOMENTS: dict[str, type[Loader]] = {
    "date": datetime.DateLoader,
    "time": datetime.TimeLoader,
    "timetz": datetime.TimetzLoader,
    "timestamp": datetime.TimestampLoader,
    "timestamptz": datetime.TimestamptzLoader,
    "interval": datetime.IntervalLoader,
}


def take_every_value(connection: Any, _record: object) -> None:
    """Let a connection of psycopg give every value."""
    for name, base in _MOMENTS.items():
        connection.adapters.register_loader(name, _or_text(base))
    if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
        # in UTF-8 the server itself refuses what is none
        connection.execute("set client_encoding to sql_ascii")
        connection.commit()
        for name in _TEXTS:
            connection.adapters.register_loader(name, _AnyText)


class _AnyText(Loader):
    def load(self, data: Buffer) -> str:
        return decoded(bytes(data))


def _or_text(base: type[Loader]) -> type[Loader]:
    class OrText(base):  # type: ignore[valid-type, misc]
        def load(self, data: Buffer) -> Any:
            try:
                return super().load(data)
            except DataError:
                return decoded(bytes(data))

    return OrText
