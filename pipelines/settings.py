"""Settings from environment variables; nothing else reads the environment.

Put here: names of environment variables, defaults, the folder layout of SPM_HOME.
Keep out: what is true of the world (``registry``) and what a source looks like (``sources.config``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from pipelines.errors import ConfigurationError

PROJECT_DIR = Path(__file__).resolve().parent.parent
DBT_DIR = PROJECT_DIR / "dbt_project"
MB = 2**20
POSTGRES_URL = "SPM_POSTGRES_URL"
"""The variable with the address of the database that releases are loaded into; it holds a password."""


class SettingsError(ConfigurationError):
    """The environment asks for something that cannot be: what, where, how to mend it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost before it is refused.

    ``ratio`` is unpacked to packed bytes of an archive's part; ``cells`` are those of a workbook, and of
    the rectangle that a sheet spans. ``parse_memory_bytes`` and ``parse_seconds`` hold for one document.
    """

    file_bytes: int = 25 * MB
    inflated_bytes: int = 200 * MB
    ratio: int = 100
    entries: int = 1000
    cells: int = 2_000_000
    parse_memory_bytes: int = 512 * MB
    parse_seconds: int = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders and knobs of one run. ``threads`` are DuckDB's; ``workers`` read documents.

    ``postgres_reader`` is the role that may read what is published to PostgreSQL; ``postgres_rows`` says
    whether it sees ``all`` rows or those of its ``province`` (none: as it is set in the database).
    """

    home: Path
    sources_file: Path | None = None
    threads: int = 2
    workers: int = 2
    memory_limit: str = "1GB"
    now: datetime | None = None
    limits: Limits = Limits()
    postgres_reader: str = "spm_reader"
    postgres_rows: str | None = None

    @property
    def raw(self) -> Path:
        """Receipts and the bytes of every document, kept for ever."""
        return self.home / "raw"

    @property
    def partial(self) -> Path:
        """Documents whose download was interrupted; may be thrown away at any time."""
        return self.home / "partial"

    @property
    def landing(self) -> Path:
        """Rows read from the documents; can be made again from ``raw``."""
        return self.home / "landing"

    @property
    def work(self) -> Path:
        """One folder a run: work file, candidate tables, verdicts. Nothing here outlives its run's use."""
        return self.home / "work"

    @property
    def published(self) -> Path:
        """Releases, and the pointer to the current one."""
        return self.home / "published"

    @property
    def closed(self) -> Path:
        """Pages on what closed the gate, one for each candidate that was not published."""
        return self.home / "closed"

    @property
    def approvals(self) -> Path:
        """Releases that waited for approval, a folder each: what they change, and who decided."""
        return self.home / "approvals"

    @property
    def what_if(self) -> Path:
        """Marts scored by another method than their periods' own; never published."""
        return self.home / "what-if"

    @property
    def demo_marker(self) -> Path:
        """Lies in a home that a demo made: it may be made anew, and its figures are made up."""
        return self.home / ".demo"

    def clock(self) -> datetime:
        """The time of the run (UTC): the wall clock, or SPM_NOW where a run must be repeatable."""
        return self.now or datetime.now(UTC)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a time; write 2025-01-21T00:00:00+00:00") from None
    if instant.tzinfo is None:
        raise ValueError("has no zone; write 2025-01-21T00:00:00+00:00")
    return instant.astimezone(UTC)


_Count = Annotated[int, Field(gt=0)]
_Megabytes = Annotated[_Count, AfterValidator(lambda count: count * MB)]


class _Variables(BaseModel):
    """The variable of each setting; one that is not set leaves the default of ``Settings`` and ``Limits``."""

    threads: _Count = Field(0, alias="SPM_THREADS")
    workers: _Count = Field(0, alias="SPM_WORKERS")
    memory_limit: str = Field("", alias="SPM_MEMORY_LIMIT")
    now: Annotated[datetime | None, BeforeValidator(_instant)] = Field(None, alias="SPM_NOW")
    postgres_reader: str = Field("", alias="SPM_POSTGRES_READER")
    postgres_rows: Literal["all", "province"] | None = Field(None, alias="SPM_POSTGRES_ROWS")
    file_bytes: _Megabytes = Field(0, alias="SPM_MAX_FILE_MB")
    inflated_bytes: _Megabytes = Field(0, alias="SPM_MAX_INFLATED_MB")
    ratio: _Count = Field(0, alias="SPM_MAX_RATIO")
    entries: _Count = Field(0, alias="SPM_MAX_ENTRIES")
    cells: _Count = Field(0, alias="SPM_MAX_CELLS")
    parse_memory_bytes: _Megabytes = Field(0, alias="SPM_PARSE_MEMORY_MB")
    parse_seconds: _Count = Field(0, alias="SPM_PARSE_SECONDS")


def read_settings(
    environment: Mapping[str, str] | None = None, home: Path | None = None, sources_file: Path | None = None
) -> Settings:
    """Read the settings; arguments go before the environment.

    Raises:
        SettingsError: a variable cannot be read as what it should be.
    """
    env = os.environ if environment is None else environment
    given = {name: text for name, text in env.items() if text}
    try:
        found = _Variables.model_validate(given).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise SettingsError(_sentence(error.errors()[0])) from None
    home = home or Path(given.get("SPM_HOME", "spm_home"))
    sources = sources_file or given.get("SPM_SOURCES")
    limits = Limits(**{name: found.pop(name) for name in Limits.__slots__ if name in found})
    return Settings(home.resolve(), Path(sources).resolve() if sources else None, limits=limits, **found)


def _sentence(error: Any) -> str:
    if error["type"].startswith(("int_", "greater_")):
        why = "is not a count; give a whole number from 1"
    else:
        why = error["msg"].removeprefix("Value error, ")
    return f"{error['loc'][0]}={error['input']!r} {why}"


def secret(name: str | None) -> str | None:
    """The secret in an environment variable that a source names; none where it is unset or blank.

    One that was read from a file often ends in a line break, which is no part of it.
    """
    return os.environ.get(name or "", "").strip() or None
