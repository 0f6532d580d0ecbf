"""``spm``: the command line, thin over the Dagster definitions and the published releases.

Exit codes: 0 done; 1 the gate closed, findings are fatal, or a model failed; 2 bad usage or configuration;
3 a source or store failed after its retries; 4 nothing was received; 5 a release waits for approval; 6 a
release is pinned, and what came since is set aside; 70 a fault of ours, its traceback above the last line;
130 and 143 stopped by SIGINT and SIGTERM. Results go to standard output, everything else to standard error.

Put here: parse, one call, exit code. Keep out: work of any kind.
"""

from __future__ import annotations

import atexit
import gc
import signal
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from pipelines.cli import alert, inspection, operation, releases, rules, signals, upkeep
from pipelines.cli import home as home_commands
from pipelines.cli import serve as serve_command
from pipelines.cli.options import (
    AsOfOption,
    Commands,
    HomeOption,
    JsonOption,
    PeriodArgument,
    RangeArgument,
    RegionArgument,
    UsageError,
    periods_of,
    print_json,
    settings_of,
    tell,
)
from pipelines.errors import ConfigurationError, ExitCode
from pipelines.messages import LANGUAGES, say, show_in, traceback_text
from pipelines.provenance.code import package_version
from pipelines.registry.methods import unverified_methods
from pipelines.registry.seeds import check_registry
from pipelines.registry.windows import to_be_announced
from pipelines.settings import Settings, environment_name
from pipelines.storage.lock import demand_free


def _show_version(is_asked: bool) -> None:
    if is_asked:
        tell(f"spm {package_version()}")
        raise typer.Exit


