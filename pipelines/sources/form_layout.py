"""The layouts of the Excel form that the reader knows: sheets, labels, choices, by form version.

Source: seeds ``forms``, ``form_sheets``, ``form_columns``. A new version of the form is new rows there.

Put here: what the reader must find on a sheet. Keep out: how a form looks (``reports``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipelines.registry.seeds import SEEDS, SeedRow, read_seed

OPTIONAL_FIELDS = frozenset({"service_name", "item_name", "unit", "note", "form_id", "submitted_at"})
"""Fields whose column may be absent from a sheet: nothing that is scored hangs on them."""


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """One sheet: its rows' record and sector (empty: the rows say it), and its label, folded, of each field.

    ``header_row`` counts as Excel does. ``choices`` holds, per field, folded label to code.
    """

    name: str
    record: str
    sector: str
    header_row: int
    labels: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]

    @property
    def required(self) -> frozenset[str]:
        """Fields without whose column the sheet cannot be read."""
        return frozenset(self.labels.values()) - OPTIONAL_FIELDS


@lru_cache(maxsize=4096)
def folded(label: str) -> str:
    """A label as it is compared: no case, no line breaks, no star or colon at its end."""
    return " ".join(label.split()).rstrip("*: ").casefold()


@lru_cache
def layouts(folder: Path = SEEDS) -> dict[str, tuple[SheetLayout, ...]]:
    """The sheets of every form version in the registry.

    Raises:
        RegistryError: a sheet belongs to no form version, or has no columns.
    """
    found: dict[str, list[SheetLayout]] = {row.text("form_version"): [] for row in read_seed("forms", folder)}
    columns: dict[tuple[str, str], list[SeedRow]] = {}
    for row in read_seed("form_columns", folder):
        columns.setdefault((row.text("form_version"), row.text("record")), []).append(row)
    for row in read_seed("form_sheets", folder):
        version, record = row.text("form_version"), row.text("record")
        if version not in found or (version, record) not in columns:
            raise row.error(f"{version} / {record} is not in forms.csv or form_columns.csv")
        found[version].append(_sheet(row, columns[version, record]))
    return {version: tuple(sheets) for version, sheets in found.items()}


def _sheet(row: SeedRow, columns: list[SeedRow]) -> SheetLayout:
    return SheetLayout(
        name=row.text("sheet_name"),
        record=row.text("record"),
        sector=row.optional("sector_code") or "",
        header_row=row.parsed("header_row", int),
        labels={folded(column.text("label_id")): column.text("field") for column in columns},
        choices={
            column.text("field"): column.parsed("choices", _choices)
            for column in columns
            if column.optional("choices")
        },
    )


def _choices(text: str) -> dict[str, str]:
    pairs = (choice.split("=", 1) for choice in text.split("|"))
    return {folded(label): code for code, label in pairs}
