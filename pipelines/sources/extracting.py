"""Everything that a source holds for some periods, as documents, whatever its kind.

A part that cannot be had becomes a Failure and the rest goes on: the other periods of an API, the other
files of a folder.

Put here: which kind is asked how. Keep out: asking (``files``, ``rest``, ``sql``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.registry.periods import Period
from pipelines.sources.config import Source
from pipelines.sources.files import fetching as files
from pipelines.sources.files.spec import FileSource
from pipelines.sources.rest.spec import RestSource
from pipelines.sources.sql.spec import SqlSource
from pipelines.sources.unavailable import SourceUnavailable, UnknownShape
from pipelines.submissions.rows import RawFile

MOST_FAILURES_IN_A_ROW = 2


@dataclass(frozen=True, slots=True)
class Failure:
    """A part of a source that could not be had: the period (none: it may hold any) and why."""

    period: str | None
    message: str


def extract(
    spec: Source, periods: Sequence[Period], terms: files.Terms = files.DEFAULT_TERMS
) -> Iterator[RawFile | files.Known | Failure]:
    """Each document of the source for ``periods``, and each part of it that could not be had.

    ``terms`` are those of files; one that they know comes out as Known. A source that failed twice in a row
    is not asked for the periods that are left.
    """
    failed: list[SourceUnavailable] = []
    for period in _asked(spec, [period for period in periods if spec.serves(period)]):
        if len(failed) == MOST_FAILURES_IN_A_ROW:
            yield _failure(period, failed[-1])
            continue
        try:
            yield from (
                _of_files(spec, period, terms) if isinstance(spec, FileSource) else _extract(spec, period)
            )
            failed.clear()
        except UnknownShape as error:
            yield error.document
            yield _failure(period, error)
        except SourceUnavailable as error:
            failed.append(error)
            yield _failure(period, error)


def _asked(spec: Source, served: list[Period]) -> Sequence[Period | None]:
    # a place that does not tell periods apart is asked once for all
    if not spec.by_period:
        return [None] * bool(served)
    if isinstance(spec, FileSource):
        return [*{spec.location(period): period for period in reversed(served)}.values()][::-1]
    return [*served]


def _of_files(
    spec: FileSource, period: Period | None, terms: files.Terms
) -> Iterator[RawFile | files.Known | Failure]:
    for name in files.list_files(spec, period):
        try:
            yield files.fetch(spec, name, terms)
        except SourceUnavailable as error:
            yield _failure(period, error)


def _extract(spec: RestSource | SqlSource, period: Period | None) -> Sequence[RawFile]:
    # late: a run over files alone needs neither an HTTP client nor SQLAlchemy
    if isinstance(spec, RestSource):
        from pipelines.sources.rest import connector as rest

        return rest.extract(spec, period)
    from pipelines.sources.sql import connector as sql

    return sql.extract(spec, period)


def _failure(period: Period | None, error: SourceUnavailable) -> Failure:
    return Failure(str(period) if period else None, str(error))
