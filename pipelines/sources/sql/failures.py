"""What an error of a database means: whether another attempt may succeed, and what to do if not.

Sources: PEP 249 (classes of errors), SQLSTATE classes of ISO 9075 and PostgreSQL, MySQL and SQL Server codes.

Put here: judging errors. Keep out: the attempts (``connector``).
"""

from __future__ import annotations


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
    cause = one_line(error)
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    code = error.args[0] if error.args else None
    if state is None and isinstance(code, str) and len(code) == 5:
        state = code  # pyodbc
    if state is not None:
        login, query = state.startswith(_LOGIN_STATES), state.startswith(_QUERY_STATES)
    else:
        login = code in _LOGIN_CODES or any(text in cause for text in _LOGIN_TEXTS)
        query = code in _QUERY_CODES or bool(_QUERY_CLASSES & {kind.__name__ for kind in type(error).__mro__})
    if login:
        return PermanentFailure(
            f"ditolak masuk ({cause}); periksa nama, kata sandi, dan basis data "
            "/ login refused; check name, password and database"
        )
    return refused_query(cause) if query else Interrupted(cause)


def refused_query(cause: str) -> PermanentFailure:
    """The sentence for a query that a database will never answer."""
    return PermanentFailure(
        f"kueri ditolak ({cause}); perbaiki 'query': satu SELECT, hanya membaca "
        "/ the query is refused; fix 'query': one SELECT that only reads"
    )


def too_slow(seconds: float) -> str:
    """What is said of an answer that did not come in time."""
    return (
        f"belum selesai dalam {seconds:g} detik; persempit kueri atau naikkan 'timeout_seconds' "
        "/ not done in time; narrow the query or raise 'timeout_seconds'"
    )


def one_line(error: BaseException) -> str:
    """The text of an error without its line breaks."""
    return " ".join(str(error).split()) or type(error).__name__
