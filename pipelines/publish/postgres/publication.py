"""The entry: a release of a home into the database that SPM_POSTGRES_URL names.

Put here: which release, which database, how often it is tried. Keep out: loading (``load``).
"""

from __future__ import annotations

from typing import cast

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from pipelines import progress
from pipelines.messages import say
from pipelines.publish.manifest import DATABASE
from pipelines.publish.postgres.access import Access, Rows
from pipelines.publish.postgres.address import Address, AddressError
from pipelines.publish.postgres.load import Loaded, Wanted, load
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
    text = secret(POSTGRES_URL)
    if text is None:
        raise AddressError(say("postgres.no_address", variable=POSTGRES_URL))
    return publish_to(Address.parse(text), settings, release_id, everything)


def publish_to(
    address: Address, settings: Settings, release_id: str = "latest", everything: bool = False
) -> Loaded:
    """The same, into the database at ``address``."""
    releases = Releases(settings.published)
    if release_id == "latest":
        release_id = releases.current_id()
    manifest = releases.manifest(releases.find(release_id))
    access = Access(
        settings.postgres_reader, settings.postgres_text_reader, cast("Rows | None", settings.postgres_rows)
    )
    wanted = Wanted(releases, manifest, access, everything)
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
