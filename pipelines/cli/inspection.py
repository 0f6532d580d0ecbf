"""What ``spm`` does to look into something: a score, a row, one model, the suite of a table.

Put here: parse, one call, exit code. Keep out: work of any kind.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.options import (
    AsOfOption,
    HomeOption,
    JsonOption,
    PeriodArgument,
    RegionArgument,
    period_of,
    periods_of,
    print_json,
    settings_of,
    tell,
)
from pipelines.errors import ConfigurationError, ExitCode
from pipelines.messages import say
from pipelines.registry.seeds import check_registry

app = typer.Typer()

PeriodsArgument = Annotated[
    Any,
    typer.Argument(
        parser=periods_of, metavar="[PERIOD]", help="A quarter, 2024-Q4, or a range, 2024-Q1..2024-Q4."
    ),
]


@app.command()
def explain(
    region: RegionArgument,
    period: PeriodArgument,
    against: Annotated[
        Any,
        typer.Option(
            "--against",
            parser=period_of,
            metavar="PERIOD",
            help="Instead: what moved the index since this quarter, largest first, with the cells behind.",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
    as_of: AsOfOption = None,
    release_id: Annotated[
        str, typer.Option("--release", metavar="ID", help="As a past release has it.")
    ] = "latest",
    as_json: JsonOption = False,
) -> None:
    """Walk from a region's score to the cells it came from, with rule and legal basis."""
    from pipelines.cli.show.reports import show_explanation
    from pipelines.cli.show.terminal import progress_on_terminal
    from pipelines.publish.releases import Releases
    from pipelines.reports.explanation import explain_score
    from pipelines.reports.movement import explain_movement

    settings = settings_of(home, None)
    with progress_on_terminal():
        if as_of is None:
            releases = Releases(settings.published)
            folder = releases.folder(releases.find(release_id))
        elif release_id != "latest":
            raise ConfigurationError(say("option.release_or_date"))
        else:
            from pipelines.build.as_of import build_as_of, instant_of

            folder = build_as_of(settings, [str(period)], instant_of(as_of))
        if against is None:
            explanation = explain_score(folder, region, period)
        else:
            explanation = explain_movement(folder, region, period, against)
    if as_json:
        print_json(explanation)
    else:
        show_explanation(explanation)


@app.command()
def lineage(
    column: Annotated[
        str, typer.Argument(metavar="TABLE.COLUMN", help="A column of a published table, or of a model.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Say from which columns of the registry, of received rows and of the release before a column is made."""
    from pipelines.cli.show.work import show_lineage
    from pipelines.settings import read_settings
    from pipelines.warehouse import column_lineage

    settings = read_settings()
    table, _, name = column.rpartition(".")
    found = column_lineage.ensure(settings.threads, settings.memory_limit)
    made_from = found.of(table, name)
    origins, lost = found.origins(table, name)
    said = {
        "column": column,
        "made_from": None if made_from is None else [str(one) for one in made_from],
        "comes_from": [str(one) for one in origins],
        "not_traced": [str(one) for one in lost],
    }
    if as_json:
        print_json(said)
    else:
        show_lineage(column, made_from, origins, lost)


@app.command()
def trace(
    source_ref: Annotated[
        str,
        typer.Argument(
            metavar="DOC:PLACE", help="As tables have it, fd834351fe5e:L21, or with the name of a file."
        ),
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Follow a row forwards: received, read, resolved, its outcome, its fact, the scores it is part of."""
    from pipelines.build.demo_data import holds_made_up
    from pipelines.build.trace import trace_row
    from pipelines.cli.show.reports import show_explanation
    from pipelines.cli.show.terminal import progress_on_terminal, show_demo_notice

    settings = settings_of(home)
    with progress_on_terminal():
        found = trace_row(settings, source_ref)
    show_demo_notice(holds_made_up(settings), as_json)
    if as_json:
        print_json(found)
    else:
        show_explanation(found)


@app.command()
def work(
    periods: PeriodsArgument = None,
    sources: Annotated[Path | None, typer.Option("--sources", help="The sources file (SPM_SOURCES).")] = None,
    home: HomeOption = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="DIR", help="Folder; default kept/PERIOD of the home.", show_default=False
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Throw the kept file of PERIOD away.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a work file of a period, build every model in it, and keep it: to work on one model with dbt.

    It stays until `spm work PERIOD --remove`, or until it is made anew: no run reads it or throws it away.
    Without a period the kept files are listed. Exit 1 when a model or a test failed.
    """
    from pipelines.build.demo_data import holds_made_up
    from pipelines.build.keep import keep_work, kept_works, remove_work
    from pipelines.cli.show.terminal import progress_on_terminal, show_demo_notice
    from pipelines.cli.show.work import show_kept, show_work

    settings = settings_of(home, sources)
    named = [str(period) for period in periods or ()]
    if not named:
        if remove or to:
            raise ConfigurationError(say("option.period_too", at="--remove, --to"))
        listed = kept_works(settings)
        print_json([str(path) for path in listed]) if as_json else show_kept(listed)
        return
    if remove:
        tell(str(remove_work(settings, named)))
        return
    with progress_on_terminal():
        check_registry()
        kept = keep_work(settings, named, to)
    show_demo_notice(holds_made_up(settings), as_json)
    if as_json:
        print_json({"work_file": str(kept.work_file), "environment": str(kept.environment), **asdict(kept)})
    else:
        show_work(kept)
    raise typer.Exit(ExitCode.REJECTED if kept.failed else 0)


@app.command()
def gate(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A judged table, e.g. mart_region_score.")],
    periods: PeriodsArgument = None,
    kept: Annotated[
        Path | None, typer.Option("--work", metavar="DIR", help="Folder that `spm work --to` wrote.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge one table by its suite alone; exit 1 when a check would close the gate.

    The table is that of the kept work file of PERIOD (`spm work`); where there is none, that of the current
    release, and PERIOD says of which quarters.
    """
    from pipelines.build.demo_data import holds_made_up
    from pipelines.build.keep import judge_one_table
    from pipelines.cli.show.terminal import progress_on_terminal, show_demo_notice
    from pipelines.cli.show.work import show_judged

    settings = settings_of(home)
    with progress_on_terminal():
        judged = judge_one_table(settings, table, [str(period) for period in periods or ()], kept)
    show_demo_notice(holds_made_up(settings), as_json)
    if as_json:
        print_json(asdict(judged))
    else:
        show_judged(judged)
    raise typer.Exit(ExitCode.REJECTED if judged.closes else 0)
