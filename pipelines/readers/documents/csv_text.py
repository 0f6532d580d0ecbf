"""The text of a CSV document: whether its bytes are one, and in which encoding.

Known quirks: Excel's "Unicode text" is UTF-16 with tabs; files put together have a byte order mark within.

Put here: bytes of a document to text. Keep out: letters of one byte (``submissions.encodings``), lines and
labels (``csv``).
"""

from __future__ import annotations

import codecs

from pipelines.submissions.encodings import decoded

MOST_NULS = 100
"""One NUL in so many bytes is a damaged cell; more are another kind of file."""
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOK = 512
_MARK = "\ufeff"


def is_wide(content: bytes) -> bool:
    """Whether a letter has two bytes or four: by the mark, or by a zero beside each of the first bytes."""
    return _wide_encoding(content) is not None


def text_of(content: bytes) -> str | None:
    """The text of a document, without byte order marks; none where the bytes are no text."""
    wide = _wide_encoding(content)
    if wide is None and content.count(0) * MOST_NULS > len(content):
        return None
    try:
        text = content.decode(wide) if wide else decoded(content)
    except UnicodeDecodeError:
        return None
    return text.replace(_MARK, "").replace("\0", "\ufffd")


def _wide_encoding(content: bytes) -> str | None:
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    if marked or b"\0" not in content[:_LOOK] or len(content) % 2:
        return marked
    first, second = content[:_LOOK:2], content[1:_LOOK:2]
    if not any(second) and all(first):
        return "utf-16-le"
    return "utf-16-be" if not any(first) and all(second) else None
