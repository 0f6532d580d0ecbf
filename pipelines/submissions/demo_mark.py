"""The mark of made-up data: a word that documents of samples, and forms filled from them, carry in a cell.

It is text of the document itself, so that it goes with a copy, another name, a re-save in another program, or
rows pasted elsewhere; nobody writes it by accident. People read the notice that stands beside it.

Put here: the mark, finding it in a document, keeping it beside the rows. Keep out: what follows from it
(``landing.landed_rows``, ``publish.candidate``).
"""

from __future__ import annotations

import io
import re
import zipfile

import pyarrow as pa

from pipelines.messages import say

MARK = "spm:demo"
COLUMN = "is_demo"
"""The column of a table of rows that holds the mark; the input has no such column, and needs none."""

_ENCODED = tuple(MARK.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_TEXTS = "xl/sharedStrings.xml"
# programs that keep no list of texts write them into the sheets
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml")
_OF_THE_ROWS = b"spm.demo"


def marked_notice() -> str:
    """The notice for people with the mark for readers, as one text."""
    return f"{say('demo.notice')} [{MARK}]"


def marked_title() -> str:
    """The shortest text that says it to people and readers: for each row of a file."""
    return f"{say('demo.title')} [{MARK}]"


def carries_mark(content: bytes) -> bool:
    """Whether a document carries the mark. Of an archive: one that the guard has let pass."""
    if not content.startswith(b"PK\x03\x04"):
        return any(mark in content for mark in _ENCODED)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        parts = [_TEXTS] if _TEXTS in names else [name for name in names if _SHEETS.fullmatch(name)]
        return any(_ENCODED[0] in archive.read(part) for part in parts)


def with_mark(rows: pa.Table) -> pa.Table:
    """The rows of a document that carries the mark: they keep it from then on."""
    return rows.replace_schema_metadata({**(rows.schema.metadata or {}), _OF_THE_ROWS: MARK.encode()})


def is_marked(rows: pa.Table) -> bool:
    """Whether the rows came from a document that carries the mark."""
    return _OF_THE_ROWS in (rows.schema.metadata or {})
