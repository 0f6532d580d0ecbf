"""Everything that a source holds for some periods, as documents, whatever its kind.

A part that cannot be fetched becomes a Failure and the rest goes on: the other periods of an API, the other
files of a folder.

Put here: which periods are asked for, and when a source is left alone. Keep out: asking (the kinds).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipelines.registry.periods import Period
from pipelines.sources.kinds import KINDS
from pipelines.sources.source import (
    DEFAULT_TERMS,
    Failure,
    Found,
    Silence,
    Source,
    SourceUnavailable,
    Terms,
    UnknownShape,
)

MOST_FAILURES_IN_A_ROW = 2


def extract(spec: Source, periods: Sequence[Period], terms: Terms = DEFAULT_TERMS) -> Iterator[Found]:
    """Each document of the source for ``periods``, each part that could not be fetched or gave nothing.

    A source that failed twice in a row is not asked for the periods that are left.
    """
    kind = KINDS[spec.kind]
    failed: list[SourceUnavailable] = []
    for period in spec.asked([period for period in periods if spec.serves(period)]):
        if len(failed) == MOST_FAILURES_IN_A_ROW:
            yield Failure.of(period, failed[-1])
            continue
        is_silent = True
        try:
            for found in kind.extract(spec, period, terms):
                is_silent = False
                yield found
            failed.clear()
            if is_silent:
                yield Silence(str(period) if period else None)
        except UnknownShape as error:
            yield error.document
            yield Failure.of(period, error)
        except SourceUnavailable as error:
            failed.append(error)
            yield Failure.of(period, error)
