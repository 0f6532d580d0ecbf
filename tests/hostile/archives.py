"""Archives that say one thing and hold another, or do not hold together."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib

from tests.hostile.document import Collection, Maker
from tests.hostile.forms import SHEET, STRINGS, TYPES, archive, changed, good_form

ARCHIVES = Collection()


def _named(name: str) -> Maker:
    return lambda: _renamed(
        changed({"xl/media/placeholder.png": b"x"}), b"xl/media/placeholder.png", name.encode()
    )


def _renamed(content: bytes, old: bytes, new: bytes) -> bytes:
    return content.replace(old, new.ljust(len(old), b"x")[: len(old)])


def _entry(content: bytes, name: str) -> tuple[int, int]:
    """Where an entry stands in the directory, and where its own header stands."""
    at = content.index(name.encode(), content.index(b"PK\1\2")) - 46
    return at, struct.unpack_from("<I", content, at + 42)[0]


def _patched(content: bytes, *patches: tuple[int, bytes]) -> bytes:
    made = bytearray(content)
    for at, new in patches:
        made[at : at + len(new)] = new
    return bytes(made)


def _with_size(size: int, name: str = STRINGS) -> bytes:
    content = good_form()
    directory, header = _entry(content, name)
    return _patched(
        content, (directory + 24, struct.pack("<I", size)), (header + 22, struct.pack("<I", size))
    )


ARCHIVES.add(
    "workbook",
    "DOC-015",
    {
        "junk_before": ("before", lambda: b"junk" + good_form()),
        "junk_after": ("after", lambda: good_form() + b"<script>"),
        "parent_folder": ("name", _named("../../../etc/cron.d/spmxxxx")),
        "absolute_path": ("name", _named("/etc/cron.d/spm")),
        "drive_letter": ("name", _named("C:/Windows/win.ini")),
        "backslash": ("name", _named("xl\\media\\a.png")),
        "nul_in_name": ("name", _named("xl/media/a.png\0.exe")),
        "size_declared_too_small": ("false", lambda: _with_size(10)),
        "size_declared_too_large": ("false", lambda: _with_size(90_000)),
        "sizes_differ": (
            "differ",
            lambda: _patched(good_form(), (_entry(good_form(), STRINGS)[0] + 24, struct.pack("<I", 10))),
        ),
        "names_differ": (
            "differ",
            lambda: _patched(good_form(), (_entry(good_form(), STRINGS)[1] + 30, b"xl/sharedStrange.xml")),
        ),
        "zip64_sizes": (
            "ZIP64",
            lambda: _patched(good_form(), (_entry(good_form(), STRINGS)[0] + 24, b"\xff" * 4)),
        ),
    },
)


@ARCHIVES.one("DOC-001", "damaged")
def wrong_checksum() -> bytes:
    directory, header = _entry(good_form(), STRINGS)
    return _patched(good_form(), (directory + 16, b"\0\0\0\0"), (header + 14, b"\0\0\0\0"))


@ARCHIVES.one("DOC-001", "damaged")
def unknown_compression() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(TYPES, b"<Types/>")
    return buffer.getvalue()


@ARCHIVES.one("DOC-001", "damaged")
def second_disk() -> bytes:
    return _patched(good_form(), (good_form().rindex(b"PK\5\6") + 4, b"\1\0"))


@ARCHIVES.one("DOC-012", SHEET)
def encrypted_part() -> bytes:
    directory, header = _entry(good_form(), SHEET)
    return _patched(good_form(), (directory + 8, b"\1"), (header + 6, b"\1"))


@ARCHIVES.one("DOC-015", "twice")
def name_used_twice() -> bytes:
    return _renamed(
        changed({"xl/worksheets/sheetX.xml": b"<a/>"}), b"xl/worksheets/sheetX.xml", SHEET.encode()
    )


@ARCHIVES.one("DOC-015", "twice")
def name_used_twice_in_another_case() -> bytes:
    return changed({"XL/Workbook.xml": b"<a/>"})


@ARCHIVES.one("DOC-015", "symbolic link")
def symbolic_link() -> bytes:
    return archive(
        (TYPES, b"<Types/>"), ("xl/a.xml", b"/etc/passwd"), attributes=(stat.S_IFLNK | 0o777) << 16
    )


@ARCHIVES.one("DOC-015", "overlap")
def parts_inside_each_other() -> bytes:
    inner = archive(("xl/inner.bin", b"y" * 100))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as outer:
        outer.writestr(TYPES, b"<Types/>")
        outer.writestr("xl/outer.bin", inner[: inner.index(b"PK\1\2")])
        with zipfile.ZipFile(io.BytesIO(inner)) as other:
            info = other.getinfo("xl/inner.bin")
        info.header_offset = outer.getinfo("xl/outer.bin").header_offset + 30 + len("xl/outer.bin")
        outer.filelist.append(info)
    return buffer.getvalue()


@ARCHIVES.one("DOC-015", "ZIP64")
def zip64_directory() -> bytes:
    content = good_form()
    end = content.rindex(b"PK\5\6")
    return content[:end] + b"PK\6\7" + b"\0" * 16 + content[end:]


def _packed(new: bytes) -> bytes:
    """The good form with the first packed bytes of one part replaced."""
    start = _entry(good_form(), STRINGS)[1] + 30 + len(STRINGS)
    return _patched(good_form(), (start, new))


def _elsewhere(offset: int) -> bytes:
    """The good form with a part whose place the directory gives wrongly."""
    return _patched(good_form(), (_entry(good_form(), SHEET)[0] + 42, struct.pack("<I", offset)))


def _without_an_end() -> bytes:
    """A part that is whole but for the mark that its packed bytes end: it may have been longer."""
    text = b"<Types>" + b" " * 100 + b"</Types>"
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
    content = archive((TYPES, packed))
    directory, header = _entry(content, TYPES)
    sizes = struct.pack("<HHHIII", 8, 0, 33, zlib.crc32(text), len(packed), len(text))
    return _patched(content, (directory + 10, sizes), (header + 8, sizes))


ARCHIVES.add(
    "workbook",
    "DOC-001",
    {
        "packed_bytes_damaged": (STRINGS, lambda: _packed(b"\xff" * 8)),
        "packed_bytes_without_an_end": (TYPES, _without_an_end),
        "directory_damaged": (
            "damaged",
            lambda: _patched(good_form(), (_entry(good_form(), SHEET)[0], b"XX")),
        ),
        "part_beyond_the_file": (SHEET, lambda: _elsewhere(2**31)),
        "part_where_none_is": (SHEET, lambda: _elsewhere(7)),
    },
)


@ARCHIVES.one("DOC-015", "name")
def name_that_is_not_utf_8() -> bytes:
    content = _renamed(changed({"xl/media/é.png": b"x"}), "xl/media/é.png".encode(), b"xl/media/\xff\xff.png")
    assert b"\xff\xff.png" in content
    return content


@ARCHIVES.one("DOC-015", "overlap")
def part_that_runs_into_the_directory() -> bytes:
    content = archive((TYPES, b"<Types/>"), ("xl/last.bin", b"x" * 50))
    directory, header = _entry(content, "xl/last.bin")
    sizes = struct.pack("<II", 60, 60)
    return _patched(content, (directory + 20, sizes), (header + 18, sizes))
