"""How a feedback workbook looks: colours, formats, print.

Put here: formats and page set-up. Keep out: what stands in the cells.
"""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

FATAL, WARNING, INFO = "fatal", "warning", "info"
COLOURS = {FATAL: "#F4B6B6", WARNING: "#FFE08A", INFO: "#CFE3F5"}
"""The fill of a cell with a finding, by severity."""

ROW_COLOURS = {FATAL: "#FCE9E9", WARNING: "#FFF7DC", INFO: "#EDF5FC"}
"""The fill of the other cells of its row, where a finding is about a row."""

INK, PAPER, LINE, FAINT, ALARM = "#1F3864", "#FFFFFF", "#BFBFBF", "#7F7F7F", "#A10D0D"
_NUMBER_FORMATS = {
    "whole": "#,##0",
    "fraction": "#,##0.0#####",
    "percent": "0%",
    "percent_fraction": "0.0###%",
    "date": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm",
}


class FeedbackLook:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._of_values: dict[tuple[str, str | None, bool, bool], Format] = {}

    def of(self, **properties: Any) -> Format:
        """A format with these properties over the plain one."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            plain = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
            self._made[key] = self._book.add_format(plain | properties)
        return self._made[key]

    def of_value(self, kind: str, colour: str | None, *, is_label: bool, is_table: bool) -> Format:
        """The format of a sender's cell; kinds as ``write_cell`` has them."""
        key = (kind, colour, is_label, is_table)
        if key not in self._of_values:
            self._of_values[key] = self.of(**_of_value(*key))
        return self._of_values[key]


def _of_value(kind: str, colour: str | None, is_label: bool, is_table: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {"quote_prefix": True} if kind == "quoted" else {}
    if kind in _NUMBER_FORMATS:
        properties["num_format"] = _NUMBER_FORMATS[kind]
    elif is_table:  # titles above a table run on over their neighbours, as they did in the form
        properties["text_wrap"] = True
    if colour or is_table:
        properties |= {"border": 1, "border_color": LINE}
    if colour:
        properties["bg_color"] = colour
    elif is_label:
        properties |= {"bold": True, "font_color": PAPER, "bg_color": INK}
    return properties


def lay_out_for_print(page: Worksheet, footer: str, header_row: int | None = None, notice: str = "") -> None:
    """A4 landscape, as wide as the paper, the labels again on each page, and over it the notice."""
    if notice:
        page.set_header(f"&C&B{notice}")
    page.set_landscape()
    page.set_paper(9)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.fit_to_pages(1, 0)
    # an ampersand starts a code in a footer
    page.set_footer(f"&L&8{footer.replace('&', '&&')}&R&8&P / &N")
    if header_row is not None:
        page.repeat_rows(header_row)
        page.freeze_panes(header_row + 1, 0)
