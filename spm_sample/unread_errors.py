"""What a document holds beside what is read of it: a misspelt column, a copied sheet, a link, a stray cell.

Source: rules DOC-021 to DOC-024. All else in the document is read. Rare: a national set has none of them
unless they are named.

Put here: kinds whose finding names a part that was not read. Keep out: documents that are refused
(``package_errors``).
"""

from __future__ import annotations

from pipelines.registry.forms import FormSheet, forms
from spm_sample import workbook_edits
from spm_sample.documents import FORM_VERSION
from spm_sample.planting import Draft, Kind, Planting

LINK = "file:///D:/bukti/laporan.pdf"
BELOW_THE_TABLE = 400
LAST_ROW = 1_048_576


def _drawn_sheet(draft: Draft) -> tuple[int, FormSheet]:
    """A sheet of results that holds rows, and its number in the workbook (from 1)."""
    told = {row["sector"] for row in draft.document.rows if row["record"] == "achievement"}
    sheets = [
        (number, sheet)
        for number, sheet in enumerate(forms()[FORM_VERSION].sheets, start=1)
        if sheet.record == "achievement" and sheet.sector in told
    ]
    return sheets[int(draft.rng.integers(len(sheets)))]


def plant_misspelt_column(draft: Draft) -> list[Planting]:
    """The column of notes is called `catatn`."""
    draft.document.edit = lambda made: made.replace(b"note", b"catatn", 1)
    return [Planting("misspelt_column", "DOC-021", text="catatn", place="L1")]


def plant_copied_sheet(draft: Draft) -> list[Planting]:
    """A sheet of the form a second time, as Excel names its copy."""
    number, sheet = _drawn_sheet(draft)
    name, last = f"{sheet.name} (2)", len(forms()[FORM_VERSION].sheets) + 1
    draft.document.edit = lambda made: workbook_edits.with_copied_sheet(made, number, name, last)
    return [Planting("copied_sheet", "DOC-022", text=name, place=f"{name}!A{sheet.header_row}")]


def plant_linked_file(draft: Draft) -> list[Planting]:
    """A cell below the table that leads to the proof on somebody's own disk."""
    number, sheet = _drawn_sheet(draft)
    cell = f"A{BELOW_THE_TABLE}"
    draft.document.edit = lambda made: workbook_edits.with_link(made, number, cell, LINK)
    return [Planting("linked_file", "DOC-023", text=LINK, place=f"{sheet.name}!{cell}")]


def plant_stray_cell(draft: Draft) -> list[Planting]:
    """One filled cell in the last row that a sheet can have."""
    number, sheet = _drawn_sheet(draft)
    draft.document.edit = lambda made: workbook_edits.with_far_cells(made, number, 1)
    place = f"{sheet.name}!XFD{LAST_ROW}"
    return [Planting("stray_cell", "DOC-024", text=f"XFD{LAST_ROW}", place=place)]


UNREAD_KINDS = (
    Kind(
        "misspelt_column",
        "document",
        "DOC-021",
        "the column of notes misspelt",
        plant_misspelt_column,
        ("csv",),
        is_rare=True,
    ),
    Kind(
        "copied_sheet",
        "document",
        "DOC-022",
        "a sheet of the form twice",
        plant_copied_sheet,
        ("workbook",),
        is_rare=True,
    ),
    Kind(
        "linked_file",
        "document",
        "DOC-023",
        "a link to a file on a disk",
        plant_linked_file,
        ("workbook",),
        is_rare=True,
    ),
    Kind(
        "stray_cell",
        "document",
        "DOC-024",
        "one cell in the last row there is",
        plant_stray_cell,
        ("workbook",),
        is_rare=True,
    ),
)
"""The kinds that leave a part of a document unread, at most one of the kinds for documents each."""
