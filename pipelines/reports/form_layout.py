"""How the Excel form looks to an officer, and what it lets them change.

Put here: formats, widths, protection, print, the guide. Keep out: sheets and labels (``registry.forms``),
what stands in which cell (``form``), lists and checks of what is typed (``form_checks``).
"""

from __future__ import annotations

from math import ceil
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from pipelines.registry import catalogue
from pipelines.registry.forms import REFERENCE_FIELDS, FormColumn, FormSheet
from pipelines.reports.form_checks import FormChecks
from pipelines.submissions.demo_mark import marked_notice

LINE_HEIGHT = 13.5
"""Points of one line of text."""

BLANK_ROWS = 10
"""Ruled rows below the given ones, for what the form did not foresee."""

GUIDE = (
    "Cara mengisi",
    "1. Isi sel putih saja. Sel abu-abu berisi kode, nama, dan nilai terakhir yang sudah diterima; biarkan "
    "apa adanya.",
    "2. Target adalah jumlah yang berhak atau dibutuhkan dalam setahun. Realisasi adalah jumlah yang "
    "terlayani atau tersedia sejak Januari sampai akhir triwulan ini.",
    "3. Nol berarti nol. Bila data belum ada, biarkan kosong atau tulis na. Bila tidak ada yang berhak, "
    "tulis tidak ada pada Target.",
    "4. Tulis angka tanpa titik ribuan dan tanpa satuan, misalnya 1250 atau 98,5.",
    "5. Indikator yang belum tercantum ditulis pada baris kosong di bawah tabel, dengan kode layanan dan "
    "komponennya.",
    "6. Jangan tulis nama orang atau NIK pada catatan dan uraian masalah.",
    "7. Jangan menghapus lembar. Lembar yang tidak diisi dibiarkan kosong.",
    "8. Sel putih yang sudah terisi berasal dari laporan terakhir daerah pada tahun yang sama. Periksa dan "
    "perbaiki bila perlu.",
)

GUIDE_OF_CHECKS = (
    *GUIDE,
    "9. Bidang, komponen, tahapan, dan kategori masalah dipilih dari daftar di selnya. Angka diperiksa saat "
    "diketik: 0 atau lebih, dan bulat untuk yang dihitung satu-satu.",
    "10. Jabatan dan unit kerja pengisi cukup untuk menghubungi kembali; jangan tulis nama atau nomor "
    "telepon.",
)

_WIDTHS = {
    "record": 16,
    "sector": 18,
    "service": 14,
    "service_name": 38,
    "component": 22,
    "item": 18,
    "item_name": 44,
    "unit": 12,
    "target": 16,
    "realised": 16,
    "last_target": 16,
    "last_realised": 16,
    "last_period": 11,
    "note": 36,
}
_NARROW = {
    **{"record": 14, "sector": 20, "service": 11, "service_name": 24, "component": 15, "item": 13},
    **{"item_name": 32, "unit": 10, "target": 13, "realised": 13, "last_target": 13, "last_realised": 13},
    **{"last_period": 9.5, "note": 22},
}
"""Widths at which the widest sheet is printed at three quarters of its size or more."""
_OF_BUDGET = {
    **{"sector": 18, "service_name": 30, "item": 24, "unit": 8, "note": 20},
    **{"target": 18, "realised": 18, "last_target": 18, "last_realised": 18},
}
"""Rupiah of a province are long, and a number that does not fit is shown as #."""
_WITHOUT_NAMES = 34
"""The width of an item on a sheet that has no column of its name: a sentence stands there."""
_KEYS = ("record", "sector", "service", "service_name", "component", "item", "item_name")
_MAY = {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True}
_INK, _PAPER, _LINE, _GREY, _WARNING = "#1F3864", "#FFFFFF", "#BFBFBF", "#F2F2F2", "#A10D0D"


class LockedWorkbook(Workbook):
    """A workbook whose sheets cannot be deleted, renamed, moved or added; XlsxWriter has no option for it."""

    def _write_book_views(self) -> None:
        # the parts of workbook.xml have an order: its protection stands just before the views
        self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])
        super()._write_book_views()


