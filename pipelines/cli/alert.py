"""``spm alert``: tell people what needs them and what is over, now; a test message to every channel.

Put here: parse, one call, exit code. Keep out: work of any kind.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.cli.options import Commands, HomeOption, JsonOption, print_json, settings_of, tell
from pipelines.errors import ConfigurationError, ExitCode
from pipelines.messages import say
from pipelines.settings import Settings

app = typer.Typer(
    cls=Commands,
    invoke_without_command=True,
    help="Tell people by e-mail and webhook what needs them, and when it is over.",
)


@app.callback()
def _alert(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    if context.invoked_subcommand is None:
        _tell(settings_of(home), as_json)


@app.command()
def run(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Look at the state of the home and tell what began and ended; exit 3 when a channel was not told."""
    _tell(settings_of(home), as_json)


@app.command()
def unit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A unit of systemd, or any job.")],
    result: Annotated[
        str, typer.Argument(metavar="RESULT", help="success, or how it failed: $SERVICE_RESULT of systemd.")
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note how a job of the machine ended, and tell: once where it failed, once where it is well again."""
    from pipelines.alerts.units import note_unit

    settings = settings_of(home)
    note_unit(settings, name, result)
    _tell(settings, as_json)


@app.command("test")
def send_a_test(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Send a test message to every channel; a line each, exit 3 when one did not get it."""
    from pipelines.alerts.telling import send_test

    settings = settings_of(home)
    _demand_channels(settings)
    results = send_test(settings)
    if as_json:
        print_json([{"receiver": name, "failed": why} for name, why in results])
    else:
        for name, why in results:
            tell(f"{name}: {why or say('alert.sent')}")
    raise typer.Exit(ExitCode.UNAVAILABLE if any(why for _, why in results) else ExitCode.DONE)


def _tell(settings: Settings, as_json: bool) -> None:
    from pipelines.alerts.telling import tell as tell_people
    from pipelines.defs.services import services_of

    _demand_channels(settings)
    told = tell_people(settings, services_of(settings))
    if as_json:
        print_json(asdict(told))
    else:
        for line in (*told.began, *told.ended):
            tell(line)
        if not told.began and not told.ended:
            tell(say("alert.nothing_new", lasting=told.lasting))
        for line in told.failed:
            tell(line, err=True)
    raise typer.Exit(ExitCode.UNAVAILABLE if told.failed else ExitCode.DONE)


def _demand_channels(settings: Settings) -> None:
    from pipelines.alerts.channels import load_channels

    if not load_channels(settings):
        raise ConfigurationError(say("alert.no_channels", path=settings.alerts))
