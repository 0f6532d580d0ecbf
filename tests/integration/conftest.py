"""What the tests of one process share: a good build, made once, and a PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from pipelines.publish.candidate import Candidate
from tests.integration.candidates import PERIODS, rows_of
from tests.integration.home import (
    candidate_of,
    document,
    open_gate,
    put,
    settings_of,
    without_dbt,
    without_history,
)
from tests.integration.loads import address, home, reader  # noqa: F401
from tests.integration.postgres import database, postgres  # noqa: F401


@pytest.fixture(scope="module", autouse=True)
def _models_without_dbt(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs of a module build as homes do (``home.run_models``), unless it is marked ``dbt``."""
    with nullcontext() if request.node.get_closest_marker("dbt") else without_dbt():
        yield


@pytest.fixture(scope="module", autouse=True)
def _no_history(request: pytest.FixtureRequest) -> Iterator[None]:
    """Dagster keeps no history of the runs of a module, unless it is marked ``history``."""
    with nullcontext() if request.node.get_closest_marker("history") else without_history():
        yield


@pytest.fixture(scope="module", autouse=True)
def _gate_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs of a module that is marked ``open_gate`` are not judged (``home.open_gate``)."""
    with open_gate() if request.node.get_closest_marker("open_gate") else nullcontext():
        yield


@pytest.fixture(scope="session")
def good_build(tmp_path_factory: pytest.TempPathFactory) -> Candidate:
    """A candidate that the gate lets pass without a warning. Copy it, never change it."""
    folder = tmp_path_factory.mktemp("good")
    for period in PERIODS:
        put(folder / "inbox" / f"{period}.csv", document(rows_of(period)))
    put(folder / "inbox" / "unreadable.csv", b"PK\x03\x04 not a CSV")
    return candidate_of(settings_of(folder), PERIODS)
