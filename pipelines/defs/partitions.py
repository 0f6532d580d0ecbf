"""The partitions of every asset: the quarters from ``2010-Q1`` to the end of the next year.

A process offers no later one until it is started anew, as a code server should be once a year.
"""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from pipelines.errors import ConfigurationError
from pipelines.registry.periods import served_periods
from pipelines.settings import read_settings

reporting_periods = dg.StaticPartitionsDefinition(
    [str(period) for period in served_periods(read_settings().clock())]
)
"""By period alone: a region is a column, or there would be thousands of partitions an asset."""

one_run = dg.BackfillPolicy.single_run()
"""A backfill of a range is one run: one import, one dbt invocation, one release."""


PARTITION = "dagster/partition"
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


class EmptyRangeError(ConfigurationError):
    """A partition range selects nothing; Dagster itself would call that a success."""


def range_tags(periods: Sequence[str]) -> dict[str, str]:
    """The tags of one run over periods that follow on one another."""
    return {RANGE_START: periods[0], RANGE_END: periods[-1]}


def chosen_periods(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> list[str]:
    """The periods of the run.

    Raises:
        EmptyRangeError: the range runs backwards.
    """
    keys = list(context.partition_keys) if context.has_partition_key_range else [context.partition_key]
    if not keys:
        raise EmptyRangeError("the partition range selects no period; does it run backwards?")
    return keys
