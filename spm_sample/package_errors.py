"""Files that the door refuses: another type, locked, with parts that act or reach out, or too large.

Source: what lies in the mail of an office, harmless here: a macro is its first bytes, a link leads nowhere.
Rules DOC-004, DOC-010 to DOC-015. Rare: a national set has none of them unless they are named.

Put here: kinds that are refused for their bytes or parts. Keep out: what the rows say (``document_errors``).
"""

from __future__ import annotations

from collections.abc import Callable

from pipelines.registry.forms import forms
from spm_sample import workbook_edits
from spm_sample.documents import FORM_VERSION
from spm_sample.planting import Draft, Kind, Planting

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
MACRO_PART = "xl/vbaProject.bin"
LINK_PART = "xl/externalLinks/externalLink1.xml"
STRINGS = "xl/sharedStrings.xml"
COMMAS = 2_100_000
"""More fields than a document may have."""


def _sealed(draft: Draft) -> bytes:
    """What keeps the same wrong file of two regions from being the same bytes."""
    return f"SPM/{draft.document.region.region_code}/{draft.document.period}".encode()


def plant_other_type(draft: Draft) -> list[Planting]:
    """The scan of the signed report under the name of the form."""
    draft.document.instead, draft.is_closed = b"%PDF-1.7\n% " + _sealed(draft) + b"\n1 0 obj\n", True
    return [Planting("other_type", "DOC-010")]


def plant_locked(draft: Draft) -> list[Planting]:
    """A workbook that Office encrypted with a password."""
    names = "EncryptionInfo".encode("utf-16-le") + "EncryptedPackage".encode("utf-16-le")
    draft.document.instead, draft.is_closed = OLE2 + names + b"\0" * 4096 + _sealed(draft), True
    return [Planting("locked", "DOC-012")]


def plant_too_large(draft: Draft) -> list[Planting]:
    """Cells in the last corner of a sheet, or a CSV of nothing but separators."""
    document, draft.is_closed = draft.document, True
    if document.kind == "csv":
        document.instead = ",".join(document.columns).encode() + b"\n" + b"," * COMMAS + _sealed(draft)
        return [Planting("too_large", "DOC-011")]
    document.edit = lambda made: workbook_edits.with_far_cells(made, 4)
    return [Planting("too_large", "DOC-011", place="xl/worksheets/sheet4.xml")]


def plant_sheet_missing(draft: Draft) -> list[Planting]:
    """A sheet of the form under a name that the office gave it."""
    sheets = [sheet.name for sheet in forms()[FORM_VERSION].sheets[1:]]
    name = sheets[int(draft.rng.integers(len(sheets)))]
    draft.document.edit = lambda made: workbook_edits.with_sheet_named(made, name, "Rekap dinas")
    draft.is_closed = True
    return [Planting("sheet_missing", "DOC-004", text=name, place=name)]


def _edited(
    name: str, rule_id: str, place: str, edit: Callable[[bytes], bytes]
) -> Callable[[Draft], list[Planting]]:
    """A kind that changes the archive of a workbook; the finding names the part."""

    def plant(draft: Draft) -> list[Planting]:
        draft.document.edit, draft.is_closed = edit, True
        return [Planting(name, rule_id, place=place)]

    return plant


_EDITS: tuple[tuple[str, str, str, str, Callable[[bytes], bytes]], ...] = (
    (
        "macros",
        "DOC-013",
        "a workbook with macros",
        MACRO_PART,
        lambda made: workbook_edits.with_part(made, MACRO_PART, OLE2),
    ),
    (
        "outside_link",
        "DOC-014",
        "a workbook that draws on another file",
        LINK_PART,
        lambda made: workbook_edits.with_part(made, LINK_PART, b"<externalLink/>"),
    ),
    ("declared_entity", "DOC-015", "XML that declares entities", STRINGS, workbook_edits.with_doctype),
)
PACKAGE_KINDS = (
    Kind(
        "other_type",
        "document",
        "DOC-010",
        "a PDF under the name of the form",
        plant_other_type,
        is_rare=True,
    ),
    Kind(
        "locked", "document", "DOC-012", "locked with a password", plant_locked, ("workbook",), is_rare=True
    ),
    Kind("too_large", "document", "DOC-011", "more cells than there may be", plant_too_large, is_rare=True),
    Kind(
        "sheet_missing",
        "document",
        "DOC-004",
        "a sheet under another name",
        plant_sheet_missing,
        ("workbook",),
        is_rare=True,
    ),
    *(
        Kind(
            name, "document", rule_id, said, _edited(name, rule_id, place, edit), ("workbook",), is_rare=True
        )
        for name, rule_id, said, place, edit in _EDITS
    ),
)
"""The kinds that are refused before a row is read."""
