"""The first sheet of a feedback workbook: whose reports, which deadline, the receipts, every finding.

Put here: that sheet, as a page that can be printed. Keep out: the sheets that were sent (``feedback.book``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from pipelines.messages import say
from pipelines.registry.rules import rules
from pipelines.reports.feedback import words
from pipelines.reports.feedback.look import (
    ALARM,
    COLOURS,
    FAINT,
    FATAL,
    INK,
    LINE,
    PAPER,
    WARNING,
    FeedbackLook,
)
from pipelines.reports.feedback.places import Shown, Spot
from pipelines.reports.received import Document, Finding, Standing, Submission
from pipelines.reports.safe_cells import safe_text

_WIDTHS = (5, 19, 28, 24, 64, 11, 11, 11, 11)
_LAST = len(_WIDTHS) - 1
_WIDE = 4  # the column of sentences
_LINE_HEIGHT = 13.5
_LETTERS_PER_CHARACTER = 1.15  # a column is as wide as so many digits, and letters are narrower
_REPORTS = (
    "No|No.",
    "Periode|Period",
    "Daerah|Region",
    "Batas waktu|Deadline",
    "Keadaan|Standing",
    "Wajib diperbaiki|Must be corrected",
    None,
    "Perlu diperiksa|To be looked at",
    None,
)
_INDEXES = (
    "No|No.",
    "Periode|Period",
    "Daerah|Region",
    "Sebelum|Before",
    "Apa yang dibandingkan|What is compared",
    "Sesudah|After",
    None,
    "Perubahan|Change",
    None,
)
_RECEIPTS = (
    "No|No.",
    "Diterima pada|Received at",
    "Dokumen|Document",
    "Sidik jari|Fingerprint",
    "Keterangan dan SHA-256 lengkap|Remarks and full SHA-256",
    "Baris dibaca|Rows read",
    "Diterima|Accepted",
    "Digantikan|Superseded",
    "Ditahan|Quarantined",
)
_FINDINGS = (
    "No|No.",
    "Tingkat|Severity",
    "Tempat|Place",
    "Isi|Value",
    "Apa yang salah dan cara memperbaikinya|What is wrong and how to fix it",
    "Dasar|Basis",
    None,
    "Status|Status",
    None,
)
_LONGEST_VALUE = 200
_LINE = re.compile(r"L(\d+)")


class Summary:
    """Writes the sheet from top to bottom."""

    def __init__(self, page: Worksheet, look: FeedbackLook) -> None:
        self._page, self._look, self._row = page, look, 0
        ruled = {"border": 1, "border_color": LINE, "text_wrap": True}
        self._text = look.of(**ruled)
        self._number = look.of(border=1, border_color=LINE, num_format="#,##0")
        self._counter = look.of(border=1, border_color=LINE, align="center")
        self._small = look.of(font_size=8, font_color=FAINT)
        self._quoted = look.of(quote_prefix=True, **ruled)
        self._link = look.of(font_color="#0563C1", underline=1, **ruled)
        self._header = look.of(
            bold=True, font_color=PAPER, bg_color=INK, border=1, border_color=LINE, text_wrap=True
        )
        self._header_small = look.of(font_size=8, font_color="#D9E2F3")
        for column, width in enumerate(_WIDTHS):
            page.set_column(column, column, width)
        page.hide_gridlines(2)

    def title(self, whose: str, notice: str = "") -> None:
        """What this is, and whose; below it the notice, if there is one."""
        page = self._page
        large = self._look.of(bold=True, font_size=16, font_color=INK)
        page.write_string(0, 0, "Umpan balik laporan SPM (layanan dasar)", large)
        page.set_row(0, 24)
        page.write_string(1, 0, safe_text(whose), self._look.of(bold=True, font_size=12))
        page.set_row(1, 18)
        page.write_string(2, 0, "Feedback on the report of minimum service standards", self._small)
        if notice:
            page.write_string(3, 0, notice, self._look.of(bold=True, font_color=ALARM))
        self._row = 5 if notice else 4

    def reports(self, listed: Sequence[tuple[Submission, Standing]]) -> None:
        """A line for each region and period, with its deadline."""
        self._headed("Laporan dan batas waktu", "Reports and deadlines", _REPORTS)
        for number, (submission, standing) in enumerate(listed, start=1):
            fatal, warnings = submission.count(FATAL), submission.count(WARNING)
            deadline = words.day(standing.closes_on) if standing.closes_on else "-"
            texts = [submission.period or "tidak terbaca", _name(submission, standing), deadline]
            self._texts(1, texts)
            self._page.write_number(self._row, 0, number, self._counter)
            sentence = _standing(standing)
            self._page.write_string(self._row, _WIDE, sentence, self._text)
            for column, count, severity in ((5, fatal, FATAL), (7, warnings, WARNING)):
                colour = {"bg_color": COLOURS[severity]} if count else {}
                counted = self._look.of(border=1, border_color=LINE, bold=True, align="center", **colour)
                self._page.merge_range(self._row, column, self._row, column + 1, count, counted)
            self._end_row(max(_lines(sentence, _WIDE), _lines(texts[1], 2)))
        self._row += 1

    def indexes(self, listed: Sequence[tuple[Submission, Standing]]) -> None:
        """The index before and after, of each report that was scored."""
        scored = [(own, standing, standing.index) for own, standing in listed if standing.index]
        if not scored:
            return
        self._headed("Indeks sebelum dan sesudah", "Index before and after", _INDEXES)
        for number, (submission, standing, index) in enumerate(scored, start=1):
            self._page.write_number(self._row, 0, number, self._counter)
            before = words.index(index.before, index.before_band)
            name = _name(submission, standing)
            self._texts(1, [submission.period or "", name, before, index.remark])
            moved = "-" if index.moved is None else words.change(index.moved)
            for column, text in ((5, words.index(index.after, index.after_band)), (7, moved)):
                bold = self._look.of(border=1, border_color=LINE, bold=True, text_wrap=True)
                self._page.merge_range(self._row, column, self._row, column + 1, text, bold)
            self._end_row(max(_lines(index.remark, _WIDE), _lines(name, 2), 2))
        self._row += 1

    def receipts(self, shown: Sequence[Shown], findings: Sequence[Finding]) -> None:
        """A receipt for each document: hash, time, and what its rows were decided to be."""
        self._headed("Tanda terima", "Receipts", _RECEIPTS)
        for number, one in enumerate(shown, start=1):
            document = one.document
            remark, hash_text = _remark(one, findings), f"\nSHA-256 {document.sha256}"
            self._page.write_number(self._row, 0, number, self._counter)
            self._texts(1, [words.moment(document.received_at), document.name, document.document_id])
            self._page.write_rich_string(
                self._row, _WIDE, safe_text(remark), self._small, hash_text, self._text
            )
            for column, count in enumerate(_counts(document), start=_WIDE + 1):
                self._page.write_number(self._row, column, count, self._number)
            self._end_row(max(_lines(remark, _WIDE) + 1, _lines(document.name, 2)))
        self._row += 1

    def findings(
        self, found: Sequence[Finding], spots: Mapping[int, Spot], numbers: Mapping[str, int]
    ) -> None:
        """Every finding with a link to its cell. ``spots`` by the finding's place in ``found``; ``numbers``
        are those of the documents above.
        """
        self._headed("Temuan", "Findings", _FINDINGS)
        if not found:
            self._page.merge_range(self._row, 0, self._row, _LAST, say("feedback.no_findings"), self._text)
            self._row += 1
        for at, finding in enumerate(found):
            self._finding(at + 1, finding, spots.get(at), numbers)
        self._row += 1

    def guide(self) -> None:
        """What the colours mean, and how to send again."""
        self._heading("Petunjuk", "Guide")
        for severity, meaning in words.COLOUR_MEANINGS.items():
            filled = self._look.of(bg_color=COLOURS[severity], border=1, border_color=LINE)
            self._page.write_blank(self._row, 0, None, filled)
            self._page.write_string(self._row, 1, meaning, self._look.of())
            self._row += 1
        for number, sentence in enumerate(words.GUIDE, start=1):
            self._page.write_string(self._row, 0, f"{number}.", self._look.of(align="right"))
            self._page.write_string(self._row, 1, sentence, self._look.of())
            self._row += 1
        self._page.print_area(0, 0, self._row, _LAST)

    def _finding(self, number: int, finding: Finding, spot: Spot | None, numbers: Mapping[str, int]) -> None:
        page, row = self._page, self._row
        colour = {"bg_color": COLOURS[finding.severity]} if finding.is_open else {}
        page.write_number(row, 0, number, self._counter)
        severity = self._look.of(border=1, border_color=LINE, bold=True, text_wrap=True, **colour)
        page.write_string(row, 1, f"{words.SEVERITIES[finding.severity]}\n{finding.rule_id}", severity)
        place = _place(finding, numbers)
        if spot is None:
            page.write_string(row, 2, place, self._quoted)
        else:
            page.write_url(row, 2, _address(spot), self._link, place)
        value = safe_text(finding.value, _LONGEST_VALUE)
        page.write_string(row, 3, value, self._quoted)
        advice = safe_text("\n".join([words.advice_on(finding), *words.remarks_on(finding)]))
        english = safe_text(words.english_of(finding))
        page.write_rich_string(row, _WIDE, advice, self._small, f"\n{english}", self._text)
        basis = words.basis_of(rules()[finding.rule_id])
        page.merge_range(row, 5, row, 6, basis, self._text)
        page.merge_range(row, 7, row, 8, words.STATUSES[finding.status], self._text)
        # the basis spans two columns, together as wide as that of the value
        others = max(_lines(place, 2), _lines(value, 3), _lines(basis, 3))
        self._end_row(max(2, others, _lines(advice, _WIDE) + _lines(english, _WIDE)))

    def _headed(self, name: str, english: str, labels: Sequence[str | None]) -> None:
        self._heading(name, english)
        for column, label in enumerate(labels):
            if label is None:
                continue
            indonesian, english = label.split("|")
            if column < _LAST and labels[column + 1] is None:
                self._page.merge_range(self._row, column, self._row, column + 1, "", self._header)
            self._page.write_rich_string(
                self._row, column, indonesian, self._header_small, f"\n{english}", self._header
            )
        self._page.set_row(self._row, 2.2 * _LINE_HEIGHT)
        self._row += 1

    def _heading(self, name: str, english: str) -> None:
        heading = self._look.of(bold=True, font_size=12, font_color=INK)
        self._page.write_rich_string(self._row, 0, heading, name, self._small, f"  {english}")
        self._page.set_row(self._row, 18)
        self._row += 1

    def _texts(self, column: int, texts: Sequence[str]) -> None:
        for offset, text in enumerate(texts):
            self._page.write_string(self._row, column + offset, safe_text(text), self._quoted)

    def _end_row(self, lines: int) -> None:
        self._page.set_row(self._row, 3 + _LINE_HEIGHT * lines)
        self._row += 1


def _lines(text: str, column: int) -> int:
    """How many lines a text takes in a column: rows with merged cells are not made to fit by themselves."""
    fits = _WIDTHS[column] * _LETTERS_PER_CHARACTER
    return sum(1 + int(len(line) / fits) for line in text.split("\n"))


def _name(submission: Submission, standing: Standing) -> str:
    code = f" ({submission.region_code})" if submission.region_code else ""
    return standing.region_name + code


def _standing(standing: Standing) -> str:
    parts = []
    if standing.timeliness:
        parts.append(words.TIMELINESS[standing.timeliness])
    if standing.first_received_at:
        parts.append(f"pertama diterima {words.moment(standing.first_received_at)}")
    if standing.window_status:
        parts.append(words.WINDOW_STATUSES[standing.window_status])
    sentence = "; ".join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else "-"


def _remark(shown: Shown, findings: Sequence[Finding]) -> str:
    document = shown.document
    if document.reject_rule:
        reason = (document.document_id, document.reject_rule)
        why = [words.advice_on(found) for found in findings if (found.document_id, found.rule_id) == reason]
        return f"Ditolak. {(why or [rules()[document.reject_rule].name_id])[0]}"
    if document.waits_for:
        return f"Diterima untuk {document.waits_for}; triwulan itu belum terbit, hasilnya menyusul."
    if shown.why_not:
        return f"Sudah dibaca, tetapi isinya tidak dapat ditampilkan di sini: {shown.why_not}"
    if not shown.is_whole:
        return "Memuat beberapa daerah; hanya baris Anda yang bertemuan yang ditampilkan."
    return _outcome(document)


def _outcome(document: Document) -> str:
    """What its rows were decided to be, in a sentence."""
    if document.rows_quarantined:
        return "Ada baris yang ditahan; lihat temuan."
    if document.rows_superseded and not document.rows_accepted:
        return "Sudah digantikan oleh kiriman yang lebih baru, atau tidak diisi."
    some = "Sebagian baris sudah digantikan, atau tidak diisi."
    return some if document.rows_superseded else "Semua baris diterima."


def _counts(document: Document) -> tuple[int, int, int, int]:
    return (
        document.rows_received,
        document.rows_accepted,
        document.rows_superseded,
        document.rows_quarantined,
    )


def _place(finding: Finding, numbers: Mapping[str, int]) -> str:
    number = numbers.get(finding.document_id)
    line = _LINE.fullmatch(finding.place)
    place = f"Baris {line[1]}" if line else safe_text(finding.place, _LONGEST_VALUE) or "Seluruh dokumen"
    if not finding.document_id:
        return place
    # figures from the press and documents of other regions have no receipt here
    if number is None:
        return f"{place} (dokumen lain)"
    return place if len(numbers) == 1 else f"Dokumen {number}: {place}"


def _address(spot: Spot) -> str:
    title = spot.sheet.title.replace("'", "''")
    return f"internal:'{title}'!{xl_rowcol_to_cell(spot.row, spot.column)}"
