"""What every command of ``spm`` shares: its arguments and options, and how an error is printed.

Put here: what more than one command needs. Keep out: commands (``cli``, ``cli.releases``, ``cli.rules``).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pipelines.cli import signals
from pipelines.errors import ExitCode, expected
from pipelines.messages import in_language, printable_json, printable_lines, say
from pipelines.registry.home_rows import serve
from pipelines.registry.periods import Period, PeriodFormatError, PeriodRangeError, served_periods
from pipelines.registry.written_periods import written_range
from pipelines.settings import Settings, SettingsError, read_settings

# the base of what Typer raises for an unknown option, a missing argument, a value that cannot be read
UsageError: Any = typer.BadParameter.__bases__[0]


def periods_of(text: str) -> tuple[Period, ...]:
    """The quarters that an argument names, of those that the platform serves."""
    try:
        periods = written_range(text)
    except (PeriodFormatError, PeriodRangeError) as error:
        raise typer.BadParameter(str(error)) from None
    known = served_periods(read_settings().clock())
    if periods[0] < known[0] or periods[-1] > known[-1]:
        raise typer.BadParameter(say("option.not_served", at=text, first=known[0], last=known[-1]))
    return periods


def period_of(text: str) -> Period:
    """The one quarter that an argument names."""
    periods = periods_of(text)
    if len(periods) > 1:
        raise typer.BadParameter(say("option.one_quarter", at=repr(text)))
    return periods[0]


HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of everything a run writes (SPM_HOME).", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="By what was known on this day (2025-02-01); nothing is published."),
]
PeriodArgument = Annotated[
    Any, typer.Argument(parser=period_of, metavar="PERIOD", help="A quarter, e.g. 2024-Q4.")
]
RangeArgument = Annotated[
    Any,
    typer.Argument(
        parser=periods_of, metavar="PERIOD", help="A quarter, 2024-Q4, a year, or a range, 2023-Q1..2024-Q4."
    ),
]
RegionArgument = Annotated[str, typer.Argument(metavar="REGION", help="Code or name, e.g. 64.71.")]


def settings_of(home: Path | None, sources: Path | None = None, *, needs_home: bool = True) -> Settings:
    """The settings of the environment, with a command's own home and sources; its rows of the registry count
    from here on.

    Raises:
        SettingsError: no home is given, or what is given is no folder of this machine.
    """
    if needs_home and home is None and not os.environ.get("SPM_HOME"):
        raise SettingsError(say("setting.no_home", at="--home"))
    settings = read_settings(home=home, sources_file=sources)
    has_home = home is not None or bool(os.environ.get("SPM_HOME"))
    serve(settings.registry if has_home else None)
    return settings


class Commands(TyperGroup):
    """Commands whose errors end them with one clear line and the exit code of the class; a bug is raised."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what stands before the command; ``--lang`` may stand behind it too."""
        if ctx.parent is None:
            args = _language_first(args)
            ctx.meta[_AS_JSON] = "--json" in args
        rest: list[str] = super().parse_args(ctx, args)
        return rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the arguments name."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:
            # whoever read the output, `head` for one, has enough; what is buffered has nowhere to go
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(128 + signal.SIGPIPE) from None
        except (typer.Exit, typer.Abort):
            raise
        except UsageError as error:
            if ctx.parent is None and ctx.meta[_AS_JSON]:
                print_error(error, error.format_message(), ExitCode.BAD_USAGE)
            raise
        except Exception as error:
            # an interrupted library fails in its own way
            if signals.received():
                raise
            known = expected(error)
            if ctx.meta[_AS_JSON] and (known or ctx.parent is None):
                print_error(error, str(known or error), known.exit_code if known else ExitCode.BUG)
            if known is None:
                raise
            tell(f"spm: {known}", err=True)
            raise typer.Exit(known.exit_code) from error


_AS_JSON = "spm.as_json"


def _language_first(args: list[str]) -> list[str]:
    """The arguments with ``--lang`` and its value before all others."""
    ours = args[: args.index("--")] if "--" in args else args
    at = next((number for number, one in enumerate(ours) if one.partition("=")[0] == "--lang"), None)
    if at is None:
        return args
    length = 1 if "=" in args[at] else 2
    return [*args[at : at + length], *args[:at], *args[at + length :]]


def print_error(error: BaseException, text: str, code: ExitCode) -> None:
    """What ended a command, for machines, in the place of its result."""
    from pipelines.registry.told import without_secrets

    said = without_secrets(text)
    print_json({"error": {"kind": type(error).__name__, "message": said, "exit_code": int(code)}})


def print_json(value: Any) -> None:
    """A result for machines, on standard output."""
    sys.stdout.write(printable_json(json.dumps(value, indent=1, ensure_ascii=False, default=str)) + "\n")


def tell(text: str, err: bool = False) -> None:
    """A line for people, or a few, on standard output or error; errors of others may quote a secret."""
    shown = in_language(text)
    if err:
        from pipelines.registry.told import without_secrets

        shown = without_secrets(shown)
    typer.echo(printable_lines(shown), err=err)
