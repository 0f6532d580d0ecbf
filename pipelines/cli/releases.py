"""What ``spm`` does with what is published: list, approve, build again, compare, prove, move, hand out.

Put here: parse, one call, exit code. Keep out: work of any kind; making a release (``cli``).
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.options import (
    Commands,
    HomeOption,
    JsonOption,
    period_of,
    print_json,
    settings_of,
    tell,
)
from pipelines.errors import ConfigurationError, ExitCode
from pipelines.messages import say
from pipelines.storage.lock import one_writer

app = typer.Typer()
of_release = typer.Typer(cls=Commands, no_args_is_help=True, help="What is done with the current release.")
app.add_typer(of_release, name="release")


@app.command()
def releases(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the releases, the current one marked."""
    from pipelines.cli.show.releases import show_releases
    from pipelines.publish.pin import pin_of
    from pipelines.publish.releases import Releases

    settings = settings_of(home, None)
    found = Releases(settings.published)
    current, pin = found.current(), pin_of(settings)
    listed = [
        {
            "release_id": manifest.release_id,
            "published_at": manifest.published_at,
            "periods": manifest.content.periods,
            "is_current": current is not None and manifest.release_id == current.release_id,
            "is_pinned": pin is not None and manifest.release_id == pin.release_id,
            "is_demo": manifest.content.is_demo,
            "pruned": found.pruned(manifest.release_id),
        }
        for manifest in map(found.manifest, found.ids())
    ]
    if as_json:
        print_json(listed)
    else:
        show_releases(listed, pin)


