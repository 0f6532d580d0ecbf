"""Settings from environment variables; nothing else reads the environment.

Put here: names of environment variables, defaults, the folder layout of SPM_HOME.
Keep out: what is true of the world (``registry``) and what a source looks like (``sources.config``).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

from pipelines.errors import ConfigurationError
from pipelines.messages import cause, say

PROJECT_DIR = Path(__file__).resolve().parent.parent
DBT_DIR = PROJECT_DIR / "dbt_project"
MB = 2**20
POSTGRES_URL = "SPM_POSTGRES_URL"
"""The variable with the address of the database that releases are loaded into; it holds a password."""
DAGSTER_POSTGRES_URL = "SPM_DAGSTER_POSTGRES_URL"
"""The variable with the address of the database of Dagster's runs, where that is not a SQLite file."""
GATES = "gerbang"
"""The folder of an address of ``spm serve`` with pages on quality and closed gates: people are told links."""


class SettingsError(ConfigurationError):
    """The environment asks for something that cannot be: what, where, how to fix it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document, and a source, may cost before more of it is refused.

    ``ratio`` is unpacked to packed bytes of an archive's part; ``cells`` are those of a workbook, and of
    the rectangle that a sheet spans. ``cell_letters`` is the text of one value: that of Excel itself.
    ``landed_bytes`` are the rows of a document in memory, at most ``landed_ratio`` times its own bytes.
    ``source_landed_bytes`` is what the documents of a source that are read as one batch may take beyond that,
    ``period_landed_bytes`` what all of a source for a period take, whenever they came.
    ``records`` are those of one extract of an API. ``parse_memory_bytes`` and ``parse_seconds`` hold for one
    document; after ``source_seconds`` of reading in a run what is left of a source waits for the next run.
    """

    file_bytes: int = 25 * MB
    inflated_bytes: int = 200 * MB
    ratio: int = 100
    entries: int = 1000
    cells: int = 2_000_000
    cell_letters: int = 32_767
    landed_bytes: int = 64 * MB
    landed_ratio: int = 10
    source_landed_bytes: int = 64 * MB
    period_landed_bytes: int = 384 * MB
    records: int = 1_000_000
    parse_memory_bytes: int = 512 * MB
    parse_seconds: int = 30
    source_seconds: int = 1800


