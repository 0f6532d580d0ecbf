"""What the tests of one process share: a good build, made once, and a PostgreSQL."""

from __future__ import annotations

import pytest

from pipelines.build import steps
from pipelines.publish.candidate import Candidate
from tests.integration.candidates import PERIODS, rows_of
from tests.integration.home import build_periods, document, put, settings_of, take_in
from tests.integration.loads import address, home, reader  # noqa: F401
from tests.integration.postgres import database, postgres  # noqa: F401


@pytest.fixture(scope="session")
def good_build(tmp_path_factory: pytest.TempPathFactory) -> Candidate:
    """A candidate that the gate lets pass without a warning. Copy it, never change it."""
    folder = tmp_path_factory.mktemp("good")
    settings = settings_of(folder)
    for period in PERIODS:
        put(folder / "inbox" / f"{period}.csv", document(rows_of(period)))
    put(folder / "inbox" / "unreadable.csv", b"PK\x03\x04 not a CSV")
    take_in(settings, PERIODS)
    work_file = build_periods(settings, PERIODS)
    return steps.make_candidate(settings, work_file, folder / "candidate", PERIODS)