app = typer.Typer(
    cls=Commands,
    help="SPM layanan dasar: from the reports of regions to checked facts, scores and releases.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.add_typer(releases.app)
app.add_typer(rules.app)
app.add_typer(inspection.app)
app.add_typer(operation.app)
app.add_typer(upkeep.app)
app.add_typer(alert.app, name="alert")
app.add_typer(home_commands.app)
app.add_typer(serve_command.app)


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="The version, and end.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            envvar="SPM_LANG",
            metavar="|".join(LANGUAGES),
            help="Language of what is shown, also after the command; default: both, Indonesian first.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """What goes before a command."""
    language = next((one for one in LANGUAGES if one == (lang or "").lower()), None)
    if lang and language is None:
        raise typer.BadParameter(say("option.no_language", at=f"--lang {lang}", known=", ".join(LANGUAGES)))
    show_in(language)
    if name := environment_name():
        # beside whatever a command prints: nobody takes one installation for another
        tell(f"spm [{name}]", err=True)


@app.command()
def run(
    periods: RangeArgument,
    sources: Annotated[Path | None, typer.Option("--sources", help="The sources file (SPM_SOURCES).")] = None,
    home: HomeOption = None,
    record: Annotated[
        bool, typer.Option("--record/--no-record", help="Keep the run for the Dagster UI.")
    ] = True,
    as_of: AsOfOption = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Receive, then say what would be built and why; build nothing.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Build every received period, changed or not.")
    ] = False,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            metavar="VERSION",
            help="Score by another method as a what-if: marts under what-if/, nothing is published.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the pipeline for one period, or backfill a range in one run; exit 1 when a gate closes."""
    from pipelines.cli.show.runs import show_assumed_windows, show_mixture, show_run, show_unverified
    from pipelines.cli.show.terminal import progress_on_terminal

    settings = settings_of(home, sources)
    check_registry()
    if method is not None:
        if as_of is not None or plan:
            raise ConfigurationError(say("option.alone", at="--method", others="--as-of, --plan"))
        _what_if(settings, [str(period) for period in periods], method, as_json)
    if as_of is not None:
        _run_as_of(settings, [str(period) for period in periods], as_of, as_json)
        return
    if settings.sources_file is None:
        raise ConfigurationError(say("option.no_sources"))
    if plan:
        _show_plan(settings, [str(period) for period in periods], everything, as_json)
        return
    with progress_on_terminal():
        demand_free(settings.home)
        from pipelines.build.demo_data import mixture_of
        from pipelines.cli.runs import run_periods

        outcome = run_periods(
            settings, [str(period) for period in periods], record, everything, warn=partial(tell, err=True)
        )
        mixture = mixture_of(settings)
    scored = [period for period in periods if str(period) in outcome.published]
    unverified = unverified_methods(scored)
    assumed = {str(window.period): str(window.closes_on) for window in to_be_announced(scored)}
    if as_json:
        more = {
            "unverified_methods": unverified,
            "assumed_windows": assumed,
            "environment": settings.environment,
        }
        print_json(asdict(outcome) | asdict(mixture) | more)
        show_mixture(mixture, as_json)
    else:
        show_run(settings, outcome, mixture)
        show_unverified(unverified)
        show_assumed_windows(assumed)
    # what was published stays published: the code says that somebody has to look
    if outcome.closed or outcome.refused:
        raise typer.Exit(ExitCode.REJECTED)
    if outcome.waiting:
        raise typer.Exit(ExitCode.APPROVAL_NEEDED)
    if outcome.set_aside:
        raise typer.Exit(ExitCode.PINNED)
    if outcome.incomplete or "failed" in (outcome.database or {}):
        raise typer.Exit(ExitCode.UNAVAILABLE)


def _show_plan(settings: Settings, periods: list[str], everything: bool, as_json: bool) -> None:
    from pipelines.cli.show.runs import show_plan
    from pipelines.cli.show.terminal import progress_on_terminal

    with progress_on_terminal():
        from pipelines.build.plan import receive_and_plan

        planned = receive_and_plan(settings, periods, everything)
    if as_json:
        print_json(asdict(planned) | {"gaps": planned.gaps})
    else:
        show_plan(planned)
    if planned.incomplete:
        raise typer.Exit(ExitCode.UNAVAILABLE)


def _run_as_of(settings: Settings, periods: list[str], as_of: str, as_json: bool) -> None:
    from pipelines.cli.show.runs import show_tables
    from pipelines.cli.show.terminal import progress_on_terminal

    with progress_on_terminal():
        from pipelines.build.as_of import build_as_of, instant_of

        folder = build_as_of(settings, periods, instant_of(as_of))
    if as_json:
        print_json({"folder": str(folder), "as_of": as_of, "periods": periods})
    else:
        show_tables(folder, periods)


def _what_if(settings: Settings, periods: list[str], method: str, as_json: bool) -> NoReturn:
    from pipelines.cli.show.runs import show_what_if
    from pipelines.cli.show.terminal import progress_on_terminal

    with progress_on_terminal():
        from pipelines.build.what_if import score_what_if

        found = score_what_if(settings, periods, method)
    if as_json:
        print_json(asdict(found))
    else:
        show_what_if(found)
    raise typer.Exit(ExitCode.UNAVAILABLE if found.incomplete else 0)


@app.command()
def demo(
    home: HomeOption = None,
    regions: Annotated[int | None, typer.Option(help="Only so many regions, for a quick look.")] = None,
    postgres: Annotated[
        bool, typer.Option("--postgres", help="Also load the release into a throw-away PostgreSQL server.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """The main job on bundled data, offline: real published figures and a national set of made-up reports."""
    from pipelines.cli.demo import run_demo
    from pipelines.cli.show.runs import show_demo
    from pipelines.cli.show.terminal import progress_on_terminal

    settings = settings_of(home or Path("demo"), None)
    with progress_on_terminal():
        outcome = run_demo(settings, regions, postgres)
    if as_json:
        print_json(asdict(outcome))
    else:
        show_demo(settings, outcome)
    raise typer.Exit(ExitCode.REJECTED if outcome.closed else 0)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Forms or CSV files.")],
    feedback: Annotated[
        Path | None,
        typer.Option("--feedback", help="Also write the files as a workbook with the findings in it."),
    ] = None,
    sources: Annotated[
        Path | None,
        typer.Option("--sources", help="Read the files as a source of this sources file says."),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="Which source, where several may fit.")
    ] = None,
    layout: Annotated[
        bool,
        typer.Option(
            "--layout", help="Also show line by line what became what, by the layout of the source."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Judge files by the same rules as a run, with no side effect; exit 1 when a finding is fatal."""
    from pipelines.cli.show.layouts import layout_as_json, show_layout
    from pipelines.cli.show.reports import show_bindings, show_findings
    from pipelines.cli.show.terminal import progress_on_terminal

    for file in files:
        if not file.is_file():
            raise ConfigurationError(say("check.no_file", at=file))
        if feedback is not None and feedback.exists() and feedback.samefile(file):
            raise ConfigurationError(say("check.same_file", at=f"--feedback {feedback}"))
    if feedback is not None and (feedback.is_dir() or feedback.suffix.lower() != ".xlsx"):
        raise ConfigurationError(say("check.no_workbook", at=f"--feedback {feedback}"))
    if sources is None and (layout or source is not None):
        sources = settings_of(None, needs_home=False).sources_file
        if sources is None:
            raise ConfigurationError(say("layout.needs_sources", at="--layout, --source"))
    with progress_on_terminal():
        from pipelines.build.check_files import check_files, layout_lines, readings_of

        readings = readings_of(files, sources, source)
        lines = list(layout_lines(readings, settings_of(None, needs_home=False).limits)) if layout else []
        findings = check_files(readings, feedback)
    if as_json:
        print_json({"layout": layout_as_json(lines), "findings": findings} if layout else findings)
    else:
        show_layout(lines)
        show_bindings(readings)
        show_findings(findings)
    raise typer.Exit(ExitCode.REJECTED if any(found["severity"] == "fatal" for found in findings) else 0)


@app.command()
def form(
    region: RegionArgument,
    period: PeriodArgument,
    to: Annotated[
        Path | None, typer.Option("--to", help="File to write; default REGION_PERIOD.xlsx.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the Excel form of a region: the services that it owes, and what was accepted of them."""
    from pipelines.reports.region_form import write_region_form

    published = settings_of(home, needs_home=False).published
    path = write_region_form(region, period, to, published)
    if as_json:
        print_json({"file": str(path)})
    else:
        tell(str(path))


@app.command()
def report(
    periods: Annotated[
        Any,
        typer.Option(
            "--period",
            parser=periods_of,
            metavar="PERIOD",
            help="Quarter or range; default the latest published one that regions sent documents for.",
            show_default=False,
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", metavar="REGION", help="One region only, code or name.")
    ] = None,
    site: Annotated[
        bool, typer.Option("--site/--no-site", help="The site is always of the whole release.")
    ] = True,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the report site, and the feedback workbook of each region: what came, what to fix and how.

    Of a quarter whose gate closed, or that no release has, the workbooks are made of what was received.
    """
    from pipelines.build.unpublished import unpublished_periods, write_unpublished
    from pipelines.cli.show.reports import show_feedback, show_site
    from pipelines.cli.show.terminal import progress_on_terminal
    from pipelines.publish.releases import Releases
    from pipelines.reports.feedback.workbooks import write_feedback
    from pipelines.reports.site.pages import write_site

    settings = settings_of(home, None)
    with progress_on_terminal():
        open_ = unpublished_periods(settings, periods)
        unpublished = write_unpublished(settings, open_, region) if open_ else None
        others = None if periods is None else [period for period in periods if period not in open_]
        has_release = Releases(settings.published).current() is not None
        written = None
        if (has_release and others != []) or unpublished is None:
            written = write_feedback(settings, others, region)
        pages = write_site(settings) if site and has_release else None
    if as_json:
        shown = {"unpublished": asdict(unpublished) if unpublished else None}
        print_json((asdict(written) if written else {}) | shown | {"site": asdict(pages) if pages else None})
        return
    for found in filter(None, (written, unpublished)):
        show_feedback(found)
    show_site(pages)


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write, with a sources file.")],
    periods: Annotated[
        Any, typer.Option(parser=periods_of, metavar="PERIOD", help="Quarter or range.")
    ] = "2024-Q1..2024-Q4",
    regions: Annotated[int | None, typer.Option(help="Only so many regions; default all expected.")] = None,
    kind: Annotated[str, typer.Option(help="workbook, csv or mixed.")] = "mixed",
    items: Annotated[int, typer.Option(help="Quality items a service.")] = 4,
    seed: Annotated[int, typer.Option(help="Another seed, other numbers.")] = 1,
    errors: Annotated[float, typer.Option(help="Share of regions for each kind of error, 0 to 1.")] = 0.02,
    error: Annotated[
        list[str] | None,
        typer.Option(help="KIND=SHARE, for one kind; again for more. `--error list` names them."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a national set of made-up submissions, and the list of errors planted in it."""
    from pipelines.cli.show.terminal import progress_on_terminal
    from spm_sample.command import write_sample

    with progress_on_terminal():
        summary = write_sample(folder, periods, regions, kind, items, seed, errors, error or [])
    if as_json:
        print_json({"folder": str(folder), "summary": summary.splitlines()})
    else:
        tell(summary)


def main() -> None:
    """The entry point: whatever ends a command, its last line says what, and the exit code what kind."""
    signals.listen()
    # Dagster, dbt and Great Expectations are a million objects that live as long as the process: collecting
    # among them while they are imported, and walking them at exit, costs seconds and frees nothing
    gc.set_threshold(50_000, 20, 100)
    atexit.register(gc.freeze)
    code = _run_command()
    if code and (stopped := signals.received()):
        tell(say("command.stopped", at="spm", signal=stopped.name), err=True)
        code = 128 + stopped
    sys.exit(code)


def _run_command() -> int:
    try:
        code = app(standalone_mode=False)
        return code if isinstance(code, int) else ExitCode.DONE
    except (typer.Abort, KeyboardInterrupt):
        return 128 + signal.SIGINT
    except UsageError as error:
        tell(f"spm: {error.format_message()}", err=True)
        return ExitCode.BAD_USAGE
    except Exception as error:
        if not signals.received():
            tell(traceback_text(error), err=True)
            said = " ".join(f"{type(error).__name__}: {error}".split())
            tell(say("command.fault", at=f"spm: {said}"), err=True)
        return ExitCode.BUG
