"""Made-up data and real reports: where which may be taken in.

A home that has published reports of regions takes in nothing made up: what was received is kept for ever, and
would be part of every release from then on. Any other home may hold both; from the first made-up document on
its releases are marked. Indexes of the press are no reports: a demo shows them beside its sample.

Put here: that decision. Keep out: what is made up (``submissions.demo_mark``, the key ``demo`` of a source),
whether a release is marked (``publish.candidate``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from pipelines.errors import ConfigurationError
from pipelines.messages import say
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from pipelines.sources.source import Source
from pipelines.warehouse.parquet import read
from pipelines.warehouse.work_file import landed_files


class MadeUpSourceError(ConfigurationError):
    """A source of made-up data was to be taken into a home that has published reports of regions."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A source as this home takes it in; ``refuses_demo``: documents that carry the mark are refused."""

    spec: Source
    refuses_demo: bool


def admitted(settings: Settings, spec: Source) -> Admitted:
    """The source as the home takes it in. In the home of a demo every source is one of made-up data.

    Raises:
        MadeUpSourceError: its data are made up, and reports of regions are published here.
    """
    if settings.demo_marker.exists():
        return Admitted(spec.model_copy(update={"demo": True}), refuses_demo=False)
    has_reports = _has_published_reports(settings)
    if spec.demo and has_reports:
        raise MadeUpSourceError(say("demo.real_home", at=spec.name, home=settings.home))
    return Admitted(spec, refuses_demo=has_reports)


@dataclass(frozen=True, slots=True)
class Mixture:
    """Whether the current release is one of made-up data, and whose documents it can hold.

    ``demo_sources`` gave documents that are made up, ``real_sources`` others; both are empty where the
    release is not of made-up data. A source may be in both: a form that was filled in a demo came through it.
    """

    is_demo: bool = False
    demo_sources: list[str] = field(default_factory=list)
    real_sources: list[str] = field(default_factory=list)


def mixture_of(settings: Settings) -> Mixture:
    """What the current release of the home is made of."""
    current = Releases(settings.published).current()
    if current is None or not current.content.is_demo:
        return Mixture()
    files = landed_files(settings.landing, "documents", frozenset(current.made_from.batches))
    found = duckdb.sql(
        "select distinct source, is_demo from read_parquet($files, hive_partitioning = false)"
        " where is_demo or reject_rule is null order by all",
        params={"files": files},
    ).fetchall()
    return Mixture(
        is_demo=True,
        demo_sources=[source for source, is_demo in found if is_demo],
        real_sources=[source for source, is_demo in found if not is_demo],
    )


def holds_made_up(settings: Settings) -> bool:
    """Whether anything that is built here now would hold made-up data: a work file, a simulation."""
    current = Releases(settings.published).current()
    if current is not None and current.content.is_demo:
        return True
    files = landed_files(settings.landing, "documents")
    asked = "select 1 from read_parquet($files, hive_partitioning = false) where is_demo limit 1"
    return bool(files and duckdb.sql(asked, params={"files": files}).fetchall())


def _has_published_reports(settings: Settings) -> bool:
    releases = Releases(settings.published)
    current = releases.current()
    if current is None or current.content.is_demo:
        return False
    documents = releases.folder(current.release_id) / "mart_document.parquet"
    found = duckdb.sql(
        f"select 1 from {read(documents)} where rows_accepted > 0 and not is_published_index limit 1"
    )
    return bool(found.fetchall())
