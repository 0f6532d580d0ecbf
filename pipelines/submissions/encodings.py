"""Bytes of texts as their letters: UTF-8, and what is none of it as Windows-1252.

Known quirks: Excel writes Windows-1252 in an Indonesian locale, and what was put together from several
programs holds both. A byte that is neither is shown as ``U+FFFD``: it costs its own text and no other.

Put here: decoding what was sent. Keep out: whether it is a text at all (``readers.guard``).
"""

from __future__ import annotations

import codecs

LEGACY = "cp1252"
_ERRORS = "spm.windows-1252"


def decoded(content: bytes) -> str:
    """A text without its byte order mark; each byte that is no UTF-8 is read as Windows-1252."""
    return content.decode("utf-8-sig", _ERRORS)


def without_half_characters(text: str) -> str:
    """A text whose lone halves of characters (surrogates) are shown as ``U+FFFD``."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _as_legacy(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode(LEGACY, "replace"), error.end


codecs.register_error(_ERRORS, _as_legacy)
