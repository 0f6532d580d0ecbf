"""``make superset``: the bundle imported into a real Superset over the release of SPM_HOME, charts compared.

Superset has an environment of its own (``.superset``, 750 MB, from ``requirements.lock``). PostgreSQL is a
throw-away server: it holds the release and Superset's own tables. With ``--serve PORT`` Superset stays.

Put here: the order of things. Keep out: the form of the bundle (``bundle``), what charts have to show
(``answers.yaml``), the comparison (``bi.answers``), calls of Superset (``inside``).
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import duckdb
import psycopg
import yaml
from sqlalchemy import make_url

from bi.answers import Rows, difference, filled, same, tables_of
from bi.superset.bundle import BUNDLE, HERE, Config, specified, write
from pipelines.messages import say
from pipelines.publish.postgres.address import Address
from pipelines.publish.postgres.publication import publish_to
from pipelines.publish.postgres.throw_away import throw_away_server
from pipelines.publish.releases import Releases
from pipelines.settings import PROJECT_DIR, Settings, read_settings

ENVIRONMENT = PROJECT_DIR / ".superset"
LOGIN = "superset_reader"
"""The login that Superset reads by: it has the role ``spm_reader`` and nothing else."""


def main() -> None:
    """Write the bundle, import it, ask every chart, compare.

    Raises:
        SystemExit: a chart failed, or shows other than what the release says.
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
    settings = read_settings()
    questions, answers = _answered(settings)
    charts = specified()["charts"]
    with throw_away_server() as address:
        environment = _prepared(address, settings)
        chosen = {charts[name]["title"]: question.get("filters", {}) for name, question in questions.items()}
        found = _tried(environment, chosen)
        wrong = [*_compared(charts, questions, answers, found["charts"])]
        if asked.serve:
            print("\n".join(wrong), flush=True)
            where = f"127.0.0.1:{asked.serve}"
            _superset(environment, "gunicorn", "--bind", where, "--workers", "1", "superset.app:create_app()")
    if wrong:
        sys.exit("\n".join(wrong))


def _answered(settings: Settings) -> tuple[Config, dict[str, Rows]]:
    """The questions with their values filled in, and what the tables of the release answer."""
    releases = Releases(settings.published)
    written = yaml.safe_load((HERE / "answers.yaml").read_text(encoding="utf-8"))
    with duckdb.connect() as connection:
        tables_of(releases.folder(releases.current_id()), connection)
        found = connection.execute(
            """
            select period, places.region_name, scores.region_code
            from mart_region_score as scores
            join dim_region as places on scores.region_code = places.region_code and places.is_current
            where scores.basis = 'submitted' and scores.index is not null
            order by period desc, is_ranked desc, length(scores.region_code) desc, scores.region_code limit 1
            """
        ).fetchone()
        if found is None:
            sys.exit("the release has no submission with an index")
        values = dict(zip(("quarter", "region", "code"), found, strict=True)) | {"notice": say("demo.notice")}
        questions: Config = filled(written, values)
        return questions, {
            name: connection.execute(question["answer"]).fetchall() for name, question in questions.items()
        }


def _compared(
    charts: Config, questions: Config, answers: Mapping[str, Rows], found: Mapping[str, Any]
) -> Iterator[str]:
    """What differs, a line a chart; prints how many rows each has."""
    for name, chart in charts.items():
        shown, asked = found[chart["title"]], questions[name]
        columns = asked.get("columns") or [
            *chart.get("columns", []),
            *([chart["axis"]] if "axis" in chart else []),
            *chart.get("by", []),
            *chart["metrics"],
        ]
        places = [shown["columns"].index(column) for column in columns]
        rows = [[row[place] for place in places] for row in shown["rows"]]
        is_right = same(rows, answers[name], "order by" in asked["answer"])
        print(f"{'  ' if is_right else '! '}{len(rows):>6} rows  {name}: {chart['title']}")
        if not rows:
            yield f"{name}: without a row"
        elif not is_right:
            yield difference(name, rows, answers[name])


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


def _tried(environment: Mapping[str, str], chosen: Config) -> dict[str, Any]:
    arguments = (str(HERE / "inside.py"), str(BUNDLE))
    said = _superset(environment, "python", *arguments, quiet=True, given=json.dumps(chosen))
    line = next(line for line in said.splitlines() if line.startswith("SPM "))
    found: dict[str, Any] = json.loads(line.removeprefix("SPM "))
    return found


def _superset(
    environment: Mapping[str, str],
    program: str,
    *arguments: str,
    quiet: bool = False,
    given: str | None = None,
) -> str:
    command = [str(ENVIRONMENT / "bin" / program), *arguments]
    done = subprocess.run(
        command, env=dict(environment), input=given, capture_output=quiet, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{program} {' '.join(arguments)}: {(done.stderr or '')[-2000:]}")
    return done.stdout or ""


if __name__ == "__main__":
    main()
