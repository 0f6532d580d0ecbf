"""What ``spm`` does to keep a home for years: prune, back up, restore, look before an upgrade.

Put here: parse, one call, exit code. Keep out: work of any kind.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import HomeOption, JsonOption, print_json, settings_of
from pipelines.errors import ConfigurationError, ExitCode
from pipelines.messages import say
from pipelines.settings import Settings
from pipelines.storage.lock import one_writer

app = typer.Typer()


@app.command()
def prune(
    last: Annotated[
        int | None, typer.Option("--keep", min=1, help="Releases, the latest.", show_default=False)
    ] = None,
    quarterly: Annotated[
        int | None,
        typer.Option(
            "--keep-quarterly",
            min=1,
            help="The last release of so many calendar quarters.",
            show_default=False,
        ),
    ] = None,
    yearly: Annotated[
        int | None,
        typer.Option("--keep-yearly", min=1, help="The last release of so many years.", show_default=False),
    ] = None,
    named: Annotated[
        list[str] | None, typer.Option("--keep-release", metavar="ID", help="This release; again for more.")
    ] = None,
    databases: Annotated[
        bool,
        typer.Option("--databases", help="Remove spm.duckdb of every release but the current one."),
    ] = False,
    history: Annotated[
        int | None,
        typer.Option(
            "--history",
            metavar="DAYS",
            min=1,
            help="Forget runs that ended so long ago, and pages of closed gates.",
            show_default=False,
        ),
    ] = None,
    made: Annotated[
        int | None,
        typer.Option(
            "--made",
            metavar="DAYS",
            min=1,
            help="Remove kept work, as-of, what-if, reports, open data that old, not of the current release.",
            show_default=False,
        ),
    ] = None,
    plan_only: Annotated[
        bool, typer.Option("--plan", "--dry-run", help="Say what would go, and how many MB; remove nothing.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove tables of old releases, old runs, and what can be made again; nothing of raw/ goes.

    Manifests stay, so that the chain proves, and `spm rebuild ID --repair` brings a release back. The current
    release, the one before it, a pinned one and one that something waits for approval on top of always stay.
    """
    from pipelines.build.prune import plan_prune
    from pipelines.build.prune import prune as remove
    from pipelines.cli.show.upkeep import show_prune
    from pipelines.publish.prune import Keep

    settings = settings_of(home)
    keep = Keep(last or 0, quarterly or 0, yearly or 0, named or (), databases)
    if not (keep.is_asked or databases or history or made):
        raise ConfigurationError(say("prune.no_option", at="spm prune"))
    if plan_only:
        plan = plan_prune(settings, keep, history, made)
        plan = replace(plan, dagster_runs=_dagster_runs(settings, history, forget=False))
    else:
        with one_writer(settings.home, "spm prune"):
            plan = plan_prune(settings, keep, history, made)
            remove(settings, plan)
            plan = replace(plan, dagster_runs=_dagster_runs(settings, history, forget=True))
    if as_json:
        print_json(asdict(plan) | {"bytes": plan.bytes, "is_plan": plan_only})
    else:
        show_prune(plan, is_plan=plan_only)


@app.command()
def backup(
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="A folder, or a file NAME.tar; outside of the home.")
    ],
    current_only: Annotated[
        bool,
        typer.Option("--current-only", help="Of old releases what proves them, not their tables."),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what cannot be made again, with hashes: raw/, releases, approvals, ledger, registry.

    A run may write meanwhile. Secrets are left out. Exit 3 where a file of the home is damaged.
    """
    from pipelines.build.backup import backup as write_backup
    from pipelines.cli.show.upkeep import show_backup

    found = write_backup(settings_of(home), target, current_only=current_only)
    if as_json:
        print_json(asdict(found) | {"target": str(target)})
    else:
        show_backup(target, found)
    raise typer.Exit(ExitCode.UNAVAILABLE if found.damaged else ExitCode.DONE)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="What `spm backup` wrote.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an empty home from a backup, once every byte of it is proved."""
    from pipelines.build.restore import restore as make_home
    from pipelines.cli.show.upkeep import show_restored

    settings = settings_of(home)
    found = make_home(settings, source)
    if as_json:
        print_json(asdict(found) | {"home": str(settings.home)})
    else:
        show_restored(settings.home, found)


@app.command()
def upgrade(
    check: Annotated[
        bool, typer.Option("--check", help="Look and change nothing; exit 1 when something is in the way.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether the home is fit for this version, and what the next run builds again, and why.

    Without --check releases of another format are set aside, so that their periods can be published anew.
    """
    from pipelines.build.upgrade import fitness_of, periods_of, set_aside
    from pipelines.cli.show.upkeep import show_fitness, show_set_aside

    settings = settings_of(home)
    if not check:
        with one_writer(settings.home, "spm upgrade"):
            aside = set_aside(settings)
        if aside and not as_json:
            show_set_aside(aside, periods_of(aside))
    found = fitness_of(settings)
    if as_json:
        print_json(asdict(found))
    else:
        show_fitness(found)
    raise typer.Exit(ExitCode.REJECTED if found.problems else ExitCode.DONE)


def _dagster_runs(settings: Settings, days: int | None, *, forget: bool) -> int:
    """How many runs of Dagster's history are so old; they are forgotten where that is asked for."""
    if days is None or not (settings.home / "dagster").exists():
        return 0
    from pipelines.defs.instance import dagster_instance, forget_runs, old_runs

    with dagster_instance(settings.home) as instance:
        found = old_runs(instance, settings.wall_clock() - timedelta(days=days))
        if forget:
            forget_runs(instance, found)
    return len(found)
