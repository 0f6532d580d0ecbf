"""Damage, by a seeded generator: bytes, parts of an archive, texts, cells, trees of YAML.

Put here: how input is made worse. Keep out: what a target takes as input.
"""

from __future__ import annotations

import io
import random
import zipfile
from typing import Any

LONGEST = 200_000
"""Bytes of an input after damage: what is larger is the business of the tests of bounds."""

TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b'"', b"'", b";", b"\t", b",,,,,,,,", b"-",
    b"=1+1", b"@SUM(A1)", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<![CDATA[", b"]]>", b"&#x1F;", b"&#0;",
    b"&a;", b"\xed\xa0\x80", b"\xc3\x28", b"9" * 400, b"1e999999999", b"-1e-999999", b"NaN", b"Infinity",
    b"0x1F", b"1_000", b"\xef\xbc\x99\xef\xbc\x90", b"\xd9\xa1\xd9\xa2", b"\xe2\x80\xae",
    b"\xe2\x80\x8b", b"\x1b]0;x\x07", b"\x1b[2J", b"{{7*7}}", b"${x}", b"{period}", b"{x", b"%s%n",
    b"../../../etc/passwd", b"null", b"true", b"[]", b"{}", b'{"a":', b"[" * 3000, b"2024-Q5",
    b"0000-00-00", b"99999-12-31", b"64.71", b"A" * 40_000, b"\\", b"\\N", b"K-KES-01", b"PK\x03\x04",
    b"PK\x05\x06",
)  # fmt: skip
"""What readers of text and archives have stumbled over elsewhere."""

TEXTS = tuple(token.decode("utf-8", "surrogateescape") for token in TOKENS)


def damaged(draw: random.Random, content: bytes, others: tuple[bytes, ...] = ()) -> bytes:
    """The bytes after one to six changes."""
    found = bytearray(content)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 6))):
        at = draw.randrange(len(found) + 1)
        length = min(len(found) - at, draw.choice((1, 2, 8, 64, 1024)))
        change = draw.randrange(7)
        if change == 0 and found:
            place = min(at, len(found) - 1)
            found[place] ^= 1 << draw.randrange(8)
        elif change == 1:
            del found[at : at + length]
        elif change == 2:
            found[at:at] = found[at : at + length] * draw.choice((1, 2, 200))
        elif change == 3:
            found[at : at + draw.choice((0, length))] = draw.choice(TOKENS)
        elif change == 4:
            found[at : at + length] = draw.randbytes(length)
        elif change == 5:
            del found[at:]
        elif others:
            other = draw.choice(others)
            start = draw.randrange(len(other) + 1)
            found[at : at + length] = other[start : start + 4096]
        del found[LONGEST:]
    return bytes(found)


def damaged_archive(draw: random.Random, content: bytes) -> bytes:
    """An archive with one to three of its parts damaged, renamed, doubled or left out, and packed again."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:  # a part of the corpus is no archive that Python reads
        return damaged(draw, content)
    for _ in range(draw.choice((1, 1, 2, 3))):
        if not parts:
            break
        place = draw.randrange(len(parts))
        name, part = parts[place]
        change = draw.randrange(6)
        if change <= 2:
            parts[place] = (name, damaged(draw, part, (draw.choice(parts)[1],)))
        elif change == 3:
            parts.insert(
                place,
                (draw.choice((name, name.upper(), f"../{name}", f"{name}/", "\x00x", name + "\n")), part),
            )
        elif change == 4:
            del parts[place]
        else:
            parts[place] = (name, draw.choice(parts)[1])
    buffer = io.BytesIO()
    packing = draw.choice(
        (zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    )
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, part in parts:
            try:
                archive.writestr(name or "x", part)
            except (ValueError, IndexError):  # a name that cannot be packed
                continue
    packed = buffer.getvalue()
    return damaged(draw, packed) if draw.random() < 0.1 else packed


def damaged_text(draw: random.Random, text: str) -> str:
    """A text as a person, a program or an attacker may write it in place of another."""
    at = draw.randrange(len(text) + 1)
    letters = (chr(draw.choice((draw.randrange(32, 127), draw.randrange(160, 0x3000)))) for _ in range(40))
    made = (
        draw.choice(TEXTS),
        text[:at] + draw.choice(TEXTS) + text[at:],
        text[:at],
        text * draw.choice((2, 50)),
        text[at:] + text[:at],
        "".join(letters)[: draw.randrange(40)],
        text.swapcase(),
    )
    return draw.choice(made)


def damaged_tree(draw: random.Random, tree: Any, depth: int = 0) -> Any:
    """A tree of mappings, lists and texts with about one node changed to something of another kind."""
    if isinstance(tree, dict) and tree and draw.random() < 0.85:
        changed = dict(tree)
        key = draw.choice(list(changed))
        change = draw.randrange(6)
        if change == 0:
            del changed[key]
        elif change == 1:
            changed[damaged_text(draw, str(key))] = changed[key]
        else:
            changed[key] = damaged_tree(draw, changed[key], depth + 1)
        return changed
    if isinstance(tree, list) and tree and draw.random() < 0.85:
        changed_list = list(tree)
        place = draw.randrange(len(changed_list))
        changed_list[place] = damaged_tree(draw, changed_list[place], depth + 1)
        if draw.random() < 0.2:
            changed_list.append(draw.choice(changed_list))
        return changed_list
    junk: tuple[Any, ...] = (
        {},
        [],
        "",
        {"a": {"b": "c"}},
        [[]],
        ["x", "y"],
        {"": ""},
        "0",
        "-1",
        "1e400",
        "null",
        "no",
        "[x]",
    )
    return draw.choice(junk) if draw.random() < 0.5 else damaged_text(draw, str(tree)[:2000])
