"""What holds for every test."""

import gc

# as in `spm` itself: a million objects of Dagster, dbt and Great Expectations live as long as the process
gc.set_threshold(50_000, 20, 100)
