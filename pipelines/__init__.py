"""From the reports of regional governments to releases: extract, land, standardise, score, judge, publish.

Importing the package switches off telemetry and known notices of the libraries, before
any of them is imported.
"""

import os
import warnings

for _name, _value in {
    "GX_ANALYTICS_ENABLED": "false",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
}.items():
    os.environ.setdefault(_name, _value)
# single-run backfills are beta in Dagster; the pinned version is tested
warnings.filterwarnings("ignore", message=".*`backfill_policy`.*")
