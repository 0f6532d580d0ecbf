"""A source that is a query on a database.

Put here: its keys and what each may hold. Keep out: asking (``server``, ``sqlite_file``, ``connector``).
"""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from pipelines.messages import say
from pipelines.sources.source import Source
from pipelines.submissions.reading_spec import PASSWORD_IN_ADDRESS, PLACEHOLDERS, SECRET_NAME


class SqlSource(Source):
    """Rows of a query on any database that SQLAlchemy speaks to.

    ``url`` holds no password; an address with one is given by the name of its variable, ``url_env``.
    ``query`` may hold ``:period``, ``:year`` and ``:quarter``, which are bound, never written into it.
    """

    kind: Literal["sql"]
    url: str | None = None
    url_env: str | None = None
    query: str = Field(min_length=1)
    key: tuple[str, ...] = Field(min_length=1)
    attempts: int = Field(default=5, ge=1)
    timeout_seconds: float = Field(default=300, gt=0)
    max_mb: float = Field(default=500, gt=0)

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if (self.url is None) == (self.url_env is None):
            raise ValueError(say("sql.one_address"))
        options = re.findall(r"[?&;]([^=&;]+)=", self.url or "")
        if PASSWORD_IN_ADDRESS.match(self.url or "") or any(
            SECRET_NAME.search(option) or option == "odbc_connect" for option in options
        ):
            raise ValueError(say("source.secret_in_address", instead="url_env"))
        return self

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        if unknown := self.bound_names - PLACEHOLDERS:
            raise ValueError(say("sql.unknown_name", at="query", name=min(unknown)))
        return self

    @property
    def bound_names(self) -> frozenset[str]:
        """The names with a colon in the query (``::text`` is a cast), as SQLAlchemy finds them."""
        return frozenset(re.findall(r"(?<![:\w\\]):(\w+)(?!:)", self.query))

    @property
    def by_period(self) -> bool:
        """Whether each period is asked for by itself."""
        return bool(self.bound_names)

    @property
    def place(self) -> str:
        """Where it is, for people; never a secret."""
        return self.url or f"${self.url_env}"
