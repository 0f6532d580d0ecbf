"""The seed files as they are: rows of text, each with its file and line.

Put here: reading a CSV, turning a cell into a typed value, the error with its place.
Keep out: whether a file is in order (``seed_columns``, ``laws``), what a table means (a module each).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from pipelines.errors import ConfigurationError
from pipelines.messages import printable
from pipelines.settings import PROJECT_DIR

SEEDS = PROJECT_DIR / "dbt_project" / "seeds"
"""The folder of the repository; every reader of the registry takes another one as an argument."""

Value = TypeVar("Value")


class RegistryError(ConfigurationError):
    """A seed is not as it must be; the message is a line for each fault, with file, line and remedy."""


@dataclass(frozen=True, slots=True)
class SeedRow:
    """One row of a seed as text, with the line it ends on. An empty cell reads as absent."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """The text of a cell, which may be empty."""
        return self.cells[column]

    def fault(self, message: str) -> str:
        """A sentence on this row, with its place in front."""
        return f"{self.file}:{self.line}: {printable(message)}"

    def error(self, message: str) -> RegistryError:
        """An error that names the place of this row."""
        return RegistryError(self.fault(message))

    def optional(self, column: str) -> str | None:
        """The text of a cell, or ``None`` where it is empty."""
        return self[column] or None

    def text(self, column: str) -> str:
        """The text of a cell that must not be empty."""
        value = self.optional(column)
        if value is None:
            raise self.error(f"{column} is empty")
        return value

    def parsed(self, column: str, parse: Callable[[str], Value]) -> Value:
        """A cell that must not be empty, read by ``parse``; its ``ValueError`` gets the place."""
        text = self.text(column)
        try:
            return parse(text)
        except (ValueError, InvalidOperation) as error:
            raise self.error(f"{column}: cannot read {text!r} ({error or type(error).__name__})") from error

    def parsed_or_none(self, column: str, parse: Callable[[str], Value]) -> Value | None:
        """Like ``parsed``, with ``None`` for an empty cell."""
        return None if self.optional(column) is None else self.parsed(column, parse)

    def day(self, column: str) -> date | None:
        """A day (ISO 8601), or ``None`` where the cell is empty."""
        return self.parsed_or_none(column, date.fromisoformat)

    def decimal(self, column: str) -> Decimal:
        """An exact number."""
        return self.parsed(column, Decimal)

    def boolean(self, column: str) -> bool:
        """``true`` or ``false``."""
        return self.text(column) == "true"


def shown(path: Path) -> str:
    """The path of a seed file as an error names it: from the project's folder where it lies there."""
    return str(path.relative_to(PROJECT_DIR)) if path.is_relative_to(PROJECT_DIR) else str(path)


def rows_of(name: str, folder: Path = SEEDS) -> tuple[list[str], tuple[SeedRow, ...]]:
    """The header and the rows of ``<folder>/<name>.csv``, in file order.

    Raises:
        RegistryError: there is no such file, it is no UTF-8, or a row has not as many cells as the header.
    """
    path = folder / f"{name}.csv"
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise RegistryError(f"{shown(path)}: no such seed: restore the file") from error
    return rows_in(content, shown(path))


def rows_in(content: bytes, file: str) -> tuple[list[str], tuple[SeedRow, ...]]:
    """The header and the rows of a CSV that errors call ``file``.

    Raises:
        RegistryError: it is no UTF-8, or a row has not as many cells as the header.
    """
    try:
        text = io.StringIO(content.decode("utf-8"), newline="")
    except UnicodeDecodeError as error:
        raise RegistryError(f"{file}: not in UTF-8 ({error.reason}): save it as CSV UTF-8") from error
    reader = csv.reader(text)
    rows = []
    try:
        header = next(reader, [])
        for cells in reader:
            if len(cells) != len(header):
                raise RegistryError(
                    f"{file}:{reader.line_num}: {len(cells)} cells under a header of {len(header)}: put"
                    ' a text that contains a comma in "quotes", and write a comma for each empty cell'
                )
            rows.append(SeedRow(file, reader.line_num, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        raise RegistryError(
            f"{file}:{reader.line_num}: not a row of CSV ({error}): look for a quote that is not closed"
        ) from error
    return header, tuple(rows)


def header_faults(
    columns: Collection[str], header: Sequence[str], place: str, described_in: str
) -> Iterator[str]:
    """What is wrong with the header at ``place``, whose columns the YAML ``described_in`` gives."""
    if header and header[0].startswith("\ufeff"):
        yield f"{place}: the file begins with a byte order mark: save it as UTF-8 without BOM"
    elif len(header) == 1 and ";" in header[0]:
        yield f"{place}: the cells are separated by semicolons: save the file with commas"
    else:
        for name in columns:
            if name not in header:
                yield f"{place}: no column {name!r}: add it, as {described_in} describes it"
        for name in header:
            if name not in columns:
                yield f"{place}: column {name!r} is unknown: remove it, or describe it in {described_in}"
            elif header.count(name) > 1:
                yield f"{place}: column {name!r} occurs twice: remove one"
