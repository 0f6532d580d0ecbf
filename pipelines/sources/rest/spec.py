"""A source that is an API: its address, its pages, how often and how patiently it is asked.

Put here: its keys and what each may hold. Keep out: asking (``client``, ``pages``, ``connector``).
"""

from __future__ import annotations

import re
from typing import Literal, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipelines.messages import say
from pipelines.sources.source import Source
from pipelines.submissions.reading_spec import SECRET_NAME, known_placeholders
from pipelines.submissions.rows import COLUMNS


class Pages(BaseModel):
    """How an API hands out its pages.

    ``param`` is the parameter that asks for a page: its number, the offset of its first row, or a cursor;
    ``link`` follows the Link header (RFC 8288). ``next`` is the dotted path in the body to the next cursor,
    or to the next address where ``link`` stands there. ``total`` is the dotted path to the number of rows:
    where an API tells it, a page that is left out is seen at once. ``first`` is 1 for numbers, 0 for offsets.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Literal["none", "number", "offset", "cursor", "link"] = "none"
    param: str = ""
    size: int | None = Field(default=None, ge=1)
    size_param: str = "per_page"
    first: int | None = Field(default=None, ge=0)
    next: str = ""
    total: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        choice = f"by: {self.by}"
        if self.by in ("number", "offset", "cursor") and not self.param:
            raise ValueError(say("rest.missing_for", key="pages.param", choice=choice))
        if self.by == "offset" and self.size is None:
            raise ValueError(say("rest.missing_for", key="pages.size", choice=choice))
        if self.by == "cursor" and not self.next:
            raise ValueError(say("rest.missing_for", key="pages.next", choice=choice))
        # a way of paging that is only half written would read the first page and call it all
        if self.param and self.by in ("none", "link"):
            raise ValueError(say("rest.unused_for", key="pages.param", choice=choice))
        if self.next and self.by not in ("cursor", "link"):
            raise ValueError(say("rest.unused_for", key="pages.next", choice=choice))
        return self

    @property
    def start(self) -> int:
        """The number, or the offset, of the first page."""
        return self.first if self.first is not None else int(self.by == "number")


class RestSource(Source):
    """Rows of an API that speaks JSON. Secrets are names of environment variables.

    ``records`` is the dotted path to the list of rows in the body; empty: the body is the list.
    ``constants`` gives columns of ours that the API leaves out (``period: "{period}"``); they go before a
    field of that name. ``stable_reads`` passes in a row must agree before an extract is believed.
    ``hosts`` (``name`` or ``name:port``) may be asked, and get the credentials; none means that of ``url``
    alone. ``max_mb`` bounds one pass over the pages, decompressed, ``max_seconds`` the whole extract.
    """

    kind: Literal["rest"]
    url: str
    key: tuple[str, ...] = Field(min_length=1)
    params: dict[str, str] = Field(default={})
    records: str = ""
    pages: Pages = Pages()
    constants: dict[str, str] = Field(default={})
    auth: Literal["none", "bearer", "basic", "api_key"] | None = None
    token_env: str | None = None
    user_env: str | None = None
    password_env: str | None = None
    key_header: str = Field(default="X-API-Key", pattern=r"^[A-Za-z0-9-]+$")
    hosts: tuple[str, ...] = ()
    timeout_seconds: float = Field(default=30, gt=0)
    attempts: int = Field(default=5, ge=1)
    backoff_seconds: float = Field(default=1, ge=0)
    requests_per_second: float = Field(default=10, gt=0)
    max_mb: float = Field(default=500, gt=0)
    max_seconds: float = Field(default=1800, gt=0)
    stable_reads: int = Field(default=2, ge=1, le=5)

    @field_validator("url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        parts = urlsplit(known_placeholders(url))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(say("rest.no_web_address", at=repr(url)))
        if parts.password is not None or parts.username is not None:
            raise ValueError(say("source.secret_in_address", instead="auth"))
        if named := [name for name, _ in parse_qsl(parts.query) if SECRET_NAME.search(name)]:
            raise ValueError(say("source.secret_in_address", at=named[0], instead="auth"))
        return url

    @field_validator("params", "constants")
    @classmethod
    def _texts(cls, texts: dict[str, str]) -> dict[str, str]:
        for text in texts.values():
            known_placeholders(text)
        return texts

    @field_validator("params")
    @classmethod
    def _no_secret(cls, params: dict[str, str]) -> dict[str, str]:
        if named := [name for name in params if SECRET_NAME.search(name)]:
            raise ValueError(say("source.secret_in_file", at=named[0], instead="auth"))
        return params

    @field_validator("hosts")
    @classmethod
    def _bare_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?", host):
                raise ValueError(say("rest.no_host", at=repr(host)))
        return tuple(host.lower() for host in hosts)

    @model_validator(mode="after")
    def _own_host(self) -> Self:
        own = urlsplit(self.url).hostname
        if self.hosts and own not in {host.partition(":")[0] for host in self.hosts}:
            raise ValueError(say("rest.own_host", at="hosts", host=own))
        return self

    @model_validator(mode="after")
    def _one_origin_of_a_column(self) -> Self:
        if unknown := set(self.constants) - set(COLUMNS):
            known, column = ", ".join(COLUMNS), repr(min(unknown))
            raise ValueError(say("source.unknown_column", at="constants", column=column, known=known))
        if twice := set(self.constants) & {*self.columns, *self.columns.values()}:
            raise ValueError(say("rest.columns_or_constants", at=repr(min(twice))))
        return self

    @model_validator(mode="after")
    def _credentials(self) -> Self:
        wanted = {
            "bearer": ("token_env",),
            "api_key": ("token_env",),
            "basic": ("user_env", "password_env"),
        }.get(self.auth_kind, ())
        if missing := [key for key in wanted if not getattr(self, key)]:
            choice = f"auth: {self.auth_kind}"
            raise ValueError(say("rest.missing_for", key=missing[0], choice=choice))
        return self

    @property
    def auth_kind(self) -> str:
        """How a request is signed: a token alone means bearer."""
        return self.auth or ("bearer" if self.token_env else "none")

    @property
    def by_period(self) -> bool:
        """Whether each period is asked for by itself."""
        return any("{" in text for text in (self.url, *self.params.values(), *self.constants.values()))

    @property
    def place(self) -> str:
        """Where it is, for people; never a secret."""
        return self.url