@app.command()
def approve(
    content: Annotated[str, typer.Argument(metavar="HASH", help="What waits, as `spm run` named it.")],
    name: Annotated[str, typer.Option("--name", help="Who decides.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence.")],
    reject: Annotated[bool, typer.Option("--reject", help="Decide against it.")] = False,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="PEM", help="Private key to sign it with.", show_default=False),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide on a release that waits for approval; after two approvals `spm run` publishes it."""
    from pipelines.cli.show.releases import show_waiting
    from pipelines.publish.approval import decide

    settings = settings_of(home, None)
    with one_writer(settings.home, f"spm approve {content}"):
        word = "reject" if reject else "approve"
        waiting = decide(settings, content, name, reason, word, key)
    if as_json:
        print_json(asdict(waiting))
    elif reject:
        tell(say("approval.is_rejected", at=waiting.hash))
    else:
        show_waiting(asdict(waiting))


@app.command()
def rebuild(
    release_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A release; default: the current one.")
    ] = None,
    home: HomeOption = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="The release that was published last on this day.")
    ] = None,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Put what came out as published in the place of damaged files."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Build a past release again from the raw store alone; exit 1 when a hash differs, 3 while damaged."""
    from pipelines.cli.show.releases import show_rebuilt
    from pipelines.cli.show.terminal import progress_on_terminal

    settings = settings_of(home, None)
    if release_id is not None and as_of is not None:
        raise ConfigurationError(say("option.release_or_date"))
    writer = one_writer(settings.home, "spm rebuild --repair") if repair else nullcontext()
    with progress_on_terminal(), writer:
        from pipelines.build.as_of import instant_of
        from pipelines.build.rebuild import rebuild as build_again
        from pipelines.build.rebuild import released_by

        if as_of is not None:
            release_id = released_by(settings, instant_of(as_of))
        found = build_again(settings, release_id or "latest", repair)
    if as_json:
        print_json(asdict(found))
    else:
        show_rebuilt(found)
    if found.unlike:
        raise typer.Exit(ExitCode.REJECTED)
    raise typer.Exit(ExitCode.UNAVAILABLE if found.damaged else ExitCode.DONE)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Release id, its beginning, or `previous`.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Release id, its beginning, or `latest`.")],
    table: Annotated[str | None, typer.Option("--table", help="One table only.")] = None,
    region: Annotated[
        str | None, typer.Option("--region", metavar="REGION", help="One region only, code or name.")
    ] = None,
    period: Annotated[
        Any, typer.Option("--period", parser=period_of, metavar="PERIOD", help="One quarter only.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show every cell, not the first.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show each cell that changed between two releases, with its reason and the documents behind it."""
    from pipelines.cli.show.releases import show_difference
    from pipelines.cli.show.terminal import show_demo_notice
    from pipelines.publish.diff import Wanted, difference
    from pipelines.publish.releases import Releases
    from pipelines.warehouse.region_names import find

    settings = settings_of(home, None)
    code = None
    if region is not None:
        found = Releases(settings.published)
        last = period or period_of(found.manifest(found.find(new)).content.periods[-1])
        code = find(region, last.ends_on).region_code
    wanted = Wanted(table, code, str(period) if period else None, every or as_json)
    differing = difference(settings, old, new, wanted)
    published = Releases(settings.published)
    sides = (published.manifest(one) for one in (differing.old, differing.new))
    show_demo_notice(any(side.content.is_demo for side in sides), as_json)
    if as_json:
        print_json(asdict(differing))
    else:
        show_difference(differing)


@app.command()
def verify(
    release_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Default: the current one.")
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key", metavar="PEM", help="Public key by which it has to be signed.", show_default=False
        ),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove every byte of a release, of what it is built again from, and the line of those that led to it;
    with a key, who signed it too."""
    from pipelines.build.evidence import evidence_of
    from pipelines.cli.show.releases import show_evidence, show_history
    from pipelines.cli.show.terminal import show_demo_notice
    from pipelines.publish.chain import history_of
    from pipelines.publish.releases import Releases

    settings = settings_of(home, None)
    found = Releases(settings.published)
    owner = None
    if key is not None:
        from pipelines.publish.keys import public_key

        owner = public_key(key)
    release_id = found.find(release_id or "latest")
    wrong, signature, history = found.verify(release_id), None, None
    pruned = found.pruned(release_id)
    evidence = evidence_of(settings, release_id)
    # the chain is of manifests, which stay
    if wrong in ([], [pruned]):
        history = history_of(found, release_id)
        wrong += history.wrong
        if owner is not None:
            from pipelines.publish.signatures import signature_of, wrong_signatures

            wrong += wrong_signatures(found, history.line, owner)
            signature = signature_of(found, release_id, owner)
    if evidence is not None:
        wrong += evidence.wrong
    for sentence in wrong:
        tell(f"{release_id}: {sentence}", err=True)
    if as_json:
        print_json(
            {
                "release_id": release_id,
                "wrong": wrong,
                "pruned": pruned,
                "proved": history.proved if history else 0,
                "early": history.early if history else None,
                "signature": asdict(signature) if signature else None,
                "evidence": asdict(evidence) if evidence else None,
            }
        )
    if wrong or history is None:
        if history and wrong == [pruned] and not as_json:
            show_history(history, signature)
        raise typer.Exit(ExitCode.UNAVAILABLE)
    manifest = found.manifest(release_id)
    if as_json:
        show_demo_notice(manifest.content.is_demo, as_json)
        return
    tell(f"{release_id}: {len(found.files(release_id))} files, every byte as published")
    show_evidence(release_id, evidence)
    show_history(history, signature)
    show_demo_notice(manifest.content.is_demo)


@app.command()
def sign(
    key: Annotated[
        Path, typer.Option("--key", metavar="PEM", help="Private Ed25519 key, readable by its owner alone.")
    ],
    release_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Default: the current one.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign a release, once every byte of it and the line of those that led to it are proved."""
    from pipelines.publish.keys import private_key
    from pipelines.publish.releases import Releases
    from pipelines.publish.signatures import sign_release

    settings = settings_of(home, None)
    found = Releases(settings.published)
    path = sign_release(found, found.find(release_id or "latest"), private_key(key), settings.clock())
    if as_json:
        print_json({"release_id": path.parent.name, "file": str(path)})
    else:
        tell(say("release.signed", at=path.parent.name, file=path))


@app.command()
def rollback(
    release_id: Annotated[
        str, typer.Argument(metavar="ID", help="Release id, its beginning, or `previous`.")
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="Who decides; default: the account.", show_default=False)
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence.")] = "",
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until",
            formats=["%Y-%m-%d"],
            help="Last day of the pin (Asia/Jakarta); default: until `spm release unpin`.",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an older release the current one and pin it, once every byte is proved; in the database too.

    While it is pinned runs receive what comes and publish nothing.
    """
    from pipelines.build.ledger import note_loaded
    from pipelines.cli.show.releases import show_database
    from pipelines.cli.show.terminal import show_demo_notice
    from pipelines.publish.approvers import account_of_process
    from pipelines.publish.manifest import DamagedReleaseError
    from pipelines.publish.pin import set_pin
    from pipelines.publish.postgres.after_release import load_current_release
    from pipelines.publish.prune import make_database_again
    from pipelines.publish.releases import Releases
    from pipelines.publish.upkeep import PrunedReleaseError

    settings = settings_of(home, None)
    found = Releases(settings.published)
    release_id = found.find(release_id)
    if pruned := found.pruned(release_id):
        raise PrunedReleaseError(f"{release_id}: {pruned}")
    if wrong := found.verify(release_id):
        raise DamagedReleaseError(say("release.not_current", at=release_id, why=wrong[0]))
    with one_writer(settings.home, f"spm rollback {release_id}"), found.writing():
        make_database_again(settings, release_id)
        pin = set_pin(
            settings, release_id, name or account_of_process(), reason, until.date() if until else None
        )
        found.point_to(release_id)
    if not as_json:
        tell(say("release.is_current", at=release_id))
        tell(str(pin))
    show_demo_notice(found.manifest(release_id).content.is_demo, as_json)
    database = load_current_release(settings)
    if database and "failed" not in database:
        note_loaded(settings)
    if as_json:
        print_json({"release_id": release_id, "pin": asdict(pin), "database": database})
    else:
        show_database(database)
    raise typer.Exit(ExitCode.UNAVAILABLE if "failed" in (database or {}) else 0)


@of_release.command()
def unpin(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Lift the pin of `spm rollback`: the next run publishes what came since."""
    from pipelines.publish.pin import lift_pin

    settings = settings_of(home, None)
    with one_writer(settings.home, "spm release unpin"):
        lift_pin(settings)
    if as_json:
        print_json({"is_pinned": False})
    else:
        tell(say("pin.lifted"))


@app.command()
def publish(
    release_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="A release; default: the current one.")
    ] = "latest",
    everything: Annotated[bool, typer.Option("--all", help="Copy every row again, changed or not.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load a release into the PostgreSQL database of SPM_POSTGRES_URL, as `spm run` does by itself."""
    from pipelines.cli.show.releases import show_database
    from pipelines.cli.show.terminal import progress_on_terminal, show_demo_notice
    from pipelines.publish.releases import Releases

    settings = settings_of(home)
    with progress_on_terminal():
        from pipelines.build.ledger import note_loaded
        from pipelines.build.ledger_table import bring_ledger
        from pipelines.publish.postgres.publication import publish_to_postgres

        loaded = asdict(publish_to_postgres(settings, release_id, everything))
        if loaded["release_id"] == Releases(settings.published).current_id():
            note_loaded(settings)
        bring_ledger(settings)
        manifest = Releases(settings.published).manifest(loaded["release_id"])
    show_demo_notice(manifest.content.is_demo, as_json)
    if as_json:
        print_json(loaded)
    else:
        show_database(loaded)


@app.command()
def export(
    release_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="A release; default: the current one.")
    ] = "latest",
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="DIR", help="Folder; default open-data/<release> of the home.", show_default=False
        ),
    ] = None,
    publisher: Annotated[
        str | None, typer.Option("--publisher", help="Who publishes.", show_default=False)
    ] = None,
    license_: Annotated[
        str | None,
        typer.Option("--license", metavar="URL", help="Address of the licence.", show_default=False),
    ] = None,
    contact: Annotated[
        str | None, typer.Option("--contact", metavar="MAIL", help="Whom to ask.", show_default=False)
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option("--base-url", metavar="URL", help="Where the folder will lie.", show_default=False),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a release as open data: CSV, XLSX, SDMX-CSV, Frictionless package, catalogues for portals."""
    from pipelines.cli.show.releases import show_exported
    from pipelines.cli.show.terminal import progress_on_terminal
    from pipelines.publish.open_data.files import Publisher

    settings = settings_of(home)
    with progress_on_terminal():
        from pipelines.publish.open_data.export import export as write_open_data

        by = Publisher.of(publisher, license_, contact, base_url)
        written = write_open_data(settings, release_id, to, by)
    if as_json:
        print_json(asdict(written))
    else:
        show_exported(written)
