"""Validate a ZIP archive against every size and offset that it declares.

Source: APPNOTE.TXT 6.3, as far as Office packages use it. Readers of damaged or crafted archives disagree
about what is in them; here every place where they can is a reason to refuse. No part is unpacked before
the whole directory is judged, and none beyond the size that it declares.

Put here: the container. Keep out: what an Excel package may hold (``workbook``).
"""

from __future__ import annotations

import re
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.messages import say
from pipelines.readers.guard.content_type import ZIP
from pipelines.readers.guard.refusal import Refused, shown
from pipelines.settings import MB, Limits

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_END_SIGNATURE, _ENTRY_SIGNATURE = b"PK\5\6", b"PK\1\2"
_ZIP64_LOCATOR = b"PK\6\7"
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_IN_ZIP64 = 0xFFFFFFFF
_UNIX = 3
# small parts of long runs of the same bytes are honest
_RATIO_FROM_BYTES = 1 * MB
_UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f\\]|^/|^[A-Za-z]:|(?:^|/)\.\.?(?:/|$)|//|^$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive; ``start`` is where its packed bytes begin."""

    name: str
    method: int
    crc: int
    packed_size: int
    size: int
    header: int
    start: int


class Archive:
    """The archive in ``content``.

    Raises:
        Refused: DOC-001 damaged, DOC-011 too large, DOC-012 locked, DOC-015 crafted.
    """

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._content = content
        entries = list(_entries(content, limits))
        _judge_together(entries, content, limits)
        self._entries = {entry.name: entry for entry in entries}

    @property
    def names(self) -> list[str]:
        """The names of the parts, in the order of the directory."""
        return list(self._entries)

    def part(self, name: str) -> bytes:
        """One part, unpacked.

        Raises:
            Refused: DOC-001 damaged, DOC-015 its size is not the declared one.
        """
        entry = self._entries[name]
        packed = self._content[entry.start : entry.start + entry.packed_size]
        part = packed if entry.method == _STORED else _inflated(packed, entry)
        if zlib.crc32(part) != entry.crc:
            raise _damaged(name)
        return part


def _damaged(place: str) -> Refused:
    return Refused("DOC-001", shown(place), f".xlsx ({say('guard.damaged')})")


def _crafted(place: str, why: str) -> Refused:
    return Refused("DOC-015", shown(place), why)


def _inflated(packed: bytes, entry: Entry) -> bytes:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        part = inflate.decompress(packed, entry.size + 1)
    except zlib.error as error:
        raise _damaged(entry.name) from error
    if len(part) != entry.size or inflate.unused_data:
        raise _crafted(entry.name, say("guard.false_size"))
    if not inflate.eof:
        raise _damaged(entry.name)
    return part


def _directory(content: bytes) -> tuple[int, int]:
    """Where the directory starts and how many entries it has; the archive must be all that there is."""
    at = content.rfind(_END_SIGNATURE)
    if at < 0 or at + _END.size > len(content):
        raise _damaged("")
    _, disk, first_disk, here, count, size, start, comment = _END.unpack_from(content, at)
    if at >= 20 and content[at - 20 : at - 16] == _ZIP64_LOCATOR:
        raise _crafted("", f"{say('guard.archive')} ZIP64")
    if disk or first_disk or here != count:
        raise _damaged("")
    if start + size != at or at + _END.size + comment != len(content) or not content.startswith(ZIP):
        raise _crafted("", say("guard.content_around"))
    return start, count


def _entries(content: bytes, limits: Limits) -> Iterator[Entry]:
    at, count = _directory(content)
    if count > limits.entries:
        raise Refused("DOC-011", "", f"{count} > {limits.entries} {say('guard.parts')}")
    for _ in range(count):
        if content[at : at + 4] != _ENTRY_SIGNATURE or at + _ENTRY.size > len(content):
            raise _damaged("")
        # fmt: off
        (_, made_by, _, flags, method, _, _, crc, packed_size, size, name_length, extra, comment, _, _,
         attributes, header) = _ENTRY.unpack_from(content, at)
        # fmt: on
        at += _ENTRY.size
        raw_name = content[at : at + name_length]
        at += name_length + extra + comment
        name = _name(raw_name, flags)
        if flags & _ENCRYPTED:
            raise Refused("DOC-012", shown(name), ".xlsx")
        if made_by >> 8 == _UNIX and stat.S_ISLNK(attributes >> 16):
            raise _crafted(name, say("guard.symbolic_link"))
        if _IN_ZIP64 in (packed_size, size, header):
            raise _crafted(name, f"{say('guard.archive')} ZIP64")
        if method not in (_STORED, _DEFLATED) or (method == _STORED and size != packed_size):
            raise _damaged(name)
        sizes = (crc, packed_size, size)
        start = _start(content, header, raw_name, method, sizes)
        yield Entry(name, method, crc, packed_size, size, header, start)


def _name(raw: bytes, flags: int) -> str:
    try:
        name = raw.decode("utf-8" if flags & _UTF8 else "cp437")
    except UnicodeDecodeError:
        raise _crafted(raw.decode("latin-1"), say("guard.part_name")) from None
    if _UNSAFE_NAME.search(name):
        raise _crafted(name, say("guard.part_name"))
    return name


def _start(content: bytes, header: int, name: bytes, method: int, sizes: tuple[int, int, int]) -> int:
    """Where an entry's bytes begin; its own header must say what the directory says."""
    if header + _LOCAL.size > len(content):
        raise _damaged(name.decode("latin-1"))
    signature, _, flags, its_method, _, _, crc, packed, size, name_length, extra = _LOCAL.unpack_from(
        content, header
    )
    if signature != ZIP:
        raise _damaged(name.decode("latin-1"))
    start = header + _LOCAL.size
    if content[start : start + name_length] != name or its_method != method or flags & _ENCRYPTED:
        raise _crafted(name.decode("latin-1"), say("guard.two_descriptions"))
    # sizes may follow the bytes instead, or stand in a ZIP64 field although they are small
    if not flags & _SIZES_FOLLOW and _IN_ZIP64 not in (packed, size) and (crc, packed, size) != sizes:
        raise _crafted(name.decode("latin-1"), say("guard.two_descriptions"))
    return start + name_length + extra


def _judge_together(entries: list[Entry], content: bytes, limits: Limits) -> None:
    folded: set[str] = set()
    for entry in entries:
        if entry.name.casefold() in folded:
            raise _crafted(entry.name, say("guard.name_twice"))
        folded.add(entry.name.casefold())
        if entry.size > _RATIO_FROM_BYTES and entry.size > limits.ratio * entry.packed_size:
            ratio = entry.size // max(entry.packed_size, 1)
            raise Refused(
                "DOC-011",
                shown(entry.name),
                f"{ratio} > {limits.ratio} {say('guard.times_larger')}",
            )
    total = sum(entry.size for entry in entries)
    if total > limits.inflated_bytes:
        raise Refused(
            "DOC-011",
            "",
            f"{-(-total // MB)} MB > {limits.inflated_bytes // MB} MB {say('guard.unpacked')}",
        )
    end = 0
    directory, _ = _directory(content)
    for entry in sorted(entries, key=lambda entry: entry.header):
        if entry.header < end or (end == 0 and entry.header != 0):
            raise _crafted(entry.name, say("guard.parts_overlap"))
        end = entry.start + entry.packed_size
    if end > directory:
        raise _crafted("", say("guard.parts_overlap"))
