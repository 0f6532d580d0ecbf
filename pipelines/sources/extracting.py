"""Everything that a source holds for some periods, as documents, whatever its kind.

A part that cannot be had becomes a Failure and the rest goes on: the other periods of an API, the other
files of a folder.

Put here: which kind is asked how. Keep out: asking (``files``, ``rest``, ``sql``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.registry.periods import Period
from pipelines.sources import files
from pipelines.sources.specs import FileSource, RestSource, Source
from pipelines.sources.unavailable import SourceUnavailable, UnknownShape
from pipelines.submissions.rows import RawFile


@dataclass(frozen=True, slots=True)
class Failure:
    """A part of a source that could not be had: the period (none: it may hold any) and why."""

    period: str | None
    message: str


def extract(spec: Source, periods: Sequence[Period]) -> Iterator[RawFile | Failure]:
    """Each document of the source for ``periods``, and each part of it that could not be had."""
    for period in _asked(spec, [period for period in periods if spec.serves(period)]):
        try:
            yield from _of_files(spec, period) if isinstance(spec, FileSource) else _extract(spec, period)
        except UnknownShape as error:
            yield error.document
            yield _failure(period, error)
        except SourceUnavailable as error:
            yield _failure(period, error)


def _asked(spec: Source, served: list[Period]) -> list[Period | None]:
    # a place that does not tell periods apart is asked once for all
    if not spec.by_period:
        return [None] * bool(served)
    if isinstance(spec, FileSource):
        return [*{spec.location(period): period for period in reversed(served)}.values()][::-1]
    return [*served]


def _of_files(spec: FileSource, period: Period | None) -> Iterator[RawFile | Failure]:
    for name in files.list_files(spec, period):
        try:
            yield files.fetch(spec, name)
        except SourceUnavailable as error:
            yield _failure(period, error)


def _extract(spec: Source, period: Period | None) -> Sequence[RawFile]:
    # late: a run over files alone needs neither an HTTP client nor SQLAlchemy
    if isinstance(spec, RestSource):
        from pipelines.sources import rest

        return rest.extract(spec, period)
    from pipelines.sources import sql

    return sql.extract(spec, period)


def _failure(period: Period | None, error: SourceUnavailable) -> Failure:
    return Failure(str(period) if period else None, str(error))
