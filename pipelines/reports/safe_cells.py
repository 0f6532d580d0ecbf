"""Cells that others wrote, written so that they can do nothing: no formula, link or markup lives on.

Put here: one value into one cell. Keep out: where it stands, and what is said of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.messages import say
from pipelines.readers.documents.grids import Cell

WORKBOOK_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
"""Options under which XlsxWriter takes a text for a text."""

LONGEST = 32_767
"""The most characters that a cell holds."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FIRST_DAY = date(1900, 1, 1)


def write_cell(
    page: Worksheet, row: int, column: int, cell: Cell, look_of: Callable[[str], Format], *, is_percent: bool
) -> None:
    """Write one value as what it is. ``look_of`` gives the format of a kind of value: ``text``, ``quoted``
    (a text that a spreadsheet would take for a formula), ``whole``, ``fraction``, ``percent``,
    ``percent_fraction``, ``date``, ``time``.
    """
    if isinstance(cell, date) and (cell.date() if isinstance(cell, datetime) else cell) >= _FIRST_DAY:
        page.write_datetime(row, column, cell, look_of("time" if isinstance(cell, datetime) else "date"))
    elif isinstance(cell, bool):
        page.write_boolean(row, column, cell, look_of("text"))
    elif isinstance(cell, float) and math.isfinite(cell):
        page.write_number(row, column, cell, look_of(_kind(cell, is_percent)))
    elif cell is None or cell == "":
        page.write_blank(row, column, None, look_of("text"))
    else:
        text = cell.isoformat() if isinstance(cell, date) else str(cell)
        page.write_string(
            row, column, safe_text(text), look_of("quoted" if text.startswith(_STARTS_FORMULA) else "text")
        )


def _kind(number: float, is_percent: bool) -> str:
    # a format with optional decimals would show a whole number with a bare point
    if is_percent:
        return "percent" if (number * 100).is_integer() else "percent_fraction"
    return "whole" if number.is_integer() else "fraction"


def safe_text(text: str, longest: int = LONGEST) -> str:
    """A text that XML can hold, of at most ``longest`` characters; a cut is told."""
    text = _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    # XlsxWriter takes a text between these tags for markup that it wrote itself
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "
    cut = f" … [{say('form.cut')}]"
    return text if len(text) <= longest else text[: longest - len(cut)] + cut
