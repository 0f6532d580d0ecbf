"""What the steps of a run share when they tell Dagster what they did.

A materialisation is told by the step itself, for the periods that it is true of: Dagster would tell it of
every period of the range.

Put here: kinds of events, owners, a failure in one line. Keep out: what a step did (the modules beside).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import dagster as dg

from pipelines.build.record import add_to_record, read_record
from pipelines.errors import ExitCode, SpmError, expected
from pipelines.registry.told import hidden, told

PLATFORM = "team:data-platform"
EXIT_CODE = "exit code"
"""What the command line would end with, in the metadata of a failure."""

WITHIN_A_QUARTER = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(days=100), fail_window=timedelta(days=110)
)
"""Whatever came or was published is of the last quarter, or Dagster says that it is stale."""

Event = (
    dg.AssetMaterialization
    | dg.AssetCheckEvaluation
    | dg.AssetCheckResult
    | dg.MaterializeResult[None]
    | dg.Output[None]
)


@contextmanager
def stage(folder: Path, name: str) -> Iterator[None]:
    """Note in the record in ``folder`` how long what happens inside took, also where it fails."""
    began = time.monotonic()
    try:
        yield
    finally:
        with suppress(OSError):  # of a full disk something else tells
            seconds = round(time.monotonic() - began, 3)
            add_to_record(folder, stages={**read_record(folder).stages, name: seconds})


@contextmanager
def in_one_line() -> Iterator[None]:
    """An error that somebody can act on is Dagster's ``Failure`` with its line; of a bug it shows all.

    Dagster keeps what it is told, with whatever led to it: neither says a secret or who a person is.
    """
    try:
        yield
    except dg.Failure:
        raise
    except Exception as error:
        if (known := expected(error)) is None:
            raise hidden(error) from error.__cause__
        raise dg.Failure(
            told(str(known)), metadata={EXIT_CODE: known.exit_code.value}, allow_retries=False
        ) from hidden(known)


def cause_of(failure: dg.Failure) -> SpmError | None:
    """The error that a failure tells in one line; none for the one of the gate."""
    return failure.__cause__ if isinstance(failure.__cause__, SpmError) else None


def may_pass(exit_code: int) -> bool:
    """Whether asking again may cure it: not what data, a decision or a configuration stand in the way of."""
    return exit_code in {ExitCode.UNAVAILABLE, ExitCode.BUG}
