"""One answer of an API: its JSON, the rows in it, and what is said when it has another shape.

Put here: reading one body. Keep out: asking for it (``client``), the process that it is read in
(``body_child``), which one comes next (``pages``).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.messages import Message, message, printable
from pipelines.submissions.encodings import decoded, without_half_characters
from pipelines.submissions.extract import Number, Row, flat

if TYPE_CHECKING:
    from pipelines.sources.rest.stored_rows import StoredRows

_LONGEST_NAME = 80
MOST_KEPT_BYTES = 2**20
"""How much of an answer is kept beside its rows."""


class NotJson(ValueError):
    """The body is no JSON text: damaged on its way, or an answer of another kind."""


class Misshapen(ValueError):
    """An answer has another shape than the sources file says: the place (a JSON path), why, its bytes."""

    def __init__(self, place: str, why: Message, content: bytes = b"") -> None:
        super().__init__(f"{place}: {why}")
        self.place = place
        self.why = why
        self.content = content


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: the address that gave it (after redirects), its headers, what is in it.

    ``content`` are its first bytes, for whoever looks at what it was; ``size`` is the number of all.

    ``body`` is its JSON, of each list its first element alone; ``given`` are its records, without nesting, or
    ``misshapen`` the place and the reason why there are none. ``is_partial`` is one that HTTP itself says to
    be a part (206).
    """

    address: str
    headers: Mapping[str, str]
    content: bytes
    size: int
    body: Any
    given: StoredRows
    misshapen: tuple[str, Message] | None = None
    is_partial: bool = False

    def rows(self) -> StoredRows:
        """The records, without nesting.

        Raises:
            Misshapen: no list is there, or something in it is no object.
        """
        if self.misshapen:
            raise Misshapen(*self.misshapen, self.content)
        return self.given

    def count(self, path: str) -> int:
        """The number of rows that the answer gives at a dotted path.

        Raises:
            Misshapen: no whole number is there.
        """
        found = self.at(path)
        if not isinstance(found, str) or not re.fullmatch(r"[0-9]{1,12}", found):
            raise Misshapen(json_path(path), message("rest.no_whole_number"), self.content)
        return int(found)

    def at(self, path: str) -> Any:
        """What stands at a dotted path; ``None`` where nothing does."""
        return _walk(self.body, path)

    def names(self, path: str) -> bool:
        """Whether the field at a dotted path is there at all, be it null."""
        above, _, name = path.rpartition(".")
        holder = _walk(self.body, above)
        return isinstance(holder, dict) and name in holder


def rows_at(body: Any, path: str) -> list[Row]:
    """The records at a dotted path of a body, without nesting.

    Raises:
        Misshapen: no list is there, or something in it is no object.
    """
    place = json_path(path)
    found = _walk(body, path)
    if not isinstance(found, list):
        raise Misshapen(place, _no_list(found, body))
    for number, record in enumerate(found):
        if not isinstance(record, dict):
            raise Misshapen(f"{place}[{number}]", message("rest.no_object"))
    try:
        return [flat(record) for record in found]
    except RecursionError:
        raise Misshapen(place, message("rest.too_deep")) from None


def parsed(content: bytes) -> Any:
    """The JSON of a body, with every number as the text it was written as.

    Raises:
        NotJson: it is none, or not all of it.
        Misshapen: an object names a field twice, or objects nest too deep.
    """
    try:
        body = json.loads(
            decoded(content),
            object_pairs_hook=_object,
            parse_int=Number,
            parse_float=Number,
            parse_constant=str,
        )
        if _HALF_CHARACTER in content.lower():
            body = _whole_characters(body)
    except json.JSONDecodeError as error:
        raise NotJson(str(error)) from None
    except RecursionError:
        raise Misshapen("$", message("rest.too_deep"), content) from None
    except _NamedTwice as error:
        raise Misshapen(f"$..{error}", message("rest.named_twice"), content) from None
    return body


def json_path(path: str) -> str:
    """A dotted path as people know it from JSONPath: ``data.items`` is ``$.data.items``."""
    return f"$.{path}" if path else "$"


_HALF_CHARACTER = rb"\ud"  # an escaped surrogate, which is a character only beside its other half


def _whole_characters(found: Any) -> Any:
    """The same with texts that hold no half of a character: one such text costs its row alone."""
    if isinstance(found, dict):
        return {_whole_characters(name): _whole_characters(value) for name, value in found.items()}
    if isinstance(found, list):
        return [_whole_characters(value) for value in found]
    return without_half_characters(found) if type(found) is str else found


def shown(name: str) -> str:
    """The name of a field, as a message can hold it."""
    said = printable(name)
    return said if len(said) <= _LONGEST_NAME else said[: _LONGEST_NAME - 1] + "…"


class _NamedTwice(Exception):
    pass


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise _NamedTwice(shown(next(name for name, count in counts.items() if count > 1)))
    return found


def _walk(body: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _no_list(found: Any, body: Any) -> Message:
    """That a list is wanted, and what is there instead: the kind of value, and the fields around it."""
    if isinstance(found, dict):
        kind = message("rest.an_object")
    else:
        kind = message("rest.nothing" if found is None else "rest.one_value")
    around = ", ".join(map(shown, sorted(body)[:20])) if isinstance(body, dict) else ""
    return message("rest.no_list", found=kind, fields=f" ($: {around})" * bool(around))
