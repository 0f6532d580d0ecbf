"""What a source is: where its documents or rows lie, and how their words become ours.

``ReadingSpec`` is what a reader needs to know of a source; a receipt stores it, so that the bytes can be
read again years later. Where the source lies is of today only, and stands in the kinds below it.

Put here: the keys of a source and what each may hold. Keep out: the sources file (``config``), connecting.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from pipelines.registry.periods import Period, parse_range
from pipelines.submissions.rows import COLUMNS

PLACEHOLDERS = frozenset({"period", "year", "quarter"})
"""Words in braces that a path, an address or a parameter may hold: ``2024-Q4``, ``2024``, ``4``."""

_SECRET = re.compile(
    r"(password|passphrase|secret|token|credentials?|authorization|cookie|signature|connection_string"
    r"|(^|[._-])(key|sig|pass|pwd))$",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/@]*:[^/@]*@", re.IGNORECASE)


class ReadingSpec(BaseModel):
    """How a document of the source is read.

    ``columns`` maps their header to our column. ``values`` maps, per column of ours, their code to our
    text. ``key`` names the fields (theirs) that name a row of an API or a database. ``periods`` is
    ``FIRST..LAST``, both served; none means all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["csv", "workbook", "rest", "sql"]
    columns: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    region_codes: Literal["kemendagri", "bps"] = "kemendagri"
    periods: str | None = None
    key: tuple[str, ...] = ()

    @field_validator("columns", "values")
    @classmethod
    def _our_columns(cls, mapping: dict[str, Any]) -> dict[str, Any]:
        ours = mapping.values() if all(isinstance(value, str) for value in mapping.values()) else mapping
        if unknown := set(ours) - set(COLUMNS):
            raise ValueError(
                f"{min(unknown)!r} bukan kolom kami / is not a column of ours; known: {', '.join(COLUMNS)}"
            )
        return mapping

    @field_validator("periods")
    @classmethod
    def _forward_range(cls, text: str | None) -> str | None:
        if text is not None:
            parse_range(text)
        return text

    @field_validator("key", mode="before")
    @classmethod
    def _one_or_more(cls, key: Any) -> Any:
        return (key,) if isinstance(key, str) else key

    def serves(self, period: Period) -> bool:
        """Whether the source is asked for ``period``."""
        return self.periods is None or period in parse_range(self.periods)

    def canonical_json(self) -> str:
        """How to read its documents, as one line of JSON; the same way gives the same text on any machine."""
        reading = self.model_dump(mode="json", include=set(ReadingSpec.model_fields))
        return json.dumps(reading, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ReadingSpec:
        """The spec that ``canonical_json`` wrote: enough to read a stored document again."""
        stored = json.loads(text)
        # early receipts also held where the source lay
        return ReadingSpec(**{name: stored[name] for name in ReadingSpec.model_fields if name in stored})


class FileSource(ReadingSpec):
    """Documents in files. ``path`` is a glob or an fsspec URL; ``storage`` holds options of its file system.

    An option whose name ends in ``_env`` is read from that environment variable; a dotted name
    (``client_kwargs.region_name``) is an option inside another.
    """

    kind: Literal["csv", "workbook"]
    path: str = Field(min_length=1)
    storage: dict[str, str] = {}
    key: tuple[()] = ()

    # where the sources file lies: of this machine only
    _folder: Path | None = PrivateAttr(default=None)

    @field_validator("path")
    @classmethod
    def _path(cls, path: str) -> str:
        if _PASSWORD.match(path) or any(map(_SECRET.search, re.findall(r"[?&]([^=&]+)=", path))):
            raise ValueError("rahasia tidak ditulis di alamat / no secret in the address: use storage, *_env")
        return known_placeholders(path)

    @field_validator("storage")
    @classmethod
    def _no_secret(cls, storage: dict[str, str]) -> dict[str, str]:
        for option, text in storage.items():
            if _SECRET.search(option):
                raise ValueError(
                    f"{option}: rahasia tidak ditulis di berkas / no secret in the file: use {option}_env"
                )
            if _PASSWORD.match(text):
                raise ValueError(f"{option}: rahasia tidak ditulis di alamat / no secret in the address")
        return storage

    @property
    def by_period(self) -> bool:
        """Whether each period has a place of its own."""
        return "{" in self.path

    @property
    def place(self) -> str:
        """Where it is, for people; never a secret."""
        return self.path

    def location(self, period: Period | None) -> str:
        """The path with its placeholders filled (``*`` where no period is given), absolute if local."""
        filled = fill(self.path, period)
        return filled if "://" in filled else str(self.beside(filled))

    def beside(self, path: str) -> Path:
        """A path of this machine that the sources file names; a relative one starts at that file's folder."""
        return (self._folder or Path.cwd()) / Path(path).expanduser()


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
        if self.by in ("number", "offset", "cursor") and not self.param:
            raise ValueError(f"pages.param belum ada / is missing for by: {self.by}")
        if self.by == "offset" and self.size is None:
            raise ValueError("pages.size belum ada / is missing for by: offset")
        if self.by == "cursor" and not self.next:
            raise ValueError("pages.next belum ada / is missing for by: cursor")
        # a way of paging that is only half written would read the first page and call it all
        if self.param and self.by in ("none", "link"):
            raise ValueError(f"pages.param tidak dipakai / is of no use for by: {self.by}")
        if self.next and self.by not in ("cursor", "link"):
            raise ValueError(f"pages.next tidak dipakai / is of no use for by: {self.by}")
        return self

    @property
    def start(self) -> int:
        """The number, or the offset, of the first page."""
        return self.first if self.first is not None else int(self.by == "number")


class RestSource(ReadingSpec):
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
    params: dict[str, str] = {}
    records: str = ""
    pages: Pages = Pages()
    constants: dict[str, str] = {}
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
            raise ValueError(f"{url!r} bukan alamat web / is no web address (https://…)")
        if parts.password is not None or parts.username is not None:
            raise ValueError("rahasia tidak ditulis di alamat / no secret in the address: use *_env keys")
        if named := [name for name, _ in parse_qsl(parts.query) if _SECRET.search(name)]:
            raise ValueError(f"{named[0]}: tiada rahasia di alamat / no secret in the address: use auth")
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
        if named := [name for name in params if _SECRET.search(name)]:
            raise ValueError(f"{named[0]}: rahasia tidak ditulis di berkas / no secret in the file: use auth")
        return params

    @field_validator("hosts")
    @classmethod
    def _bare_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?", host):
                raise ValueError(f"{host!r} bukan nama host / is no host (api.example.go.id, or with :port)")
        return tuple(host.lower() for host in hosts)

    @model_validator(mode="after")
    def _own_host(self) -> Self:
        own = urlsplit(self.url).hostname
        if self.hosts and own not in {host.partition(":")[0] for host in self.hosts}:
            raise ValueError(f"hosts: {own} dari url belum ada / of url is missing")
        return self

    @model_validator(mode="after")
    def _one_origin_of_a_column(self) -> Self:
        if unknown := set(self.constants) - set(COLUMNS):
            raise ValueError(f"constants: {min(unknown)!r} bukan kolom kami / is not a column of ours")
        if twice := set(self.constants) & {*self.columns, *self.columns.values()}:
            raise ValueError(f"{min(twice)!r}: pilih columns atau constants / choose columns or constants")
        return self

    @model_validator(mode="after")
    def _credentials(self) -> Self:
        wanted = {
            "bearer": ("token_env",),
            "api_key": ("token_env",),
            "basic": ("user_env", "password_env"),
        }.get(self.auth_kind, ())
        if missing := [key for key in wanted if not getattr(self, key)]:
            raise ValueError(f"kunci {missing[0]!r} belum ada / key is missing for auth: {self.auth_kind}")
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


class SqlSource(ReadingSpec):
    """Rows of a query on any database that SQLAlchemy speaks to.

    ``url`` bears no password; one that does is given by the name of its variable, ``url_env``.
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

    _folder: Path | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if (self.url is None) == (self.url_env is None):
            raise ValueError("tulis salah satu / give one of: url, url_env")
        options = re.findall(r"[?&;]([^=&;]+)=", self.url or "")
        if _PASSWORD.match(self.url or "") or any(
            _SECRET.search(option) or option == "odbc_connect" for option in options
        ):
            raise ValueError("rahasia tidak ditulis di alamat / no secret in the address: use url_env")
        return self

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        if unknown := self.bound_names - PLACEHOLDERS:
            raise ValueError(
                f"query: ':{min(unknown)}' tidak dikenal / is unknown; use :period, :year, :quarter; "
                "a colon that names nothing is written \\:"
            )
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

    def database_file(self, name: str) -> Path:
        """A database file that the address names; a relative one starts at the sources file's folder."""
        return (self._folder or Path.cwd()) / name


Source = FileSource | RestSource | SqlSource
"""A source of any kind."""


def known_placeholders(text: str) -> str:
    """``text`` as it is, if each word in braces is one of ``PLACEHOLDERS``; else ValueError."""
    if unknown := set(re.findall(r"\{(.*?)\}", text)) - PLACEHOLDERS:
        raise ValueError(
            f"{{{min(unknown)}}} tidak dikenal / is unknown; use {{period}}, {{year}}, {{quarter}}"
        )
    return text


def fill(text: str, period: Period | None) -> str:
    """``text`` with its placeholders filled; ``*`` where no period is given."""
    words = {"period": "*", "year": "*", "quarter": "*"}
    if period is not None:
        words = {"period": str(period), "year": str(period.year), "quarter": str(period.quarter)}
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text
