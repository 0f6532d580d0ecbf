"""What ``spm`` tells those who run it as a service: the ledger of runs, the state of the home.

Put here: parse, one call, exit code. Keep out: work of any kind.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import HomeOption, JsonOption, print_json, settings_of
from pipelines.errors import ExitCode

app = typer.Typer()


@app.command()
def runs(
    last: Annotated[int, typer.Option("--last", min=1, help="So many, the latest first.")] = 20,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the runs of the home, from the command line, the UI, schedules and sensors."""
    from pipelines.build.ledger import entries
    from pipelines.cli.show.operation import show_entries

    found = entries(settings_of(home))[:last]
    if as_json:
        print_json([asdict(entry) | {"seconds": entry.seconds} for entry in found])
    else:
        show_entries(found)


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say whether all is well: release, last run, quarters due, disk; exit 1 when somebody has to look."""
    from pipelines.build.health import health_of
    from pipelines.cli.show.operation import show_health
    from pipelines.defs.services import services_of

    settings = settings_of(home)
    found = health_of(settings, services_of(settings))
    if as_json:
        print_json(asdict(found))
    else:
        show_health(found)
    raise typer.Exit(ExitCode.REJECTED if found.problems else ExitCode.DONE)


@app.command()
def metrics(
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="File to write, whole or not at all; default: print it."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the state of the home as metrics, for the textfile collector of node_exporter."""
    from pipelines.build.health import health_of
    from pipelines.build.metrics import MODE, metrics_of, samples_of
    from pipelines.defs.services import services_of
    from pipelines.storage.whole_files import write_whole

    settings = settings_of(home)
    text = metrics_of(settings, health_of(settings, services_of(settings)))
    if to is not None:
        write_whole(to, text.encode(), MODE)
    if as_json:
        print_json({"file": str(to) if to else None, "samples": samples_of(text)})
    elif to is None:
        typer.echo(text, nl=False)
