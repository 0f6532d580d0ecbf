"""What a file really is, by its first bytes: its name and its sender can be wrong.

Put here: signatures. Keep out: what is said of a file of the wrong type (``refusal``).
"""

from __future__ import annotations

import re

from pipelines.messages import say

ZIP = b"PK\x03\x04"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The container of .xls, .doc, and of anything that Office encrypts."""

ZIP_ARCHIVE = say("guard.zip_or_excel")
"""What ``content_type`` says of a ZIP archive: what is in it decides what it is."""

_ARCHIVE, _DATABASE, _IMAGE = say("guard.archive"), say("guard.database"), say("guard.image")
_TEXT, _WEB_PAGE = say("guard.text"), say("guard.web_page")
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (OLE2, "Office 97-2003 (.xls, .doc)"),
    (b"\x09\x08", ".xls (Excel 5.0)"),
    (b"\x09\x04\x06\x00", ".xls (Excel 4.0)"),
    (b"\x09\x02\x06\x00", ".xls (Excel 3.0)"),
    (b"\x09\x00\x04\x00", ".xls (Excel 2.0)"),
    (b"%PDF-", "PDF"),
    (b"SQLite format 3\0", f"{_DATABASE} SQLite"),
    (b"\x00\x01\x00\x00Standard Jet DB", f"{_DATABASE} Access"),
    (b"\x00\x01\x00\x00Standard ACE DB", f"{_DATABASE} Access"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"\x7fELF", "program (ELF)"),
    (b"#!", say("guard.script")),
    (b"\x89PNG", f"{_IMAGE} PNG"),
    (b"\xff\xd8\xff", f"{_IMAGE} JPEG"),
    (b"GIF8", f"{_IMAGE} GIF"),
    (b"II*\x00", f"{_IMAGE} TIFF"),
    (b"MM\x00*", f"{_IMAGE} TIFF"),
    (b"RIFF", "media (RIFF)"),
    (b"Rar!\x1a\x07", f"{_ARCHIVE} RAR"),
    (b"7z\xbc\xaf\x27\x1c", f"{_ARCHIVE} 7z"),
    (b"\x1f\x8b", f"{_ARCHIVE} gzip"),
    (b"BZh91AY&SY", f"{_ARCHIVE} bzip2"),
    (b"\xfd7zXZ\x00", f"{_ARCHIVE} xz"),
    (b"\x28\xb5\x2f\xfd", f"{_ARCHIVE} zstd"),
    (b"{\\rtf", "RTF"),
    (b"ID;P", "SYLK (.slk)"),
    (b"MIME-Version:", f"{_WEB_PAGE} (MHTML)"),
    (b"\xff\xfe", f"{_TEXT} UTF-16"),
    (b"\xfe\xff", f"{_TEXT} UTF-16"),
)
_DUCKDB = slice(8, 12)
_TAR = slice(257, 262)
_PROGRAM = re.compile(rb"MZ[^\0]{0,62}\0", re.DOTALL)  # two letters alone may begin a text
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(\?xml|!--|!doctype|html|head|body|table|meta|script)\b", re.IGNORECASE
)
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*\"|\[\s*[\[{])")
_LOOK = 4096


def content_type(content: bytes) -> str | None:
    """The type of ``content`` in words; none where the first bytes say nothing, as with plain text."""
    if content[:2] == b"PK" and content[2:4] in (b"\3\4", b"\5\6", b"\7\x08"):
        return ZIP_ARCHIVE
    if content[_DUCKDB] == b"DUCK":
        return f"{_DATABASE} DuckDB"
    if content[_TAR] == b"ustar":
        return f"{_ARCHIVE} tar"
    if _PROGRAM.match(content):
        return "program (.exe)"
    found = next((name for signature, name in SIGNATURES if content.startswith(signature)), None)
    return found or _text_type(content[:_LOOK])


def _text_type(beginning: bytes) -> str | None:
    if found := _MARKUP.match(beginning):
        return "XML" if found[1].lower() == b"?xml" else f"{_WEB_PAGE} (HTML)"
    return "JSON" if _JSON.match(beginning) else None


def looks_like_csv(content: bytes) -> bool:
    """Whether the first line has three fields or more."""
    line = content[:_LOOK].partition(b"\n")[0]
    return b"\0" not in line and max(line.count(b";"), line.count(b","), line.count(b"\t")) >= 2
