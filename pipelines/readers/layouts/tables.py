"""Where the tables of a sheet stand: their labels, their first and last row, what is written above them.

Put here: header rows of any number of levels, tables one below the other. Keep out: what the rows between
become (``reshape``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.messages import say
from pipelines.readers.documents.workbook_xml import column_letters
from pipelines.readers.layouts.cells import Sheet
from pipelines.registry.forms import folded
from pipelines.submissions.layout import Header, Layout
from pipelines.submissions.patterns import pattern
from pipelines.submissions.rows import Reject

BETWEEN_LEVELS = " / "
_FEWEST_NUMBERS = 3
_MOST_IN_A_TITLE = 2


class Unfit(Exception):
    """Carries a Reject out of the depths: the document is not as its layout says."""

    def __init__(self, place: str, value: str, rule_id: str = "LAY-001") -> None:
        super().__init__(value)
        self.reject = Reject(rule_id, place, value)


@dataclass(frozen=True, slots=True)
class Table:
    """A table on a sheet; rows from 0, ``last`` excluded.

    ``labels`` name its columns, each another one; ``used`` are the columns in which anything stands.
    ``numbers_row`` numbers the columns (1, 2, 3 …) and is no data.
    """

    sheet: Sheet
    header: range
    last: int
    title: str
    labels: tuple[str, ...]
    used: tuple[int, ...]
    numbers_row: int | None

    @property
    def place(self) -> str:
        """Where its labels stand."""
        if self.sheet.fields or not self.sheet.rows:
            return self.sheet.name
        return f"{self.sheet.before_row}{self.sheet.rows[self.header.start].key}"

    def columns(self, reference: str) -> list[int]:
        """The columns that a label of the layout means; several only where it is a pattern."""
        exact = [at for at in self.used if folded(self.labels[at]) == folded(reference)]
        wanted = pattern(reference)
        return exact or [at for at in self.used if wanted.match(self.labels[at]) is not None]

    def column(self, reference: str) -> int:
        """The one column that a label of the layout means.

        Raises:
            Unfit: DOC-002, there is none, or there are several.
        """
        found = self.columns(reference)
        if len(found) == 1:
            return found[0]
        labels = ", ".join(self.labels[at] for at in found or self.used)
        if found:
            why = say("layout.several_columns", at=repr(reference), labels=labels)
        else:
            why = say("layout.no_column", at=repr(reference), labels=labels)
        raise Unfit(self.place, why, "DOC-002")


def tables_of(sheet: Sheet, layout: Layout) -> list[Table]:
    """Every table of a sheet, from top to bottom.

    Raises:
        Unfit: LAY-001 or DOC-005, no row has the labels that the layout says.
    """
    if sheet.fields or (not sheet.rows):
        used = tuple(range(len(sheet.fields)))
        return [Table(sheet, range(0), len(sheet.rows), "", sheet.fields, used, None)]
    headers = _headers(sheet, layout.header)
    found: list[Table] = []
    for number, header in enumerate(headers):
        last = headers[number + 1].start if number + 1 < len(headers) else len(sheet.rows)
        above = found[-1] if found else None
        title = _title(sheet, header.start, above)
        first = header.stop if header.stop < last and _numbers_columns(sheet, header.stop) else None
        rows = sheet.rows[header.start : last]
        filled = {at for row in rows for at, text in enumerate(row.texts) if text}
        labels = _labels(sheet, header)
        found.append(Table(sheet, header, last, title, labels, tuple(sorted(filled)), first))
    return found


def _headers(sheet: Sheet, header: Header | None) -> list[range]:
    written = [at for at, row in enumerate(sheet.rows) if any(row.texts)]
    if not written:
        raise Unfit(sheet.name or "L1", "", "DOC-005")
    if header is None:
        return [range(written[0], written[0] + 1)]
    if header.rows:
        first, last = header.span
        at = {row.key.lstrip("L"): number for number, row in enumerate(sheet.rows)}
        if str(first) not in at or str(last) not in at:
            raise Unfit(sheet.name, say("layout.no_such_row", at=header.rows))
        return [range(at[str(first)], at[str(last)] + 1)]
    found: list[range] = []
    for number in written:
        if found and number < found[-1].stop:
            continue
        texts = sheet.rows[number].texts
        if all(
            any(pattern(label).match(text) is not None for text in texts if text) for label in header.labels
        ):
            found.append(range(number, min(number + header.levels, len(sheet.rows))))
    if not found:
        raise Unfit(sheet.name, say("layout.no_header", labels=", ".join(header.labels)))
    return found


def _labels(sheet: Sheet, header: range) -> tuple[str, ...]:
    """The label of each column, its levels from top to bottom; the letter where it has none or shares it."""
    levels = [_level(sheet, row, row == header[-1]) for row in header]
    labels: list[str] = []
    for at in range(sheet.width):
        parts: list[str] = []
        for level, texts in enumerate(levels):
            text = texts[at]
            if text is None and any(below[at] for below in levels[level + 1 :]):
                # a heading over several columns stands over the first of them
                text = next((texts[left] for left in range(at, -1, -1) if texts[left]), None)
            if text and (not parts or folded(parts[-1]) != folded(text)):
                parts.append(text)
        labels.append(BETWEEN_LEVELS.join(parts))
    counts = Counter(map(folded, labels))
    letters = map(column_letters, range(len(labels)))
    return tuple(
        f"{label} ({letter})".strip() if counts[folded(label)] > 1 or not label else label
        for label, letter in zip(labels, letters, strict=True)
    )


def _level(sheet: Sheet, row: int, is_lowest: bool) -> list[str | None]:
    """The texts of a header row; of cells merged over several columns each has the text.

    None where a heading to the left may hold for the column, too; never on the lowest row.
    """
    texts = sheet.rows[row].texts
    is_merged = any(top == row and left != column for (_, column), (top, left) in sheet.merged.items())
    found: list[str | None] = []
    for column in range(sheet.width):
        text = texts[column] if column < len(texts) else ""
        if (row, column) in sheet.merged:
            top, left = sheet.merged[row, column]
            text = sheet.rows[top].texts[left]
        found.append(text or ("" if is_lowest or is_merged else None))
    return found


def _numbers_columns(sheet: Sheet, row: int) -> bool:
    """Whether a row counts the columns, as the row below the labels of an official form does."""
    texts = [text.strip("()") for text in sheet.rows[row].texts if text]
    return len(texts) >= _FEWEST_NUMBERS and texts == [str(number) for number in range(1, len(texts) + 1)]


def _title(sheet: Sheet, header: int, above: Table | None) -> str:
    """The nearest lone text above the labels; where there is none, the title of the table above."""
    first = above.header.stop if above else 0
    for texts in _written(sheet, range(header - 1, first - 1, -1)):
        if len(texts) > _MOST_IN_A_TITLE:
            break
        if any(sign.isalnum() for sign in texts[0]):
            return texts[0]
    return above.title if above else ""


def _written(sheet: Sheet, rows: Sequence[int]) -> Iterator[list[str]]:
    for row in rows:
        if texts := [text for text in sheet.rows[row].texts if text]:
            yield texts
