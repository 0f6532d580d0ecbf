"""Runs in the environment of Superset: imports the bundle, twice, and asks each chart by its own engine.

Reads as JSON from its input what is chosen on the dashboard for each chart, by its title. Prints as JSON the
dashboards by slug, and the rows and columns that each chart brought.

Put here: calls of Superset. Keep out: everything of the project, which is not installed here.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from superset.app import create_app


def contents(folder: Path) -> dict[str, str]:
    """The files of the bundle by name, with the address of the database that is asked."""
    found = {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.yaml"))
    }
    name = next(name for name in found if name.startswith("databases/"))
    placeholder = next(line for line in found[name].splitlines() if line.startswith("sqlalchemy_uri: "))
    found[name] = found[name].replace(placeholder, f"sqlalchemy_uri: {os.environ['SPM_SUPERSET_DATABASE']}")
    return found


def main(folder: Path) -> None:
    """Import, import again, ask.

    Raises:
        SystemExit: a second import doubled something, or a chart failed.
    """
    app = create_app()
    with app.app_context():
        from flask import g
        from superset import db, security_manager
        from superset.charts.schemas import ChartDataQueryContextSchema
        from superset.commands.chart.data.get_data_command import ChartDataCommand
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.connectors.sqla.models import SqlaTable
        from superset.models.dashboard import Dashboard
        from superset.models.slice import Slice

        g.user = security_manager.find_user("admin")
        kinds = (SqlaTable, Slice, Dashboard)
        counts = []
        for _ in range(2):
            ImportAssetsCommand(contents(folder)).run()
            counts.append([db.session.query(kind).count() for kind in kinds])
        if counts[0] != counts[1]:
            sys.exit(f"a second import made more: {counts}")
        chosen = json.load(sys.stdin)
        asked = {}
        for chart in db.session.query(Slice).order_by(Slice.slice_name):
            context = json.loads(chart.query_context)
            context["queries"][0]["filters"] += [
                {"col": column, "op": "IN", "val": [value]}
                for column, value in chosen.get(chart.slice_name, {}).items()
            ]
            command = ChartDataCommand(ChartDataQueryContextSchema().load(context))
            command.validate()
            (answer,) = command.run()["queries"]
            if answer.get("error"):
                sys.exit(f"{chart.slice_name}: {answer['error']}")
            asked[chart.slice_name] = {
                "columns": answer["colnames"],
                "rows": [[row[column] for column in answer["colnames"]] for row in answer["data"]],
            }
        boards = {
            board.slug: {
                "title": board.dashboard_title,
                "charts": sorted(chart.slice_name for chart in board.slices),
            }
            for board in db.session.query(Dashboard).order_by(Dashboard.slug)
        }
    print("SPM " + json.dumps({"dashboards": boards, "charts": asked}, default=str))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
