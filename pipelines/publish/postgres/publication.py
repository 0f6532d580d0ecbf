"""The entry: a release of a home into the database that SPM_POSTGRES_URL names.

Put here: which release, which database, how often it is tried. Keep out: loading (``load``), the table of
runs (``operation``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from pipelines import progress
from pipelines.messages import say
from pipelines.publish.manifest import DATABASE
from pipelines.publish.postgres.access import Access, Rows
from pipelines.publish.postgres.address import Address, AddressError
from pipelines.publish.postgres.load import Loaded, Wanted, load
from pipelines.publish.postgres.operation import bring_runs
from pipelines.publish.postgres.session import PostgresFailed, Session
from pipelines.publish.releases import Releases
from pipelines.settings import POSTGRES_URL, Settings, secret
from pipelines.warehouse.parquet import connect

ATTEMPTS = 3
LONGEST_PAUSE_SECONDS = 10


def publish_to_postgres(settings: Settings, release_id: str = "latest", everything: bool = False) -> Loaded:
    """Load a release (an id, its beginning, ``latest``) into the configured database.

    Raises:
        AddressError: no address is set, or it cannot be read.
        UnknownReleaseError: there is no such release.
        DamagedReleaseError: it is not as it was published.
        PostgresFailed: no attempt succeeded; the database holds what it held before.
    """
    return publish_to(_address(), settings, release_id, everything)


def demand_reachable() -> None:
    """Connect to the configured database and leave it as it is.

    Raises:
        AddressError: no address is set, or it cannot be read.
        PostgresFailed: it refuses, or does not answer.
    """
    with Session(_address()) as session:
        session.rows("select 1")


def publish_runs(settings: Settings, runs: Sequence[Mapping[str, Any]]) -> int:
    """Bring runs of the ledger into the configured database; how many rows were written.

    Raises:
        AddressError: no address is set, or it cannot be read.
        PostgresFailed: nothing was written.
    """
    with Session(_address()) as session:
        return bring_runs(session, _access(settings), runs)


def _access(settings: Settings) -> Access:
    rows = cast("Rows | None", settings.postgres_rows)
    return Access(settings.postgres_reader, settings.postgres_text_reader, rows)


def _address() -> Address:
    text = secret(POSTGRES_URL)
    if text is None:
        raise AddressError(say("postgres.no_address", variable=POSTGRES_URL))
    return Address.parse(text)


def publish_to(
    address: Address, settings: Settings, release_id: str = "latest", everything: bool = False
) -> Loaded:
    """The same, into the database at ``address``."""
    releases = Releases(settings.published)
    if release_id == "latest":
        release_id = releases.current_id()
    manifest = releases.manifest(releases.find(release_id))
    wanted = Wanted(releases, manifest, _access(settings), everything)
    # before the server is asked: no transaction waits while files are hashed
    releases.folder(manifest.release_id, DATABASE)
    progress.step(say("postgres.step", at="PostgreSQL", release=manifest.release_id))
    attempts = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, PostgresFailed) and error.may_pass),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential_jitter(multiplier=0.5, max=LONGEST_PAUSE_SECONDS, jitter=0.5),
        reraise=True,
    )
    try:
        return attempts(_attempt, address, settings, wanted)
    except PostgresFailed as error:
        raise PostgresFailed(
            say("postgres.not_loaded", release=manifest.release_id, why=str(error))
        ) from None


def _attempt(address: Address, settings: Settings, wanted: Wanted) -> Loaded:
    spill = settings.work / "postgres"
    with connect(settings.threads, settings.memory_limit, spill) as connection, Session(address) as session:
        return load(session, connection, wanted)
