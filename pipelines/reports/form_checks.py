"""What a form checks while it is filled in, and what it counts: lists, numbers, rows filled of rows owed.

Lists that are too long for a cell's own rule stand on a hidden sheet, under names. A check stops what is
typed, never what the form was handed out with.

Put here: rules of cells and their formulas. Keep out: formats (``form_layout``), values (``form``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from pipelines.messages import message
from pipelines.registry.catalogue import counted_units
from pipelines.registry.forms import LISTS, FormColumn, FormSheet
from pipelines.registry.nothing_words import words_for

Row = Mapping[str, str | None]
_LONGEST_LIST = 255
"""The most characters of a list that stands in the rule of a cell."""
_COUNTED, _NOTHING, _NOBODY = "satuan_utuh", "kata_kosong", "kata_tidak_berlaku"
_OWED = ("achievement", "budget", "stage")
_NUMBERS = ("target", "realised")


class FormChecks:
    """The checks of one form; ``write_lists`` writes what they refer to, after the other sheets."""

    def __init__(self) -> None:
        self._lists: dict[str, Sequence[str]] = {
            _COUNTED: counted_units(),
            _NOTHING: words_for(),
            _NOBODY: words_for("not_applicable"),
        }

    def of_column(self, sheet: FormSheet, at: int) -> dict[str, Any] | None:
        """The rule of the cells below a label, in the terms of XlsxWriter; none where any text may stand."""
        column = sheet.columns[at]
        if column.choices:
            return self.of_choices(column, may_be_other=(sheet.record, column.field) == ("problem", "item"))
        return _number(sheet, at) if column.field in _NUMBERS else None

    def of_choices(self, column: FormColumn, *, may_be_other: bool = False) -> dict[str, Any]:
        """A list of what a column offers; ``may_be_other``: another text is asked about, not refused."""
        offered = list(column.choices.values())
        source: Sequence[str] | str = offered
        if any("," in label for label in offered) or len(",".join(offered)) > _LONGEST_LIST:
            name = f"pilihan_{column.field}"
            self._lists[name] = offered
            source = f"={name}"
        return {
            "validate": "list",
            "source": source,
            "error_type": "warning" if may_be_other else "stop",
            "error_title": column.label,
            "error_message": message("form.check_list").indonesian,
        }

    def write_lists(self, book: Workbook) -> None:
        """Write the hidden sheet of lists, a column and a name each."""
        page = book.add_worksheet(LISTS)
        for at, (name, words) in enumerate(sorted(self._lists.items())):
            for row, word in enumerate(words):
                page.write_string(row, at, word)
            first, last = (xl_rowcol_to_cell(row, at, True, True) for row in (0, len(words) - 1))
            book.define_name(name, f"={LISTS}!{first}:{last}")
        page.hide()
        page.protect()


def _number(sheet: FormSheet, at: int) -> dict[str, Any]:
    """0 or more, whole where things are counted, or a word that says that there is no number."""
    row = sheet.header_row
    cell = {column.field: xl_rowcol_to_cell(row, place) for place, column in enumerate(sheet.columns)}
    own, unit = xl_rowcol_to_cell(row, at), cell["unit"]
    is_counted = f"COUNTIF({_COUNTED},{unit})>0"
    if sheet.record == "achievement":
        # recipients and items of the catalogue are counted where no unit is written
        (recipients,) = (one.choices["recipients"] for one in sheet.columns if one.field == "component")
        of_catalogue = f'OR({cell["item"]}<>"",{cell["component"]}="{recipients}")'
        is_counted = f'OR({is_counted},AND({unit}="",{of_catalogue}))'
    is_number = f"AND(ISNUMBER({own}),{own}>=0,OR({own}=INT({own}),NOT({is_counted})))"
    return {
        "validate": "custom",
        "value": f"=OR({is_number},COUNTIF({_NOTHING},{own})>0)",
        "error_title": sheet.columns[at].label,
        "error_message": message("form.check_number").indonesian,
    }


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows filled of rows owed: the formula that counts the filled ones, without its equals sign, their
    number now, and how many are owed."""

    formula: str
    now: int
    owed: int

    @classmethod
    def of_all(cls, parts: Sequence[Progress]) -> Progress:
        """All sheets together."""
        formula = "+".join(part.formula for part in parts)
        return cls(formula, sum(part.now for part in parts), sum(part.owed for part in parts))

    def shown(self, before: str = "") -> tuple[str, str]:
        """A formula that says it in words, and what it says now."""
        between, ending = f" {message('form.progress_of').indonesian} {self.owed} (", " %)"
        percent = f"ROUNDDOWN(100*({self.formula})/{self.owed},0)"
        words = f'="{before}"&{self.formula}&"{between}"&{percent}&"{ending}"'
        return words, f"{before}{self.now}{between}{100 * self.now // self.owed}{ending}"


def progress(sheet: FormSheet, rows: Sequence[Row]) -> Progress | None:
    """How far a sheet with the given rows is filled in; ``None`` where it owes no rows.

    A row is filled in when it has a result, or when its target says that nobody is owed anything.
    """
    if sheet.record not in _OWED or not rows:
        return None
    first, last = sheet.header_row, sheet.header_row + len(rows) - 1
    at = {column.field: place for place, column in enumerate(sheet.columns)}
    target, realised = (
        f"'{sheet.name}'!{xl_rowcol_to_cell(first, at[field], True, True)}"
        f":{xl_rowcol_to_cell(last, at[field], True, True)}"
        for field in _NUMBERS
    )
    formula = f'SUMPRODUCT(--((({realised}<>"")+(COUNTIF({_NOBODY},{target})>0))>0))'
    nobody = {word.casefold() for word in words_for("not_applicable")}
    now = sum(bool(row.get("realised")) or (row.get("target") or "").casefold() in nobody for row in rows)
    return Progress(formula, now, len(rows))
