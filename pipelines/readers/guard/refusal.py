"""The door: what is refused before any reader opens it, and the reason that its sender is told.

Put here: type and size of a document. Keep out: archives (``archive``), Excel packages
(``workbook``), time and memory of reading (``child``).
"""

from __future__ import annotations

from pipelines.readers.guard import workbook as guard_workbook
from pipelines.readers.guard.content_type import OLE2, ZIP_ARCHIVE, content_type, looks_like_csv
from pipelines.readers.guard.refused import Refused
from pipelines.settings import MB, Limits
from pipelines.submissions.rows import Reject

EXPECTED = {"csv": "CSV", "workbook": ".xlsx"}
"""The kinds whose documents people send, and what they are called; others are extracts that we write."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_EXCEL = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_ZIP_END = b"PK\5\6"


def refusal(content: bytes, kind: str, limits: Limits) -> Reject | None:
    """Why a document of a source of ``kind`` is not opened; none where nothing speaks against it.

    Nothing is unpacked beyond ``limits``; memory is that of the largest part of an archive.
    """
    if found := too_large(content, kind, limits):
        return found
    try:
        if kind == "workbook":
            _refuse_other_type(content, kind)
            guard_workbook.inspect(content, limits)
        elif kind == "csv":
            _refuse_other_type(content, kind)
            _refuse_many_fields(content, limits)
        else:
            _refuse_other_text(content)
    except Refused as refused:
        return refused.reject
    return None


def too_large(content: bytes, kind: str, limits: Limits) -> Reject | None:
    """The part of ``refusal`` that costs nothing: the size alone.

    An extract is our own text of what its source's ``max_mb`` let through: it may be as large as a
    document is after unpacking.
    """
    most = limits.file_bytes if kind in EXPECTED else limits.inflated_bytes
    if len(content) <= most:
        return None
    return Reject("DOC-011", "", f"{-(-len(content) // MB)} MB > {most // MB} MB")


def _refuse_other_type(content: bytes, kind: str) -> None:
    found = content_type(content)
    if kind == "workbook":
        if found == ZIP_ARCHIVE and content[2:4] != b"\5\6":
            return
        if found is None and looks_like_csv(content):
            found = "teks / text CSV"
        if found is None and _ZIP_END in content[-(2**16) :]:
            raise Refused("DOC-015", "", "isi lain sebelum arsip / other content before the archive")
        if found is None:
            raise Refused("DOC-001", "", ".xlsx (jenis lain atau rusak / of another kind or damaged)")
    if found and content.startswith(OLE2):
        if _ENCRYPTED in content:
            raise Refused("DOC-012", "", "Office")
        if any(word in content for word in _OLD_EXCEL):
            found = "Excel 97-2003 (.xls)"
    if found:
        raise Refused("DOC-010", "", f"{found}, bukan / not {EXPECTED[kind]}")


def _refuse_many_fields(content: bytes, limits: Limits) -> None:
    # commas within texts count too: an upper bound, for the price of a search
    fields = content.count(b"\n") + max(map(content.count, (b",", b";", b"\t")))
    if fields > limits.cells:
        raise Refused("DOC-011", "", f"{fields} > {limits.cells} isian / fields")


def _refuse_other_text(content: bytes) -> None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("DOC-001", f"byte {error.start}", "UTF-8") from error
