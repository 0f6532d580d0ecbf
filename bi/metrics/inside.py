"""Runs in the environment of MetricFlow: validates the semantic models and puts queries to ``mf query``.

Reads the queries by name as JSON from its input and prints as JSON the rows that each brought.

Put here: calls of MetricFlow. Keep out: everything of the project, which is not installed here.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from dbt_metricflow.cli.main import query, validate_configs


def main() -> None:
    """Validate, ask, print."""
    queries: dict[str, dict[str, Any]] = json.load(sys.stdin)
    configuration = CLIConfiguration()
    said, failed = _run(validate_configs, [], configuration)
    if failed:
        sys.exit(f"mf validate-configs: {said}")
    print("SPM " + json.dumps({name: _asked(asked, configuration) for name, asked in queries.items()}))
    sys.stdout.flush()
    # MetricFlow leaves threads and handlers behind
    os._exit(0)


def _asked(asked: Mapping[str, Any], configuration: CLIConfiguration) -> list[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.csv"
        said, failed = _run(query, [*_options(asked), "--quiet", "--csv", str(answer)], configuration)
        if failed:
            sys.exit(f"mf query {' '.join(_options(asked))}: {said}")
        if not answer.exists():  # no row
            return []
        with answer.open(encoding="utf-8", newline="") as lines:
            return list(csv.reader(lines))


def _options(asked: Mapping[str, Any]) -> list[str]:
    options = []
    for name, value in asked.items():
        if name == "where":
            options += [part for clause in value for part in ("--where", clause)]
        else:
            options += [f"--{name}", ",".join(value) if isinstance(value, list) else str(value)]
    return options


def _run(command: Any, arguments: list[str], configuration: CLIConfiguration) -> tuple[str, bool]:
    """What a command of `mf` said, and whether it failed.

    The command is called, not `mf`, which looks for a newer version of itself at each start.
    """
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            command.main(arguments, obj=configuration, standalone_mode=False)
    except SystemExit as end:
        return said.getvalue(), bool(end.code)
    return said.getvalue(), False


if __name__ == "__main__":
    main()
