"""``make superset``: the bundle imported into a real Superset over the release of SPM_HOME, each chart asked.

Superset has an environment of its own (``.superset``, 750 MB, from ``requirements.lock``). PostgreSQL is a
throw-away server: it holds the release and Superset's own tables. With ``--serve PORT`` Superset stays.

Put here: the order of things. Keep out: the form of the bundle (``bundle``), calls of Superset (``inside``).
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import psycopg
from sqlalchemy import make_url

from bi.superset.bundle import BUNDLE, HERE, write
from pipelines.publish.postgres.address import Address
from pipelines.publish.postgres.publication import publish_to
from pipelines.publish.postgres.throw_away import throw_away_server
from pipelines.settings import PROJECT_DIR, Settings, read_settings

ENVIRONMENT = PROJECT_DIR / ".superset"
LOGIN = "superset_reader"
"""The login that Superset reads by: it has the role ``spm_reader`` and nothing else."""


def main() -> None:
    """Write the bundle, import it, ask every chart.

    Raises:
        SystemExit: a chart failed or brought no row.
    """
    parser = argparse.ArgumentParser(prog="python -m bi.superset", description=__doc__)
    parser.add_argument(
        "--serve", type=int, metavar="PORT", help="stay at http://localhost:PORT (admin, admin)"
    )
    parser.add_argument("--write", action="store_true", help="only write the bundle from spec.yaml")
    asked = parser.parse_args()
    if asked.write:
        print(f"{len(write())} files in {BUNDLE}")
        return
    with throw_away_server() as address:
        environment = _prepared(address, read_settings())
        found = _tried(environment)
        _say(found)
        if empty := [name for name, answer in found["charts"].items() if not answer["rows"]]:
            sys.exit(f"without a row: {', '.join(empty)}")
        if asked.serve:
            where = f"127.0.0.1:{asked.serve}"
            _superset(environment, "gunicorn", "--bind", where, "--workers", "1", "superset.app:create_app()")


def _prepared(address: Address, settings: Settings) -> dict[str, str]:
    """The environment of Superset, once the server holds the release and room for Superset's own tables."""
    loaded = publish_to(address, replace(settings, postgres_reader="spm_reader"))
    print(f"{loaded.release_id}: {loaded.tables} tables, {loaded.rows} rows in PostgreSQL", flush=True)
    with psycopg.connect(address.uri, autocommit=True) as connection:
        connection.execute(f"create role {LOGIN} login in role spm_reader")
        connection.execute("create database superset")
    owner = make_url(address.uri).set(drivername="postgresql+psycopg2")
    # the socket of the server asks for no password
    query = {"host": owner.query["host"]}
    environment = dict(os.environ) | {
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "SPM_SUPERSET_SECRET": secrets.token_hex(32),
        "SPM_SUPERSET_METADATA": _shown(owner.set(database="superset", query=query)),
        "SPM_SUPERSET_DATABASE": _shown(owner.set(username=LOGIN, query=query)),
        "FLASK_APP": "superset.app:create_app()",
    }
    _superset(environment, "superset", "db", "upgrade", quiet=True)
    admin = (
        "--username",
        "admin",
        "--firstname",
        "A",
        "--lastname",
        "A",
        "--email",
        "a@localhost",
        "--password",
        "admin",
    )
    _superset(environment, "superset", "fab", "create-admin", *admin, quiet=True)
    _superset(environment, "superset", "init", quiet=True)
    return environment


def _shown(url: Any) -> str:
    return str(url.render_as_string(hide_password=False))


def _tried(environment: Mapping[str, str]) -> dict[str, Any]:
    said = _superset(environment, "python", str(HERE / "inside.py"), str(BUNDLE), quiet=True)
    line = next(line for line in said.splitlines() if line.startswith("SPM "))
    found: dict[str, Any] = json.loads(line.removeprefix("SPM "))
    return found


def _superset(environment: Mapping[str, str], program: str, *arguments: str, quiet: bool = False) -> str:
    command = [str(ENVIRONMENT / "bin" / program), *arguments]
    done = subprocess.run(command, env=dict(environment), capture_output=quiet, text=True, check=False)
    if done.returncode:
        sys.exit(f"{program} {' '.join(arguments)}: {(done.stderr or '')[-2000:]}")
    return done.stdout or ""


def _say(found: Mapping[str, Any]) -> None:
    for slug, board in found["dashboards"].items():
        print(f"\n{slug}: {board['title']}")
        for chart in board["charts"]:
            answer = found["charts"][chart]
            print(f"  {answer['rows']:>7} rows  {chart}")


if __name__ == "__main__":
    main()
