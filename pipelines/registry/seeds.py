"""The seed tables as Python reads them: the CSV files of ``dbt_project/seeds``, the one registry.

Put here: finding and reading a seed, turning a cell into a typed value, the error with file and line.
Keep out: what a table means (a module each).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from pipelines.errors import ConfigurationError

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
"""The folder of the repository; every reader of the registry takes another one as an argument."""

Value = TypeVar("Value")


class RegistryError(ConfigurationError):
    """A seed is not as it must be; the message names file, line and column or code."""


@dataclass(frozen=True, slots=True)
class SeedRow:
    """One row of a seed as text, with the line it ends on. An empty cell reads as absent."""

    file: str
    line: int
    cells: dict[str, str]

    def error(self, message: str) -> RegistryError:
        """An error that names the place of this row."""
        return RegistryError(f"{self.file}:{self.line}: {message}")

    def optional(self, column: str) -> str | None:
        """The text of a cell, or ``None`` where it is empty."""
        if column not in self.cells:
            raise self.error(f"no column {column!r}")
        return self.cells[column] or None

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
        """``true`` or ``false``, and nothing else."""
        return self.choice(column, ("true", "false")) == "true"

    def choice(self, column: str, allowed: tuple[str, ...]) -> str:
        """One of the ``allowed`` words."""
        value = self.text(column)
        if value not in allowed:
            raise self.error(f"{column}: {value!r} is not one of {', '.join(allowed)}")
        return value


def read_seed(name: str, folder: Path = SEEDS) -> Iterator[SeedRow]:
    """The rows of ``<folder>/<name>.csv`` in file order.

    Raises:
        RegistryError: there is no such file, or a row has not as many cells as the header.
    """
    path = folder / f"{name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            for cells in reader:
                if len(cells) != len(header):
                    raise RegistryError(
                        f"{path.name}:{reader.line_num}: {len(cells)} cells under a header of {len(header)}"
                    )
                yield SeedRow(path.name, reader.line_num, dict(zip(header, cells, strict=True)))
    except FileNotFoundError as error:
        raise RegistryError(f"no seed {path.name} in {folder}") from error