@dataclass(frozen=True, slots=True)
class Serving:
    """How ``spm serve`` serves.

    ``public_url`` is the address under which others reach it, which ends in ``/``; none where there is none.
    ``trusted_proxies`` may say whom they speak for. ``checks`` forms are checked at once, ``waiting`` more
    may wait; an address has ``rate`` forms a minute. A form has ``upload_seconds`` to come in and ``seconds``
    to be checked. ``gates``: quality pages and closed gates are served too.
    """

    public_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    checks: int = 2
    waiting: int = 8
    rate: int = 20
    upload_seconds: int = 60
    seconds: int = 60
    gates: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders and knobs of one run. ``threads`` are DuckDB's; ``workers`` read documents.

    ``postgres_reader`` is the role that may read what is published to PostgreSQL, and
    ``postgres_text_reader`` one that reads the words of senders too; ``postgres_rows`` says whether they see
    ``all`` rows or those of their ``province`` (none: as it is set in the database).
    ``environment`` is which of several installations this is (production, staging), in every output.
    ``one_account_approves``: the persons who approve a release may share an account of the machine. With
    fewer than ``least_free_bytes`` on the disk of the home all is not well. While a window is open the sensor
    asks for a run ``sensor_minutes`` after the last release, and not before. ``alerts_file`` says whom to
    tell of what. ``contact`` is the mail address that the report site gives for questions. ``serving`` is of
    ``spm serve``.
    """

    home: Path
    sources_file: Path | None = None
    threads: int = 2
    workers: int = 2
    memory_limit: str = "1GB"
    now: datetime | None = None
    limits: Limits = Limits()
    postgres_reader: str = "spm_reader"
    postgres_text_reader: str = "spm_text_reader"
    postgres_rows: str | None = None
    one_account_approves: bool = False
    least_free_bytes: int = 1024 * MB
    sensor_minutes: int = 60
    environment: str | None = None
    alerts_file: Path | None = None
    contact: str | None = None
    serving: Serving = Serving()

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
    def private(self) -> tuple[Path, ...]:
        """The folders with what was sent as it was sent: nobody but the account of the service reads them."""
        return self.raw, self.partial, self.landing, self.work, self.kept, self.scratch

    @property
    def kept(self) -> Path:
        """Work files that ``spm work`` made: no run reads them or throws them away."""
        return self.home / "kept"

    @property
    def scratch(self) -> Path:
        """Folders of commands that publish nothing, each gone with its command (``storage.scratch``)."""
        return self.home / "scratch"

    @property
    def published(self) -> Path:
        """Releases, and the pointer to the current one."""
        return self.home / "published"

    @property
    def runs(self) -> Path:
        """The ledger of runs, a file each."""
        return self.home / "runs"

    @property
    def alerts(self) -> Path:
        """Whom to tell of what: ``alerts_file``, or ``alerts.yaml`` of the home."""
        return self.alerts_file or self.home / "alerts.yaml"

    @property
    def failed_units(self) -> Path:
        """Which jobs of the machine failed last."""
        return self.home / "failed-units.json"

    @property
    def told(self) -> Path:
        """What was told to whom."""
        return self.home / "alerts.json"

    @property
    def closed(self) -> Path:
        """Pages on what closed the gate, one for each candidate that was not published."""
        return self.home / "closed"

    @property
    def approvals(self) -> Path:
        """Releases that waited for approval, a folder each: what they change, and who decided."""
        return self.home / "approvals"

    @property
    def registry(self) -> Path:
        """The ministry's own rows of the registry, laid over the seeds; who may approve releases."""
        return self.home / "registry"

    @property
    def approvers(self) -> Path:
        """The list of those who may approve a release; without it anybody may."""
        return self.registry / "approvers.csv"

    @property
    def reports(self) -> Path:
        """Sites and feedback workbooks, a folder for each release."""
        return self.home / "reports"

    @property
    def open_data(self) -> Path:
        """What ``spm export`` writes, a folder for each release."""
        return self.home / "open-data"

    @property
    def what_if(self) -> Path:
        """Marts scored by another method than their periods' own; never published."""
        return self.home / "what-if"

    @property
    def demo_marker(self) -> Path:
        """Lies in a home that a demo made: it may be made anew, and its figures are made up."""
        return self.home / ".demo"

    def in_one_moment(self) -> Settings:
        """These settings with the clock stopped: the sources of one run are one intake."""
        return replace(self, now=self.clock())

    def clock(self) -> datetime:
        """The time of the run (UTC): the wall clock, or SPM_NOW where a run must be repeatable."""
        return self.now or datetime.now(UTC)

    def wall_clock(self) -> datetime:
        """What the clock of the machine shows (UTC): when something was done, whatever SPM_NOW says."""
        return datetime.now(UTC)


_ENVIRONMENT = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
NO_HOME = Path(os.devnull, "no-home")
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:/")
"""The beginning of an address; ``Path`` makes one slash of two."""


