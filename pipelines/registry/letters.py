"""Letters that nobody sees: what copying from a page, a chat or a PDF leaves in names, codes and numbers.

Put here: taking them out of a text. Keep out: what the text then means.
"""

from __future__ import annotations

import re

# soft hyphen, zero width, direction marks, byte order mark, variation selectors
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def legible(text: str) -> str:
    """A text without letters that nobody sees, every blank a plain one, none at the ends."""
    if text.isascii():
        return text.strip()
    return _BLANKS.sub(" ", _INVISIBLE.sub("", text)).strip()
