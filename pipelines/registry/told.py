"""What may be told of an error, wherever it is kept or sent: without secrets, without personal data.

A server, a database or a library says of a fault what it was given: an address with its password, a header,
the value of a row. Nobody has to know beforehand which of them does.

Put here: hiding in a text, and in an exception with all that led to it. Keep out: what personal data looks
like (``personal_data``), where a text goes.
"""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import quote, quote_plus, unquote

from pipelines.messages import Message
from pipelines.registry.personal_data import masked
from pipelines.settings import secrets_read

_SHORTEST_SECRET = 4
"""What is shorter stands in many words that are no secret."""
_ESCAPED = re.compile(r"%([2-6][0-9A-Fa-f]|7[0-9A-Ea-e])")
_LOGIN = re.compile(r"(?<=://)(?!user:password@host)\S*@")
"""But the one that our messages show as an example."""
_NAMED = re.compile(
    r"(?i)\b((?:[\w-]*(?:password|passwd|pwd|token|secret|api[_-]?key))(?:=|%3D)|authorization:\s*(?:\w+\s+)?|bearer\s+)"
    r"[^\s&;,]+"
)


def without_secrets(text: str) -> str:
    """The text without a secret that this process has read, or that looks like one."""
    for word in _words_of(secrets_read()):
        text = text.replace(word, "***")
    return _NAMED.sub(r"\1***", _LOGIN.sub("***@", text))


def told(text: str) -> str:
    """The text without secrets, and with the kind of each personal datum in its place."""
    safe = _hidden_text(text)
    # %20 before a number makes it another number
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), safe)
    safe_plain = _hidden_text(plain)
    return safe if safe_plain == plain else safe_plain


def _hidden_text(text: str) -> str:
    return masked(without_secrets(text)).text


class HiddenError(Exception):
    """Stands for an exception that cannot but say what may not be told; names its class."""


def hidden(error: Exception) -> Exception:
    """The exception, with all that led to it, saying nothing that may not be told, whoever prints it.

    Where one of those that led to it says it all the same, however it was made, the line is cut there; in the
    place of the last one then comes another.
    """
    at: BaseException = error
    _hide_in_one(at)
    while (before := at.__cause__ or at.__context__) is not None:
        _hide_in_one(before)
        if not _says_nothing(before) or before is error:
            at.__cause__ = at.__context__ = None
            break
        at = before
    if _says_nothing(error):
        return error
    return HiddenError(told(f"{type(error).__name__}: {error}")).with_traceback(error.__traceback__)


def _hide_in_one(error: BaseException) -> None:
    if _says_nothing(error):
        return
    error.args = tuple(_hidden(one) for one in error.args)


def _hidden(value: object) -> object:
    if isinstance(value, Message):
        return Message(told(value.indonesian), told(value.english))
    return told(value) if isinstance(value, str) else value


def _says_nothing(error: BaseException) -> bool:
    said = str(error)
    return told(said) == said


@cache
def _words_of(secrets: frozenset[str]) -> list[str]:
    """Each secret as it may be written, the longest first; of an address its password too."""
    plain = set(secrets)
    for secret in secrets:
        login = secret.partition("://")[2].rpartition("@")[0]
        password = login.partition(":")[2]
        plain |= {password, unquote(password)}
    written = {
        form(word) for word in plain for form in (str, quote, quote_plus, lambda one: quote(one, safe=""))
    }
    long_enough = [word for word in written if len(word) >= _SHORTEST_SECRET]
    return sorted(long_enough, key=lambda word: (-len(word), word))
