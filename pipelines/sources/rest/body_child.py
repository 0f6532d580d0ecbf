"""The process that parses the bodies of an API: what they are made of is for their server to choose.

A body of 60 KB unpacks to 60 MB of brackets, and those take gigabytes as objects. Here they end this process,
or are refused, and what goes back is the rows and the few fields around them, within bounds.

Put here: the program, and bounding what it gives back. Keep out: parsing (``answer``), our end of the
conversation (``body_reader``).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from pipelines.messages import Message, message
from pipelines.sandbox import OUT_OF_MEMORY
from pipelines.sources.rest.answer import Misshapen, NotJson, parsed, rows_at
from pipelines.sources.rest.signs import error_in
from pipelines.submissions.extract import Number

ROWS_PER_MESSAGE = 1000
_LETTERS_PER_MESSAGE = 4_000_000
_LONGEST_TEXT = 20_000
_DEEPEST = 6
_MOST_FIELDS = 5000


def main() -> None:
    """Answer bodies on the connection whose file descriptor is the last argument."""
    pipe = Connection(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to hear
    try:
        pipe.send_bytes(b"ready")
        while True:
            asked = json.loads(pipe.recv_bytes())
            signal.alarm(2 * asked["seconds"])  # for a parent that is gone
            for said in _answers(asked, pipe.recv_bytes()):
                pipe.send_bytes(said.encode("utf-8", "replace"))
            signal.alarm(0)
    except (EOFError, BrokenPipeError):
        return
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _answers(asked: dict[str, Any], content: bytes) -> Iterator[str]:
    """The rows in messages of some, then one object: the fields around them, or what is wrong."""
    try:
        body = parsed(content)
    except NotJson as error:
        yield json.dumps({"not_json": str(error)})
        return
    except Misshapen as error:
        yield _misshapen(error)
        return
    if found := error_in(body, asked["records"]):
        yield json.dumps({"error": [found.place, found.value]})
        return
    try:
        rows = rows_at(body, asked["records"])
        _demand_few(rows, asked)
    except Misshapen as error:
        yield _misshapen(error, body)
        return
    around = _json({"body": _around(body)})
    texts: list[str] = []
    letters = 0
    for row in rows:
        texts.append(_json(dict(row)))
        letters += len(texts[-1])
        if len(texts) == ROWS_PER_MESSAGE or letters > _LETTERS_PER_MESSAGE:
            yield _message(texts)
            texts, letters = [], 0
    if texts:
        yield _message(texts)
    yield around


def _message(rows: list[str]) -> str:
    """How many rows, and the rows."""
    return f"{len(rows)}\n[{','.join(rows)}]"


def _demand_few(rows: list[Any], asked: dict[str, Any]) -> None:
    """Go on with an answer that its reader can hold.

    Raises:
        Misshapen: it has too many rows, or too many values.
    """
    if len(rows) > asked["most_rows"]:
        raise Misshapen("$", message("rest.too_many_rows", count=len(rows), most=asked["most_rows"]))
    values = sum(map(len, rows))
    if values > asked["most_values"]:
        raise Misshapen("$", message("rest.too_many_values", count=values, most=asked["most_values"]))


def _misshapen(error: Misshapen, body: Any = None) -> str:
    why: Message = error.why
    around = {} if body is None else {"body": _around(body)}
    return _json({"misshapen": [error.place, why.indonesian, why.english], **around})


def _around(found: Any, depth: int = 0) -> Any:
    """What stands around the rows, small: of a list its first element, texts and objects cut short."""
    if isinstance(found, dict):
        if depth == _DEEPEST:
            return {"…": None} if found else {}
        names = [name for name in found if len(name) <= _LONGEST_TEXT][:_MOST_FIELDS]
        return {name: _around(found[name], depth + 1) for name in names}
    if isinstance(found, list):
        return [_around(value, depth + 1) for value in found[:1]] if depth < _DEEPEST else found[:0]
    if type(found) is Number:
        return Number(found[:_LONGEST_TEXT])
    return found[:_LONGEST_TEXT] if isinstance(found, str) else found


def _json(found: Any) -> str:
    """JSON with each number as it was written."""
    if type(found) is Number:
        return str(found)
    if isinstance(found, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_json(value)}" for name, value in found.items()) + "}"
    if isinstance(found, list):
        return "[" + ",".join(map(_json, found)) + "]"
    return json.dumps(found)


if __name__ == "__main__":
    main()
