"""``make metrics``: the semantic models parsed for the current release, asked by MetricFlow, and compared.

MetricFlow has an environment of its own (``.metricflow``, 230 MB, from ``requirements.lock``). It reads the
``spm.duckdb`` of the release of SPM_HOME and writes to its own folder alone.

Put here: the order of things. Keep out: the questions (``questions.yaml``), the comparison (``bi.answers``),
calls of MetricFlow (``inside``), the semantic models (``dbt_project/models/semantic``).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from bi.answers import Rows, difference, filled, same, tables_of
from pipelines.publish.manifest import DATABASE
from pipelines.publish.releases import Releases
from pipelines.settings import DBT_DIR, PROJECT_DIR, read_settings

HERE = Path(__file__).parent
ENVIRONMENT = PROJECT_DIR / ".metricflow"
PROJECT = ENVIRONMENT / "project"
"""The dbt project as MetricFlow sees it: its name, and the semantic manifest of a release."""
LEAST_ANSWERED = 15
"""A release in which fewer questions have an answer with rows proves nothing."""

_NATIONAL = ("national_scores", "rules")
"""Semantic models whose rows are of the nation."""


def main() -> None:
    """Parse, ask, compare.

    Raises:
        SystemExit: an answer differs, or too few questions have one in this release.
    """
    settings = read_settings()
    releases = Releases(settings.published)
    folder = releases.folder(releases.current_id(), DATABASE)
    with duckdb.connect() as connection:
        tables_of(folder, connection)
        values = _values(connection)
        questions = yaml.safe_load((HERE / "questions.yaml").read_text(encoding="utf-8"))
        answers = {
            name: connection.execute(filled(question["answer"], values)).fetchall()
            for name, question in questions.items()
        }
    semantic = _parsed(folder / DATABASE)
    queries = {name: filled(question["query"], values) for name, question in questions.items()}
    grouped = dict(_grouped(semantic, values["start"]))
    found = _asked(folder / DATABASE, queries | grouped)
    # no quarter of today is reported by the indicators of before
    wrong = [f"no row: {name}" for name in grouped if not found[name] and "legacy" not in name]
    for name in questions:
        rows = _rows(queries[name], found[name])
        is_right = same(rows, answers[name], "order" in queries[name])
        print(f"{'  ' if is_right else '! '}{len(rows):>6} rows  {name}")
        wrong += [] if is_right else [difference(name, rows, answers[name])]
    print(f"{len(grouped)} metrics by province and level")
    answered = sum(bool(rows) for rows in answers.values())
    if wrong or answered < LEAST_ANSWERED:
        sys.exit("\n".join([*wrong, f"{answered} of {len(questions)} questions have rows in this release"]))


def _values(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    found = connection.execute(
        """
        select period, starts_on, ends_on, make_date(year, 1, 1), service_code
        from mart_service_score join dim_period using (period)
        where mart_service_score.status = 'reported' and recipients_index is not null
        order by period desc, service_code limit 1
        """
    ).fetchone()
    if found is None:
        sys.exit("the release has no submission")
    return dict(zip(("quarter", "start", "end", "first", "service"), map(str, found), strict=True))


def _parsed(database: Path) -> dict[str, Any]:
    """The semantic manifest for a release, as dbt of MetricFlow's environment writes it."""
    PROJECT.mkdir(parents=True, exist_ok=True)
    shutil.copy(DBT_DIR / "dbt_project.yml", PROJECT)
    places = ("--project-dir", DBT_DIR, "--profiles-dir", HERE)
    written = ("--target-path", PROJECT / "target", "--log-path", PROJECT / "logs")
    _run("dbt", "parse", "--quiet", *map(str, (*places, *written)), database=database)
    manifest: dict[str, Any] = json.loads((PROJECT / "target" / "semantic_manifest.json").read_text("utf-8"))
    return manifest


def _grouped(semantic: Mapping[str, Any], start: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A query for each metric of regions: by province and level, in one quarter."""
    national = {
        measure["name"]
        for model in semantic["semantic_models"]
        if model["name"] in _NATIONAL
        for measure in model["measures"]
    }
    for metric in semantic["metrics"]:
        measures = {measure["name"] for measure in metric["type_params"]["input_measures"]}
        if measures <= national:
            continue
        where = [f"{{{{ TimeDimension('metric_time', 'quarter') }}}} = '{start}'"]
        group_by = ["region__province_name", "region__level"]
        yield (
            f"{metric['name']} by province and level",
            {"metrics": [metric["name"]], "group-by": group_by, "where": where},
        )


def _asked(database: Path, queries: Mapping[str, Any]) -> dict[str, Rows]:
    said = _run("python", str(HERE / "inside.py"), database=database, given=json.dumps(queries))
    line = next(line for line in said.splitlines() if line.startswith("SPM "))
    found: dict[str, Rows] = json.loads(line.removeprefix("SPM "))
    return found


def _run(program: str, *arguments: str, database: Path, given: str | None = None) -> str:
    environment = dict(os.environ) | {
        "METRICFLOW_DATABASE": str(database.resolve()),
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(HERE),
        "DBT_LOG_PATH": str(PROJECT / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    command = [str(ENVIRONMENT / "bin" / program), *arguments]
    done = subprocess.run(
        command, env=environment, input=given, capture_output=True, text=True, check=False, cwd=PROJECT
    )
    if done.returncode:
        sys.exit(f"{program} {' '.join(arguments)}: {(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def _rows(query: Mapping[str, Any], found: Sequence[Sequence[str]]) -> Rows:
    """The rows of an answer with their columns in the order of the query: MetricFlow has its own."""
    if not found:
        return []
    header, *rows = found
    asked = [*query.get("group-by", []), *query.get("metrics", [])]
    places = [
        next(place for place, name in enumerate(header) if name == one or name.startswith(f"{one}__"))
        for one in asked
    ]
    return [[row[place] for place in places] for row in rows]


if __name__ == "__main__":
    main()