def read_settings(
    environment: Mapping[str, str] | None = None, home: Path | None = None, sources_file: Path | None = None
) -> Settings:
    """Read the settings; arguments go before the environment.

    Where neither gives a home it is ``NO_HOME``: nothing is found there, and nothing can be written.

    Raises:
        SettingsError: a variable cannot be read as what it should be.
    """
    env = os.environ if environment is None else environment
    now = env.get("SPM_NOW")
    sources = sources_file or (Path(env["SPM_SOURCES"]) if env.get("SPM_SOURCES") else None)
    folder = home or (Path(env["SPM_HOME"]) if env.get("SPM_HOME") else NO_HOME)
    if _ADDRESS.match(str(folder)):
        raise SettingsError(say("setting.no_folder", at=folder))
    return Settings(
        home=_home(folder.resolve()),
        sources_file=sources.resolve() if sources else None,
        threads=_count(env, "SPM_THREADS", 2),
        workers=_count(env, "SPM_WORKERS", 2),
        memory_limit=env.get("SPM_MEMORY_LIMIT") or "1GB",
        now=_instant(now) if now else None,
        limits=_limits(env),
        postgres_reader=env.get("SPM_POSTGRES_READER") or "spm_reader",
        postgres_text_reader=env.get("SPM_POSTGRES_TEXT_READER") or "spm_text_reader",
        postgres_rows=_one_of(env, "SPM_POSTGRES_ROWS", ("all", "province")),
        one_account_approves=_one_of(env, "SPM_ONE_ACCOUNT_APPROVES", ("yes", "no")) == "yes",
        least_free_bytes=_count(env, "SPM_LEAST_FREE_MB", 1024) * MB,
        sensor_minutes=_count(env, "SPM_SENSOR_MINUTES", 60),
        alerts_file=Path(env["SPM_ALERTS"]).resolve() if env.get("SPM_ALERTS") else None,
        environment=environment_name(env),
        contact=_mail_address(env, "SPM_CONTACT"),
        serving=_serving(env),
    )


_SECRET_FILE = "_FILE"
"""What a variable's name ends in that gives the file with the secret, and not the secret."""
_MOUNTED = Path("/run/secrets")
"""Where a container has its secrets: the modes there are those of the mount, and nobody else is inside."""
_MOST_SECRET_BYTES = 65_536
_read: set[str] = set()


def is_set(name: str) -> bool:
    """Whether a secret is given, in the variable or in a file that ``NAME_FILE`` names."""
    return any(os.environ.get(variable, "").strip() for variable in (name, name + _SECRET_FILE))


def secret(name: str | None) -> str | None:
    """A secret: from an environment variable, or from the file that ``NAME_FILE`` names; none without either.

    What stands in a file often ends in a line break, which is no part of it.

    Raises:
        SettingsError: both are set, or the file is empty, cannot be read, or is open to other accounts.
    """
    if not name:
        return None
    text, file = (os.environ.get(variable, "").strip() for variable in (name, name + _SECRET_FILE))
    if text and file:
        raise SettingsError(say("setting.secret_twice", at=name, variable=name))
    found = _in_file(f"{name}{_SECRET_FILE}={file}", Path(file)) if file else text
    if found:
        _read.add(found)
    return found or None


def secrets_read() -> frozenset[str]:
    """Every secret that this process has read so far: nothing that it writes may show one."""
    return frozenset(_read)


