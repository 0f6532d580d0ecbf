"""The versions of the Excel form: their sheets, labelled columns and choices.

Source: seeds ``forms``, ``form_sheets``, ``form_columns``. A new version of the form is new rows there.

Put here: what a form of a version holds. Keep out: how it looks (``reports``), where people move things
(``sources``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from pipelines.registry.catalogue import sectors
from pipelines.registry.home_rows import per_registry
from pipelines.registry.letters import legible
from pipelines.registry.seeds import SEEDS, SeedRow, read_seed

REFERENCE_FIELDS = frozenset({"last_target", "last_realised", "last_period"})
"""What was accepted last, shown beside the cells to fill in; a reader never takes it for a value."""

SECTORS = "sectors"
"""What the choices of a column say that offers the sectors by their names."""

LISTS = "Daftar"
"""The hidden sheet of a form with what its drop-downs offer and its checks allow; no row stands on it."""

_UNSCORED = frozenset(
    {"service_name", "item_name", "unit", "note", "form_id", "submitted_at", "closes_on", "role", "office"}
)


@dataclass(frozen=True)
class FormColumn:
    """One labelled column (on the sheet of the identity: cell).

    ``field`` is the input column that it fills, or one of ``REFERENCE_FIELDS``. ``choices`` holds the label
    shown for each code; empty where the cell takes any text.
    """

    field: str
    label: str
    choices: Mapping[str, str]

    @property
    def is_value(self) -> bool:
        """Whether a region enters a number here."""
        return self.field in ("target", "realised")

    @cached_property
    def codes(self) -> dict[str, str]:
        """The code that each choice means, by its ``folded`` label."""
        return {folded(label): code for code, label in self.choices.items()}


@dataclass(frozen=True)
class FormSheet:
    """One sheet; ``header_row`` counts as Excel does, ``sector`` is empty where the rows name it."""

    name: str
    record: str
    sector: str
    header_row: int
    columns: tuple[FormColumn, ...]

    @cached_property
    def fields(self) -> frozenset[str]:
        """The fields of its columns."""
        return frozenset(column.field for column in self.columns)

    @cached_property
    def labels(self) -> dict[str, str]:
        """The field of each label, by its ``folded`` text."""
        return {folded(column.label): column.field for column in self.columns}

    @cached_property
    def required(self) -> frozenset[str]:
        """Fields without whose column the sheet cannot be read: those that a score hangs on."""
        return self.fields - _UNSCORED - REFERENCE_FIELDS


@dataclass(frozen=True)
class FormVersion:
    """One version of the form; the current one is handed out, the others are still read."""

    form_version: str
    is_current: bool
    sheets: tuple[FormSheet, ...]

    @cached_property
    def is_guided(self) -> bool:
        """Whether it names its deadline; such a form checks numbers while they are typed and counts them."""
        return any("closes_on" in sheet.fields for sheet in self.sheets)


@lru_cache(maxsize=4096)
def folded(label: str) -> str:
    """A label as it is compared: no case, no line breaks, no star or colon at its end."""
    return " ".join(legible(label).split()).rstrip("*: ").casefold()


@per_registry
def forms(folder: Path = SEEDS) -> dict[str, FormVersion]:
    """Every version of the form, in the order of the file.

    Raises:
        RegistryError: the tables are not in order.
    """
    sheets = _sheets(folder)
    return {
        row.text("form_version"): FormVersion(
            form_version=row.text("form_version"),
            is_current=row.text("status") == "current",
            sheets=tuple(sheets[row.text("form_version")]),
        )
        for row in read_seed("forms", folder)
    }


def current_form(folder: Path = SEEDS) -> FormVersion:
    """The version that is handed out, whichever period is reported on it."""
    return next(version for version in forms(folder).values() if version.is_current)


def _sheets(folder: Path) -> dict[str, list[FormSheet]]:
    columns: dict[tuple[str, str], list[SeedRow]] = defaultdict(list)
    for row in read_seed("form_columns", folder):
        columns[row.text("form_version"), row.text("record")].append(row)
    found: dict[str, list[FormSheet]] = defaultdict(list)
    for row in read_seed("form_sheets", folder):
        version, record = row.text("form_version"), row.text("record")
        own = sorted(columns[version, record], key=lambda column: column.parsed("sort_order", int))
        sheet = FormSheet(
            name=row.text("sheet_name"),
            record=record,
            sector=row.optional("sector_code") or "",
            header_row=row.parsed("header_row", int),
            columns=tuple(_column(column, folder) for column in own),
        )
        found[version].append(sheet)
    return found


def _column(row: SeedRow, folder: Path) -> FormColumn:
    if row.optional("choices") == SECTORS:
        choices = {sector.sector_code: sector.name_id for sector in sectors(folder)}
    else:
        choices = row.parsed_or_none("choices", _choices) or {}
    return FormColumn(row.text("field"), row.text("label_id"), choices)


def _choices(text: str) -> dict[str, str]:
    return dict(choice.split("=", 1) for choice in text.split("|"))
