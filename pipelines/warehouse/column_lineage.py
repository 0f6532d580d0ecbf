"""From which columns of which tables each column of a model is made, read from the compiled SQL.

It is computed once after the project was compiled (``make setup``) and read from then on: no run waits.
What cannot be traced is said to be so: a wrong origin is worse than none.

Put here: tracing, reading, walking back to what a run starts from. Keep out: showing it.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.errors import ConfigurationError
from pipelines.messages import say
from pipelines.storage.whole_files import write_whole
from pipelines.warehouse import compiled, dbt, registry_file
from pipelines.warehouse.compiled import CompiledModel
from pipelines.warehouse.work_file import make_work_file

if TYPE_CHECKING:
    from sqlglot import exp

DIALECT = "duckdb"
_NAME = "column-lineage"


class UnknownColumnError(ConfigurationError):
    """There is no such table, or it has no such column; the message names what there is."""


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """One column of a table in a work file."""

    schema: str
    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}.{self.name}"


@dataclass(frozen=True, slots=True)
class Lineage:
    """For each column of each model, by names, the columns that it is made from.

    None where that cannot be traced; nothing where it is made of no column: a constant, a count of rows.
    """

    made_from: Mapping[str, Mapping[str, Sequence[Column] | None]]

    def of(self, table: str, name: str) -> Sequence[Column] | None:
        """The columns that a column is made from at once.

        Raises:
            UnknownColumnError: there is none of that name.
        """
        if table not in self.made_from:
            raise UnknownColumnError(
                say("lineage.no_table", at=table, tables=", ".join(sorted(self.made_from)))
            )
        if name not in self.made_from[table]:
            listed = ", ".join(self.made_from[table])
            raise UnknownColumnError(say("lineage.no_column", at=f"{table}.{name}", columns=listed))
        return self.made_from[table][name]

    def origins(self, table: str, name: str) -> tuple[list[Column], list[Column]]:
        """What a column comes from in the end: columns of the registry, of landed rows and of the release
        before; and, apart, columns of models that cannot be traced further.

        Raises:
            UnknownColumnError: there is none of that name.
        """
        found, lost, seen = set[Column](), set[Column](), set[Column]()
        waiting = [Column("", table, name)]
        while waiting:
            column = waiting.pop()
            if column in seen:
                continue
            seen.add(column)
            # a table of the release before has the name of the one that is made
            if column.schema in _STARTS or column.table not in self.made_from:
                found.add(column)
            elif (parents := self.of(column.table, column.name)) is None:
                lost.add(column)
            else:
                waiting += parents
        return sorted(found), sorted(lost)

    def to_json(self) -> str:
        """As it is kept."""
        said = {
            table: {
                name: None if parents is None else [str(parent) for parent in parents]
                for name, parents in columns.items()
            }
            for table, columns in self.made_from.items()
        }
        return json.dumps(said, indent=0)

    @classmethod
    def from_json(cls, text: str) -> Lineage:
        """What was kept."""
        said = json.loads(text)
        return cls(
            {
                table: {
                    name: None if parents is None else [Column(*parent.split(".", 2)) for parent in parents]
                    for name, parents in columns.items()
                }
                for table, columns in said.items()
            }
        )


_STARTS = {"raw", "published", "registry"}


def kept() -> Lineage | None:
    """The lineage of the project as it stands; none where nobody computed it yet."""
    path = _place()
    return Lineage.from_json(path.read_text(encoding="utf-8")) if path.exists() else None


def ensure(threads: int, memory_limit: str) -> Lineage:
    """The same, computed and kept where it is not there yet: some seconds."""
    if (found := kept()) is not None:
        return found
    models = compiled.project(threads, memory_limit).models
    path = _place()
    with tempfile.TemporaryDirectory() as folder:
        work_file = Path(folder) / dbt.WORK_FILE_NAME
        registry = registry_file.ensure(threads, memory_limit)
        make_work_file(work_file, registry, Path(folder) / "landing", [], None)
        with duckdb.connect(str(work_file)) as connection:
            found = trace(connection, models)
    for stale in path.parent.glob(f"{_NAME}-*.json"):
        stale.unlink(missing_ok=True)
    write_whole(path, found.to_json().encode(), flushed=False)
    return found


def _place() -> Path:
    # beside the compiled project, and of the same files
    of_project = compiled.place().stem.partition("-")[2]
    return dbt.TARGET_DIR / f"{_NAME}-{of_project}.json"


def trace(connection: duckdb.DuckDBPyConnection, models: Sequence[CompiledModel]) -> Lineage:
    """Trace each column of ``models``, in the order of their dependencies.

    ``connection`` is to a work file for which nothing was received, without a model: they are made there, so
    that the columns of each are those that DuckDB sees.
    """
    from sqlglot import exp
    from sqlglot.schema import MappingSchema

    # what it cannot traverse is not traced, and said to be so
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    schema = MappingSchema(dialect=DIALECT)
    [(catalog,)] = connection.execute("select current_database()").fetchall()
    columns: dict[tuple[str, str], list[str]] = {}
    listed = connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() order by column_index"
    )
    for at, table, name in listed.fetchall():
        columns.setdefault((at, table), []).append(name)
    for (at, table), names in columns.items():
        schema.add_table(exp.table_(table, at, catalog), dict.fromkeys(names, "unknown"), DIALECT)
    made_from: dict[str, Mapping[str, Sequence[Column] | None]] = {}
    for model in models:
        connection.execute(f"create schema if not exists {model.schema}")
        relation = f'{model.schema}."{model.name}"'
        # of no row, so that it costs nothing; as a view it would be bound again in each view that reads it
        connection.execute(f"create table {relation} as {model.sql}")
        described = connection.execute(f"describe {relation}").fetchall()
        names = columns[model.schema, model.name] = list(model.columns) or [name for name, *_ in described]
        schema.add_table(
            exp.table_(model.name, model.schema, catalog), dict.fromkeys(names, "unknown"), DIALECT
        )
        made_from[model.name] = _of_model(model.sql, names, schema, columns)
    return Lineage(made_from)


def _of_model(
    sql: str, names: Sequence[str], schema: Any, columns: Mapping[tuple[str, str], Sequence[str]]
) -> dict[str, Sequence[Column] | None]:
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    try:
        parsed = parse_one(sql, dialect=DIALECT)
        for table in list(_unpivoted(parsed)):
            _spell_out(table, columns)
        query = qualify(parsed, schema=schema, dialect=DIALECT)
        _align_unions(query)
        scope = build_scope(query)
    except SqlglotError:
        return dict.fromkeys(names, None)
    # names of DuckDB have no case, and sqlglot makes them small
    if (
        scope is None
        or not isinstance(query, exp.Query)
        or set(query.named_selects) != {name.lower() for name in names}
    ):
        return dict.fromkeys(names, None)
    return {name: _of_column(name.lower(), query, schema, scope, columns) for name in names}


def _of_column(
    name: str,
    query: exp.Expr,
    schema: Any,
    scope: Any,
    columns: Mapping[tuple[str, str], Sequence[str]],
) -> Sequence[Column] | None:
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage

    try:
        tree = lineage(
            name, query, schema=schema, dialect=DIALECT, scope=scope, copy=False, trim_selects=False
        )
    except SqlglotError:
        return None
    found = set()
    for node in tree.walk():
        if node.downstream:
            continue
        table = node.expression
        if isinstance(table, exp.Table):
            small = node.name.rpartition(".")[2].strip('"')
            there = {name.lower(): name for name in columns.get((table.db, table.name), ())}
            if small not in there:
                return None
            found.add(Column(table.db, table.name, there[small]))
        elif node.expression.find(exp.Column):
            return None  # it ends at a column of nothing that has a name
    return sorted(found)


def _unpivoted(query: exp.Expr) -> Iterator[exp.Table]:
    from sqlglot import exp

    for table in query.find_all(exp.Table):
        pivots = table.args.get("pivots") or []
        if any(pivot.args.get("unpivot") for pivot in pivots):
            yield table


def _spell_out(table: exp.Table, columns: Mapping[tuple[str, str], Sequence[str]]) -> None:
    """``t unpivot (value for name in (columns('re')))`` as what it is made of: a query over ``t`` whose
    ``value`` is made from each of those columns."""
    from sqlglot import exp, parse_one

    (pivot,) = table.args["pivots"]
    (field,) = pivot.args["fields"]
    taken = set[str]()
    every = columns[table.db, table.name]
    for chosen in field.expressions:
        if isinstance(chosen, exp.Columns):
            pattern = re.compile(chosen.this.name)
            taken |= {name for name in every if pattern.search(name)}
        else:
            taken.add(chosen.name)
    (value,) = pivot.expressions
    rest = [f'"{name}"' for name in every if name not in taken]
    made = ", ".join(f'"{name}"' for name in every if name in taken)
    relation = exp.table_(table.name, table.db, table.catalog).sql(DIALECT)
    text = f'select {", ".join(rest)}, cast(null as varchar) as "{field.this.name}", '
    text += f'concat({made}) as "{value.name}" from {relation}'
    table.replace(
        exp.Subquery(
            this=parse_one(text, dialect=DIALECT), alias=pivot.args.get("alias") or table.args.get("alias")
        )
    )


def _align_unions(query: exp.Expr) -> None:
    """Give the sides of each ``union by name`` the same columns in the same order: lineage goes by place."""
    from sqlglot import exp

    for union in reversed(list(query.find_all(exp.SetOperation))):
        if not union.args.get("by_name"):
            continue
        sides = [union.this.unnest(), union.expression.unnest()]
        wanted = list(dict.fromkeys(name for side in sides for name in side.named_selects))
        for side in sides:
            for select in _selects(side):
                there = {one.alias_or_name: one for one in select.expressions}
                nothing = exp.Null()
                select.set(
                    "expressions",
                    [there.get(name) or exp.alias_(nothing.copy(), name) for name in wanted],
                )


def _selects(side: exp.Expression) -> Iterator[exp.Select]:
    from sqlglot import exp

    if isinstance(side, exp.SetOperation):
        yield from _selects(side.this.unnest())
        yield from _selects(side.expression.unnest())
    else:
        assert isinstance(side, exp.Select)
        yield side
