"""Where the database is: an address that holds a secret, and everything that may be said of it without.

Put here: reading the address, hiding its secrets. Keep out: where it comes from (``settings``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, urlencode

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from pipelines.messages import say
from pipelines.settings import POSTGRES_URL, SettingsError

_SECRET_OPTIONS = frozenset({"password", "sslpassword"})
_DEFAULTS = {
    "application_name": "spm",
    "client_encoding": "utf8",
    "connect_timeout": "10",
    # a line that fell silent ends the load, and with it the transaction
    "tcp_user_timeout": "60000",
}


class AddressError(SettingsError):
    """The address cannot be used; the message does not repeat it, because a part may be the password."""


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a PostgreSQL database; what it shows of itself holds no secret."""

    _url: URL = field(repr=False)
    _text: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read ``postgresql://user:password@host:port/database?option=value``.

        Raises:
            AddressError: the address cannot be read, or is not PostgreSQL's.
        """
        try:
            url = make_url(text)
            # an @ or / of a password that is not written as %XX lands among these, and would be shown
            readable = not any("@" in part for part in (url.host or "", url.database or ""))
        except (ArgumentError, ValueError):
            readable = False
        if not readable:
            raise AddressError(say("postgres.unreadable_address", at=POSTGRES_URL))
        if url.get_backend_name() not in ("postgresql", "postgres"):
            raise AddressError(say("postgres.other_database", at=POSTGRES_URL))
        return cls(url.set(drivername="postgresql"), text)

    @property
    def uri(self) -> str:
        """As libpq reads it, the secret in it: for connecting alone."""
        # SQLAlchemy leaves a space as it is, which libpq refuses
        login = ":".join(quote(part, safe="") for part in (self._url.username, self._url.password) if part)
        host = f"[{self._url.host}]" if ":" in (self._url.host or "") else self._url.host or ""
        place = f"{host}:{self._url.port}" if self._url.port else host
        options = urlencode({**_DEFAULTS, **self._url.query}, doseq=True, quote_via=quote)
        return (
            f"postgresql://{login}{'@' if login else ''}{place}/{quote(self._url.database or '')}?{options}"
        )

    @property
    def place(self) -> str:
        """Host and database, for people."""
        host = self._url.host or self._url.query.get("host") or "localhost"
        return f"{host}/{self._url.database or self._url.username or ''}"

    def without_secrets(self, sentence: str) -> str:
        """A sentence of a library with every secret of the address made unreadable."""
        for word in sorted(self._secrets(), key=len, reverse=True):
            sentence = sentence.replace(word, "***")
        return sentence

    def _secrets(self) -> set[str]:
        query: Mapping[str, str | tuple[str, ...]] = self._url.query
        named = [str(value) for option, value in query.items() if option.lower() in _SECRET_OPTIONS]
        plain = [word for word in (str(self._url.password or ""), *named) if word]
        quoted = [
            form(word) for word in plain for form in (quote, quote_plus, lambda one: quote(one, safe=""))
        ]
        return {self._text, self.uri, *plain, *quoted}
