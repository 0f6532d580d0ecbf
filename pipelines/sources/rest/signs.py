"""What an answer says of itself beside its rows: that it is an error, that there is more, how many there are.

APIs say it in words of their own. Those that are in common use are known here, so that a page which the
sources file does not ask for is not left out without a word.

Put here: words of an envelope. Keep out: the fields that the sources file names (``answer``, ``pages``),
what follows from a sign (``pages``, ``connector``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_FALSE = frozenset({"", "0", "false", "no", "none", "null", "tidak", "-"})
_GOOD = frozenset({"success", "sukses", "berhasil", "ok", "issuccess", "succeeded"})
_BAD = frozenset({"error", "errors", "iserror", "haserror", "galat", "kesalahan", "exception", "fault"})
_STATES = frozenset({"status", "state", "result"})
_BAD_STATES = frozenset({"error", "fail", "failed", "failure", "gagal", "galat"})
_CODES = frozenset({"status", "code", "statuscode", "responsecode", "httpstatus", "errorcode"})
_SENTENCES = ("message", "pesan", "detail", "error", "errors", "description", "keterangan")

_NEXT = frozenset(
    {"next", "nextpage", "nextlink", "nexturl", "nextpageurl", "nextcursor", "nextpagetoken", "nexttoken"}
    | {"nextoffset", "nextmarker", "odatanextlink", "continuationtoken", "selanjutnya", "berikutnya"}
    | {"halamanberikutnya"}
)
_MORE = frozenset(
    {"hasmore", "hasnext", "hasnextpage", "more", "moreresults", "hasmoreitems", "istruncated", "truncated"}
)
_LAST = frozenset({"last", "islast", "islastpage"})
_PAGES = frozenset(
    {"totalpages", "totalpage", "pagecount", "pagestotal", "numpages", "lastpage", "pages", "jumlahhalaman"}
    | {"totalhalaman"}
)
_COUNTS = frozenset(
    {"count", "total", "totalcount", "totalrows", "totalrecords", "totalelements", "totalitems"}
    | {"totalresults", "totaldata", "numfound", "recordstotal", "jumlahdata", "jumlahbaris", "totalbaris"}
)
# DataTables counts all that it has beside what was asked for
_COUNT_OF_THE_ASKED = "recordsfiltered"
_HOLDERS = frozenset(
    {"meta", "metadata", "pagination", "paging", "paginate", "pager", "page", "pageinfo", "info", "links"}
    | {"cursor", "cursors", "response", "result", "header", "status", "halaman"}
)
_LONGEST_SENTENCE = 160


class Sign(NamedTuple):
    """What stands where (a JSON path, or a header)."""

    place: str
    value: str


def error_in(body: Any, path: str) -> Sign | None:
    """That the answer is an error, whatever its HTTP status: the place, and the API's own sentence.

    ``path`` is the dotted path to the rows.
    """
    for place, holder in _envelope(body, path):
        for name, value in holder.items():
            if _is_error(_plain(name), value):
                return Sign(f"{place}.{name}", _sentence(holder, value))
    return None


def more_in(body: Any, path: str, pages_read: int) -> Sign | None:
    """That rows follow after the ``pages_read`` that were read."""
    for place, holder in _envelope(body, path):
        for name, value in holder.items():
            plain = _plain(name)
            pages = _number(value) if plain in _PAGES else None
            if (
                (plain in _NEXT and _points_on(value))
                or (plain in _MORE and _is_true(value))
                or (plain in _LAST and value is False)
                or (pages is not None and pages > pages_read)
            ):
                return Sign(f"{place}.{name}", _shown(value))
    return None


def is_last(body: Any, path: str, pages_read: int) -> bool:
    """Whether the answer says that no rows follow after the ``pages_read`` that were read."""
    if more_in(body, path, pages_read):
        return False
    for _, holder in _envelope(body, path):
        for name, value in holder.items():
            plain = _plain(name)
            if (
                (plain in _NEXT and not _points_on(value))
                or (plain in _MORE and not _is_true(value))
                or (plain in _LAST and value is True)
                or (plain in _PAGES and _number(value) == pages_read)
            ):
                return True
    return False


def count_in(body: Any, path: str) -> tuple[str, int] | None:
    """The largest number of rows that the answer announces, and where."""
    found: dict[str, tuple[str, int]] = {}
    for place, holder in _envelope(body, path):
        for name, value in holder.items():
            plain, number = _plain(name), _number(value)
            if number is not None and plain in _COUNTS | {_COUNT_OF_THE_ASKED}:
                found[plain] = max(found.get(plain, ("", -1)), (f"{place}.{name}", number), key=_second)
    if _COUNT_OF_THE_ASKED in found:
        found.pop("recordstotal", None)
    return max(found.values(), key=_second, default=None)


def count_in_headers(headers: Mapping[str, str]) -> tuple[str, int] | None:
    """The number of rows that a header announces (``X-Total-Count``, ``Content-Range: 0-24/319``)."""
    for name in ("x-total-count", "x-total", "x-wp-total"):
        if re.fullmatch(r"[0-9]{1,12}", text := headers.get(name, "").strip()):
            return name, int(text)
    if ranged := re.fullmatch(r".*/([0-9]{1,12})\s*", headers.get("content-range", "")):
        return "content-range", int(ranged[1])
    return None


def _envelope(body: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects around the rows, and those beside them that are about the answer (``meta``, ``pager``)."""
    place, holder = "$", body
    for name in [*path.split("."), None] if path else [None]:
        if not isinstance(holder, dict):
            return
        yield place, holder
        yield from _about(place, holder, 2, name)
        if name is not None:
            place, holder = f"{place}.{name}", holder.get(name)


def _about(
    place: str, holder: Mapping[str, Any], depth: int, besides: str | None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in holder.items():
        if isinstance(value, dict) and name != besides and _plain(name) in _HOLDERS and depth:
            yield f"{place}.{name}", value
            yield from _about(f"{place}.{name}", value, depth - 1, None)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is_error(name: str, value: Any) -> bool:
    if name in _GOOD:
        return value is False or _text(value) in {"false", "0"}
    if name in _BAD:
        return _is_true(value)
    if name in _STATES and (value is False or _text(value) in _BAD_STATES):
        return True
    return name in _CODES and re.fullmatch(r"[45][0-9]{2}", _text(value)) is not None


def _points_on(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_true(value.get(name)) for name in ("href", "url", "cursor", "page", "offset"))
    return _is_true(value)


def _is_true(value: Any) -> bool:
    if isinstance(value, dict | list):
        return bool(value)
    return value is True or (isinstance(value, str) and _text(value) not in _FALSE)


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value) else None


def _text(value: Any) -> str:
    return str(value).strip().lower() if isinstance(value, str | bool) else ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        value = next((value[name] for name in ("href", "url", "cursor") if value.get(name)), "…")
    text = str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
    # an address without its query, which may hold what is not for a log
    text = text.partition("?")[0] + "?…" * ("?" in text)
    return text if len(text) <= _LONGEST_SENTENCE else text[: _LONGEST_SENTENCE - 1] + "…"


def _sentence(holder: Mapping[str, Any], value: Any) -> str:
    words = {_plain(name): text for name, text in holder.items() if isinstance(text, str)}
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        words |= {_plain(name): text for name, text in value.items() if isinstance(text, str)}
    return _shown(next((words[name] for name in _SENTENCES if _is_true(words.get(name))), value))


def _second(pair: tuple[str, int]) -> int:
    return pair[1]