def _in_file(place: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            found = file.read(_MOST_SECRET_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(say("setting.secret_unread", at=place, why=cause(error))) from None
    if mode & (stat.S_IROTH | stat.S_IWOTH) and not path.resolve().is_relative_to(_MOUNTED):
        raise SettingsError(say("setting.secret_open", at=place))
    if not found:
        raise SettingsError(say("setting.secret_unread", at=place, why="0 byte"))
    return found


def environment_name(environment: Mapping[str, str] | None = None) -> str | None:
    """Which of several installations this is; none where nobody named it.

    Raises:
        SettingsError: it is not one plain word.
    """
    env = os.environ if environment is None else environment
    name = env.get("SPM_ENVIRONMENT") or None
    if name is not None and not _ENVIRONMENT.fullmatch(name):
        raise SettingsError(say("setting.no_environment", at=f"SPM_ENVIRONMENT={name!r}"))
    return name


def _limits(env: Mapping[str, str]) -> Limits:
    default = Limits()
    return Limits(
        file_bytes=_count(env, "SPM_MAX_FILE_MB", default.file_bytes // MB) * MB,
        inflated_bytes=_count(env, "SPM_MAX_INFLATED_MB", default.inflated_bytes // MB) * MB,
        ratio=_count(env, "SPM_MAX_RATIO", default.ratio),
        entries=_count(env, "SPM_MAX_ENTRIES", default.entries),
        cells=_count(env, "SPM_MAX_CELLS", default.cells),
        cell_letters=_count(env, "SPM_MAX_CELL_LETTERS", default.cell_letters),
        landed_bytes=_count(env, "SPM_MAX_LANDED_MB", default.landed_bytes // MB) * MB,
        landed_ratio=_count(env, "SPM_MAX_LANDED_RATIO", default.landed_ratio),
        source_landed_bytes=_count(env, "SPM_MAX_SOURCE_LANDED_MB", default.source_landed_bytes // MB) * MB,
        period_landed_bytes=_count(env, "SPM_MAX_PERIOD_LANDED_MB", default.period_landed_bytes // MB) * MB,
        records=_count(env, "SPM_MAX_RECORDS", default.records),
        parse_memory_bytes=_count(env, "SPM_PARSE_MEMORY_MB", default.parse_memory_bytes // MB) * MB,
        parse_seconds=_count(env, "SPM_PARSE_SECONDS", default.parse_seconds),
        source_seconds=_count(env, "SPM_SOURCE_SECONDS", default.source_seconds),
    )


def _serving(env: Mapping[str, str]) -> Serving:
    default = Serving()
    return Serving(
        public_url=_public_url(env.get("SPM_PUBLIC_URL") or None),
        trusted_proxies=_networks(env, "SPM_TRUSTED_PROXIES"),
        checks=_count(env, "SPM_SERVE_CHECKS", default.checks),
        waiting=_count(env, "SPM_SERVE_WAITING", default.waiting),
        rate=_count(env, "SPM_SERVE_RATE", default.rate),
        upload_seconds=_count(env, "SPM_SERVE_UPLOAD_SECONDS", default.upload_seconds),
        seconds=_count(env, "SPM_SERVE_SECONDS", default.seconds),
        gates=_one_of(env, "SPM_SERVE_GATES", ("yes", "no")) != "no",
    )


_PUBLIC_URL = re.compile(r"https?://[a-zA-Z0-9.:\[\]-]+(?:/[a-zA-Z0-9._~-]+)*/?")


def _public_url(text: str | None) -> str | None:
    if text is not None and not _PUBLIC_URL.fullmatch(text):
        raise SettingsError(say("setting.no_public_url", at=f"SPM_PUBLIC_URL={text!r}"))
    return f"{text.rstrip('/')}/" if text else None


def _networks(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    listed = [word for word in (env.get(name) or "").replace(",", " ").split() if word]
    try:
        return tuple(str(ip_network(word)) if "/" in word else str(ip_address(word)) for word in listed)
    except ValueError:
        raise SettingsError(say("setting.no_networks", at=f"{name}={env.get(name)!r}")) from None


def _home(path: Path) -> Path:
    # DuckDB reads a `?` in the name of a file that it writes as the begin of options
    if "?" in str(path) or not str(path).isprintable():
        raise SettingsError(say("setting.strange_home", at=path))
    return path


def _count(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or int(text) < 1:
        raise SettingsError(say("setting.no_count", at=f"{name}={text!r}"))
    return int(text)


def _one_of(env: Mapping[str, str], name: str, words: tuple[str, ...]) -> str | None:
    word = env.get(name) or None
    if word not in (None, *words):
        raise SettingsError(say("setting.no_choice", at=f"{name}={word!r}", choices=", ".join(words)))
    return word


def _mail_address(env: Mapping[str, str], name: str) -> str | None:
    address = env.get(name) or None
    if address and not re.fullmatch(r"[^@\s<>\"?&]+@[^@\s<>\"?&]+", address):
        raise SettingsError(say("setting.no_mail_address", at=f"{name}={address!r}"))
    return address


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(say("setting.no_time", at=f"SPM_NOW={text!r}")) from None
    if instant.tzinfo is None:
        raise SettingsError(say("setting.no_zone", at=f"SPM_NOW={text!r}"))
    return instant.astimezone(UTC)
