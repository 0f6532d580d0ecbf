"""Runs of these definitions in this process, for the commands and for tests."""

from functools import partial

from pipelines.definitions import build_definitions
from pipelines.defs import in_process

run_periods = partial(in_process.run_periods, build_definitions)
