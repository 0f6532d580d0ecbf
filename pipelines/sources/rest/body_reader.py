"""Bodies of an API, parsed in a process of their own: our end of the conversation.

Put here: asking that process, and what its end means. Keep out: parsing (``body_child``), HTTP (``client``).
"""

from __future__ import annotations

import atexit
import json
from dataclasses import dataclass
from typing import Any

from pipelines.messages import Message, message, say
from pipelines.sandbox import ChildEnded, ModuleChild
from pipelines.settings import MB, Limits
from pipelines.sources.rest.answer import MOST_KEPT_BYTES, Misshapen, NotJson
from pipelines.sources.rest.signs import Sign
from pipelines.sources.rest.stored_rows import StoredRows
from pipelines.submissions.extract import parsed

_PROGRAM = "pipelines.sources.rest.body_child"
_MESSAGE_BYTES = 64 * MB
"""More than the child sends, unless it is broken."""
_MOST_AROUND = 8 * MB
_MOST_COMMAS = 4_000_000
_DIGITS = 8
_GROWTH, _LEAST_BYTES = 8, 16 * MB
"""How much larger than a body its rows may be: a letter of two bytes is one of six in JSON."""


class TooMuch(Exception):
    """Parsing the body took too long, or too much memory; the message says which."""


@dataclass(frozen=True, slots=True)
class Body:
    """What is in a body: the fields around its rows, and its rows, or why there are none.

    ``error`` is the API's own word for it that the answer is an error.
    """

    around: Any
    rows: StoredRows
    misshapen: tuple[str, Message] | None = None
    error: Sign | None = None


def read_body(content: bytes | bytearray, records: str, limits: Limits) -> Body:
    """The rows at the dotted path ``records`` of a body, and what stands around them.

    Raises:
        NotJson: it is none, or not all of it.
        Misshapen: it is JSON that nobody should write, or holds more than an answer may.
        TooMuch: it ended the process that parses it.
    """
    reader = _idle.pop() if _idle else _Reader()
    try:
        body = reader.ask(content, records, limits)
    except ChildEnded as ended:
        reader.end()
        raise TooMuch(_how_it_ended(ended, limits)) from None
    except BaseException:
        # what is left unread on the line would be taken for the next answer
        if not reader.is_free:
            reader.end()
            raise
        _idle.append(reader)
        raise
    _idle.append(reader)
    return body


class _Reader(ModuleChild):
    def __init__(self) -> None:
        super().__init__(_PROGRAM)
        self.is_free = True

    def ask(self, content: bytes | bytearray, records: str, limits: Limits) -> Body:
        self.is_free = False
        self.limit_memory(limits.parse_memory_bytes)
        asked = {
            "records": records,
            "seconds": limits.parse_seconds,
            "most_rows": limits.records,
            "most_values": limits.cells,
        }
        rows = StoredRows()
        left = _GROWTH * len(content) + _LEAST_BYTES
        with self.within(limits.parse_seconds):
            self.pipe.send_bytes(json.dumps(asked).encode())
            self.pipe.send_bytes(content)
            while (came := self.pipe.recv_bytes(_MESSAGE_BYTES))[:1] != b"{":
                count, _, text = came.partition(b"\n")
                left -= len(came)
                is_count = count.isdigit() and len(count) < _DIGITS
                if left < 0 or not is_count or len(rows) + int(count) > limits.records:
                    raise OSError("something else speaks in the place of a parser")
                if text.count(b",") > _MOST_COMMAS:
                    raise OSError("more values than a message holds")
                rows.add(int(count), text)
        try:
            body = _understood(came, rows, content)
        except (KeyError, TypeError, RecursionError, UnicodeDecodeError, json.JSONDecodeError):
            raise TooMuch(message("rest.parsing_ended", how=say("reading.nonsense"))) from None
        except (NotJson, Misshapen):
            self.is_free = True
            raise
        self.is_free = True
        return body


def _understood(came: bytes, rows: StoredRows, content: bytes | bytearray) -> Body:
    """What the last message says of a body.

    Raises:
        NotJson, Misshapen: as ``read_body`` has it.
        KeyError, TypeError, RecursionError, ValueError: no parser of ours said this.
    """
    if len(came) > _MOST_AROUND:
        raise TypeError("more than stands around rows")
    said = parsed(came.decode())
    if "not_json" in said:
        raise NotJson(said["not_json"])
    if "misshapen" in said:
        place, *why = said["misshapen"]
        if "body" not in said:
            raise Misshapen(place, Message(*why), bytes(content[:MOST_KEPT_BYTES]))
        return Body(said["body"], rows, misshapen=(place, Message(*why)))
    if "error" in said:
        return Body(None, rows, error=Sign(*said["error"]))
    return Body(said["body"], rows)


_idle: list[_Reader] = []


def _how_it_ended(ended: ChildEnded, limits: Limits) -> Message:
    if ended.is_late:
        return message("rest.parsing_too_slow", seconds=limits.parse_seconds)
    if ended.is_out_of_memory:
        return message("rest.parsing_too_large", most=limits.parse_memory_bytes // MB)
    return message("rest.parsing_ended", how=str(ended))


@atexit.register
def end_readers() -> None:
    """End the processes that wait for a body; they would end by themselves with this one."""
    while _idle:
        _idle.pop().end()
