"""Which cell of a row a finding is about: a finding names the row, and its rule looks at one cell of it.

The document itself tells: its labels, what the finding quotes, and where personal data were masked.

Put here: from a row to a column. Keep out: from a place to a row (``feedback.places``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pipelines.readers.documents.grids import Cell, Grid
from pipelines.registry.forms import folded, forms
from pipelines.registry.rules import rules
from pipelines.reports.received import Finding
from pipelines.submissions.rows import COLUMNS

_VALUE_WORDS = re.compile(r"^(?:target|realisasi|total) ")
_BOTH = re.compile(r"target (?P<target>.*?) / realisasi (?P<realised>[^;]*)")
_FRACTION = re.compile(r"[.,]\d*[1-9]")
_BETWEEN = re.compile(r" < | > |; | \(")
"""What stands behind the value at fault: what it was compared with, or what may be meant."""
_FIELDS: dict[str, tuple[str, ...]] = {
    "PER": ("period",),
    "REC": ("record",),
    "REG": ("region", "region_name"),
    "IDN-002": ("region", "region_name"),
    "SEC": ("sector", "service"),
    "SVC": ("service", "item", "item_name"),
    "CMP-001": ("component",),
    "ITM-001": ("item", "item_name"),
    "ITM-002": ("item", "item_name"),
    "ITM-003": ("item", "item_name"),
    "ITM-005": ("unit",),
    "MEA-001": ("measure", "note", "item"),
    "MEA-002": ("snapshot_on",),
    "MEA-003": ("note",),
    "TIM-001": ("submitted_at",),
    "TIM-003": ("submitted_at",),
    "NUM-009": ("target",),
    "VAL-003": ("target",),
    "VAL-012": ("service",),
}
"""The columns that a rule, or a family of rules, is about: the first that is filled in, else the first."""
_NUMBERS = ("BUD", "CMP", "COR", "NUM", "OUT", "RECON", "STG", "VAL")
"""Families on numbers: where none is found by what is quoted, the result is meant."""
_PLACED = ("row", "document")
"""Scopes of rules on one cell; others are about a sector or a region, and stand on its first row."""


def column_of(grid: Grid, row: int, finding: Finding) -> int | None:
    """The column of the cell in ``row`` that a finding is about; none where it is about the whole row."""
    cells = grid.rows[row] if row < len(grid.rows) else []
    if (column := _masked(cells, finding)) is not None:
        return column
    asked, columns = fields_of(finding), _columns(grid)
    if places := [columns[field] for field in asked if field in columns]:
        filled = (at for at in places if at < len(cells) and cells[at] not in (None, ""))
        return next(filled, places[0])
    rule = rules().get(finding.rule_id)
    if (rule is None or rule.scope not in _PLACED) and not _quotes_a_number(finding):
        return None
    # a field that is named, a number that is named, a cell that is quoted
    named = finding.value.partition(":")[0] if row != grid.header_row else ""
    for field in (named, _number_at_fault(finding)):
        if field in columns:
            return columns[field]
    column = _quoted(cells, finding.value)
    is_of_number = finding.rule_id.partition("-")[0] in _NUMBERS
    return columns.get("realised") if column is None and is_of_number else column


def _masked(cells: Sequence[Cell], finding: Finding) -> int | None:
    """The column of the first cell that held personal data of the kinds that the finding names."""
    kinds = finding.value.split(", ") if finding.rule_id.startswith("PII-") else []
    texts = [(at, cell) for at, cell in enumerate(cells) if isinstance(cell, str)]
    return next((at for at, text in texts if any(f"[{kind}]" in text for kind in kinds)), None)


def _number_at_fault(finding: Finding) -> str:
    """Which of a row's two numbers is wrong, where both or one of them is quoted by its name."""
    if both := _BOTH.match(finding.value):
        is_of_target = {
            "NUM-007": _FRACTION.search(both["target"]),
            "NUM-010": _FRACTION.search(both["target"]),
            "NUM-008": both["target"].endswith("%"),
        }.get(finding.rule_id)
        return "target" if is_of_target else "realised"
    return {"target": "target", "realisasi": "realised"}.get(finding.value.partition(" ")[0], "")


def _quotes_a_number(finding: Finding) -> bool:
    """Whether a rule on a whole report quotes one figure of it: an index that disagrees with its parts."""
    return finding.rule_id in ("RECON-001", "RECON-002", "RECON-004")


def fields_of(finding: Finding) -> tuple[str, ...]:
    """The fields of ours that a rule is always about; none where it depends on what is wrong."""
    return _FIELDS.get(finding.rule_id) or _FIELDS.get(finding.rule_id.partition("-")[0], ())


def _columns(grid: Grid) -> dict[str, int]:
    """The column of each field of ours that the labels of a sheet name."""
    if grid.header_row is None:
        return {}
    labels = labels_of(grid.name)
    found: dict[str, int] = {}
    for at, cell in enumerate(grid.rows[grid.header_row]):
        field_ = labels.get(folded(cell)) if isinstance(cell, str) else None
        if field_:
            found.setdefault(field_, at)
    return found


@lru_cache(maxsize=256)
def labels_of(name: str) -> dict[str, str]:
    """The field of each label of a sheet: as the forms name it there, and by our own names of columns."""
    own = {folded(column): column for column in COLUMNS}
    for version in forms().values():
        for sheet in version.sheets:
            if folded(sheet.name) == folded(name):
                own |= sheet.labels
    return own


def _quoted(cells: Sequence[Cell], value: str) -> int | None:
    """The column of the cell that holds what a finding quotes."""
    quoted = [value, _BETWEEN.split(value)[0], *reversed(value.split(" / "))]
    for text in (_VALUE_WORDS.sub("", part).strip() for part in quoted):
        for column, cell in enumerate(cells):
            if text and _says(cell, text):
                return column
    return None


def _says(cell: Cell, text: str) -> bool:
    if not isinstance(cell, float):
        return str(cell or "").strip() == text
    written = text.removesuffix("%").strip()
    return any(cell == _number(number) for number in (written, written.replace(",", ".")))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