class FormStyle:
    """The formats of one workbook, and the lay-out of its sheets."""

    def __init__(
        self, book: Workbook, subtitle: str, is_demo: bool = False, checks: FormChecks | None = None
    ) -> None:
        self._notice = marked_notice() if is_demo else ""
        self._checks = checks
        self._subtitle = f"{subtitle}. {self._notice}" if is_demo else subtitle

        def look(**properties: Any) -> Format:
            return book.add_format({"font_name": "Calibri", "font_size": 10, "valign": "top", **properties})

        ruled = {"border": 1, "border_color": _LINE}
        self.title = look(bold=True, font_size=14, font_color=_INK)
        self.subtitle = look(bold=is_demo, font_color=_WARNING if is_demo else "#595959")
        self.header = look(
            bold=True,
            font_color=_PAPER,
            bg_color=_INK,
            border=1,
            border_color=_LINE,
            text_wrap=True,
            align="center",
        )
        self.label = look(bold=True)
        self.guide = look(text_wrap=True)
        self.key = look(bg_color=_GREY, text_wrap=True, num_format="@", **ruled)
        self.text = look(locked=False, text_wrap=True, **ruled)
        self.code = look(locked=False, text_wrap=True, num_format="@", **ruled)
        self.progress = look(bold=True, font_color=_INK)
        self.number = look(locked=False, num_format="#,##0", align="right", **ruled)
        self.reference = look(bg_color=_GREY, num_format="#,##0", align="right", **ruled)
        self._free = look(locked=False)
        self._fraction = book.add_format({"num_format": "#,##0.00####"})

    def of_field(self, field: str) -> Format:
        """The format of a cell in a given row: keys are locked."""
        return self.key if field in _KEYS else self.of_new_row(field)

    def of_new_row(self, field: str) -> Format:
        """The format of a cell in a row to be added: everything may be typed but what was accepted last."""
        if field in _KEYS:
            return self.code
        if field in REFERENCE_FIELDS:
            return self.reference
        return self.number if is_number(field) else self.text

    def lay_out_identity(self, page: Worksheet) -> None:
        """Title, widths and protection of the first sheet."""
        page.write_string(0, 0, "Formulir pelaporan SPM (layanan dasar)", self.title)
        page.write_string(1, 0, self._subtitle, self.subtitle)
        page.set_column(0, 0, 22)
        page.set_column(1, 1, 76)
        page.hide_gridlines(2)
        _fit_to_paper(page, self._notice)
        page.protect("", _MAY)

    def lines(self, field: str, text: str, sheet: FormSheet) -> int:
        """How many lines a text takes in the column of a field, at 1.2 characters in a unit of width."""
        width = self._width(field, sheet)
        return sum(max(1, ceil(len(part) / (1.2 * width))) for part in text.split("\n"))

    def _width(self, field: str, sheet: FormSheet) -> float:
        if self._checks is None:
            return _WIDTHS[field]
        if sheet.record == "budget" and field in _OF_BUDGET:
            return _OF_BUDGET[field]
        if field == "item" and "item_name" not in sheet.fields:
            return _WITHOUT_NAMES
        return _NARROW[field]

    def lay_out_table(self, page: Worksheet, sheet: FormSheet, count: int) -> None:
        """Title, widths, frozen header, drop-downs and protection of a sheet with ``count`` given rows."""
        header, last = sheet.header_row - 1, len(sheet.columns) - 1
        bottom = header + count + BLANK_ROWS
        page.write_string(0, 0, _title(sheet), self.title)
        page.write_string(1, 0, self._subtitle, self.subtitle)
        for at, column in enumerate(sheet.columns):
            page.set_column(at, at, self._width(column.field, sheet), self._free)
            if self._checks is not None:
                if check := self._checks.of_column(sheet, at):
                    page.data_validation(header + 1, at, bottom, at, check)
            elif offered := _offered(column):
                page.data_validation(header + 1, at, bottom, at, _drop_down(column, offered))
            if is_number(column.field):
                cell = xl_rowcol_to_cell(header + 1, at)
                # a plain #,##0 would show 0.5 as 1, and #,##0.## a whole number with a bare point
                rule = {"type": "formula", "criteria": f"=MOD({cell},1)<>0", "format": self._fraction}
                page.conditional_format(header + 1, at, bottom, at, rule)
        page.freeze_panes(header + 1, 0)
        page.set_row(header, 30)
        _fit_to_paper(page, self._notice)
        if self._checks is not None:
            # an ampersand starts a code in a footer
            page.set_footer(f"&L&8{self._subtitle.replace('&', '&&')} · &A&R&8&P / &N")
        page.repeat_rows(header)
        page.print_area(0, 0, bottom, last)
        page.protect("", _MAY)


def is_number(field: str) -> bool:
    """Whether plain numbers stand as numbers in the cells of a field."""
    return field in ("target", "realised", "last_target", "last_realised")


def _fit_to_paper(page: Worksheet, header: str) -> None:
    """One A4 page wide, lying, with narrow margins, and the header over each."""
    if header:
        page.set_header(f"&C&B{header}")
    page.set_landscape()
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _title(sheet: FormSheet) -> str:
    for sector in catalogue.sectors():
        if sector.sector_code == sheet.sector:
            return f"Capaian SPM: {sector.name_id}"
    return f"{sheet.name} SPM" if "SPM" not in sheet.name else sheet.name


def _offered(column: FormColumn) -> list[str]:
    if column.field == "sector":
        return [sector.sector_code for sector in catalogue.sectors()]
    return list(column.choices.values())


def _drop_down(column: FormColumn, offered: list[str]) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": offered,
        "error_title": column.label,
        "error_message": "Pilih salah satu dari daftar.",
    }
