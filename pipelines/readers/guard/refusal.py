"""What is refused before any reader opens it, and the reason that its sender is given.

Reasons are published (``mart_finding.value``): the words for them in the catalogue (``guard.archive`` in
``arsip / archive RAR``) are changed together with ``readers.reading.READER_VERSION``.

Put here: type and size of a document, how a refusal is raised. Keep out: archives (``archive``), Excel
packages (``workbook``), which kind is looked at how (``readers.dispatch``), time and memory of reading.
"""

from __future__ import annotations

from pipelines.messages import say
from pipelines.readers.documents.csv_text import is_wide, text_of
from pipelines.readers.guard.content_type import OLE2, ZIP_ARCHIVE, content_type, looks_like_csv
from pipelines.settings import Limits
from pipelines.submissions.rows import Reject

_LONGEST_SHOWN = 80
_LOOK = 4096
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_EXCEL = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_ZIP_END = b"PK\5\6"


class Refused(Exception):
    """Carries a Reject out of the checks; ``readers.dispatch.refusal`` gives it back as a value."""

    def __init__(self, rule_id: str, place: str, value: str) -> None:
        super().__init__(f"{rule_id} {place}: {value}")
        self.reject = Reject(rule_id, place, value)


def shown(text: str) -> str:
    """A text from inside a file, safe to print: no control characters, no more than 80 characters."""
    printable = "".join(character if character.isprintable() else "?" for character in text)
    return printable if len(printable) <= _LONGEST_SHOWN else printable[: _LONGEST_SHOWN - 1] + "…"


def inspect_csv(content: bytes, limits: Limits) -> None:
    """Look at a CSV document.

    Raises:
        Refused: DOC-010 or DOC-012 it is something else, DOC-011 it has too many fields.
    """
    # UTF-16 is a text as any other, and what is in it may still be a web page
    text = text_of(content) if is_wide(content) else None
    refuse_other_type(content, "CSV", content_type(content if text is None else text[:_LOOK].encode()))
    # commas within texts count too: an upper bound, for the price of a search
    fields = content.count(b"\n") + max(map(content.count, (b",", b";", b"\t", b"|")))
    if fields > limits.cells:
        raise Refused("DOC-011", "", f"{fields} > {limits.cells} {say('guard.fields')}")


def inspect_extract(content: bytes, _: Limits) -> None:
    """Look at an extract.

    Raises:
        Refused: DOC-001 it is not the text that we wrote.
    """
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("DOC-001", f"byte {error.start}", "UTF-8") from error


def refuse_all_but_excel(content: bytes) -> None:
    """Refuse what is no ZIP archive, as an .xlsx is.

    Raises:
        Refused: DOC-001, DOC-010, DOC-012 or DOC-015.
    """
    found = content_type(content)
    if found == ZIP_ARCHIVE and content[2:4] != b"\5\6":
        return
    if found is None and looks_like_csv(content):
        found = f"{say('guard.text')} CSV"
    if found is None and _ZIP_END in content[-(2**16) :]:
        raise Refused("DOC-015", "", say("guard.content_before"))
    if found is None:
        raise Refused("DOC-001", "", f".xlsx ({say('guard.other_kind')})")
    refuse_other_type(content, ".xlsx", found)


def refuse_other_type(content: bytes, wanted: str, found: str | None) -> None:
    """Refuse a document that was ``found`` to be another than the ``wanted`` one; none found is no reason.

    Raises:
        Refused: DOC-010, or DOC-012 where it is locked.
    """
    if found and content.startswith(OLE2):
        if _ENCRYPTED in content:
            raise Refused("DOC-012", "", "Office")
        if any(word in content for word in _OLD_EXCEL):
            found = "Excel 97-2003 (.xls)"
    if found:
        raise Refused("DOC-010", "", f"{found}, {say('guard.not')} {wanted}")
