"""What an error of a database means: whether another attempt may succeed, and what to do if not.

Sources: PEP 249 (classes of errors), SQLSTATE classes of ISO 9075 and PostgreSQL, MySQL and SQL Server codes.

Put here: judging errors. Keep out: the attempts (``connector``).
"""

from __future__ import annotations

from pipelines.messages import Message, cause, message


class Interrupted(Exception):
    """An attempt was cut short: connection, lock, time. Another one may succeed."""


class PermanentFailure(Exception):
    """No attempt can succeed; the message says why and how to fix it."""


_LOGIN_STATES = ("28", "3D")
_LOGIN_CODES = frozenset({1044, 1045, 1049, 1698, 4060, 18456})
# libpq gives no SQLSTATE for a connection that the server refuses
_LOGIN_TEXTS = ("authentication failed", "no password supplied", "no pg_hba.conf entry", "does not exist")
_QUERY_STATES = ("0A", "21", "22", "25001", "25006", "34", "42", "44", "54")
_QUERY_CODES = frozenset({1142, 1143, 1792})
_QUERY_CLASSES = frozenset({"ProgrammingError", "NotSupportedError", "DataError", "IntegrityError"})


def failure(error: BaseException) -> Interrupted | PermanentFailure:
    """The meaning of ``error``, which a database driver raised."""
    said = cause(error)
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    code = error.args[0] if error.args else None
    if state is None and isinstance(code, str) and len(code) == 5:
        state = code  # pyodbc
    if state is not None:
        login, query = state.startswith(_LOGIN_STATES), state.startswith(_QUERY_STATES)
    else:
        login = code in _LOGIN_CODES or any(text in said.english for text in _LOGIN_TEXTS)
        query = code in _QUERY_CODES or bool(_QUERY_CLASSES & {kind.__name__ for kind in type(error).__mro__})
    if login:
        return PermanentFailure(message("sql.login_refused", why=said))
    return refused_query(said) if query else Interrupted(said)


def refused_query(why: Message | str) -> PermanentFailure:
    """The sentence for a query that a database will never answer."""
    return PermanentFailure(message("sql.query_refused", why=why))


def too_slow(seconds: float) -> Message:
    """What is said of an answer that did not come in time."""
    return message("sql.too_slow", seconds=f"{seconds:g}")
