"""``spm init`` and ``spm registry``: a new home, and the rows of the registry of its own.

Put here: parse, one call, printing. Keep out: writing a home (``build.init_home``), comparing
(``build.registry_review``).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import HomeOption, JsonOption, print_json, settings_of
from pipelines.registry.home_rows import in_use

app = typer.Typer()
registry = typer.Typer(
    name="registry",
    help="The rows of the registry of a home's own (registry/): check them, and see what they change.",
    no_args_is_help=True,
)
app.add_typer(registry)


@app.command()
def init(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[PATH]", help="Folder; default SPM_HOME.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a new home: its README, settings, a sources file to fill in, the files of its registry.

    What is there already stays as it is; a folder that holds something else is refused.
    """
    from pipelines.build.init_home import init_home
    from pipelines.cli.show.home import show_new_home

    made = init_home(settings_of(path))
    if as_json:
        print_json(asdict(made))
    else:
        show_new_home(made)


@registry.command()
def check(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Hold the laws of the registry against the rows of the home, merged; exit 2 names file and line."""
    from pipelines.build.registry_review import checked_files
    from pipelines.cli.show.home import show_checked

    settings = settings_of(home)
    files = checked_files()
    if as_json:
        print_json({"files": files, "sha256": own.sha256 if (own := in_use()) else None})
    else:
        show_checked(settings, files)


@registry.command()
def diff(
    against_seeds: Annotated[
        bool, typer.Option("--seeds", help="Against the seeds of the code, not the current release.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the rows that are others than when the current release was made, and what is built again."""
    from pipelines.build.registry_review import review
    from pipelines.cli.show.home import show_review

    found = review(settings_of(home), against_seeds)
    if as_json:
        print_json(asdict(found))
    else:
        show_review(found)
