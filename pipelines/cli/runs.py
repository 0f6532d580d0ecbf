"""Runs of these definitions in this process, for the commands and for tests.

Put here: binding them to the definitions. Keep out: running (``defs.in_process``), printing (``cli.show``).
"""

from functools import partial

from pipelines.definitions import build_definitions
from pipelines.defs import in_process

run_periods = partial(in_process.run_periods, build_definitions)
