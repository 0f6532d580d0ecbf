"""The registry of a run in its work file: the seeds as dbt loaded them, and what is laid over them.

Both readers take the rows from one place: what Python reads (``registry.seeds``) is what dbt's models find.

Put here: writing those rows. Keep out: reading and merging them (``registry.home_rows``), the seeds' own file
(``registry_file``).
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from pipelines.registry.home_rows import in_use
from pipelines.registry.periods import listed_until
from pipelines.registry.seed_columns import described
from pipelines.registry.seeds import SeedRow, read_seed


def lay_over(connection: duckdb.DuckDBPyConnection, last_year: int) -> None:
    """Lay the rows of the home in use over the seeds, and add the quarters until ``last_year``.

    Raises:
        RegistryError: a row is not in order; a line for each fault, with file, line and remedy.
    """
    own = in_use()
    for name in own.files if own else ():
        connection.execute(f"delete from registry.{name}")
        _insert(connection, name, read_seed(name))
    listed = listed_until()
    _insert(
        connection, "periods", (row for row in read_seed("periods") if listed < int(row["year"]) <= last_year)
    )


def _insert(connection: duckdb.DuckDBPyConnection, name: str, rows: Iterable[SeedRow]) -> None:
    columns = list(described(name).columns)
    values = [[row[column] or None for column in columns] for row in rows]
    if values:
        places = ", ".join("?" for _ in columns)
        connection.executemany(
            f"insert into registry.{name} ({', '.join(columns)}) values ({places})", values
        )
