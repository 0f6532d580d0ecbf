"""Whether two folders of marts hold the same index for every region: times are compared only if so.

Put here: the comparison. Keep out: what is done about a difference (``runs``).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb


def differing_scores(one: Path, other: Path) -> int:
    """How many lines of region, period and index are in one mart_region_score.parquet only."""
    scores = "select region_code, period, round(index, 6) from read_parquet('{}/mart_region_score.parquet')"
    ours, theirs = scores.format(one), scores.format(other)
    found = duckdb.sql(f"select count(*) from (({ours} except {theirs}) union all ({theirs} except {ours}))")
    return int(found.fetchall()[0][0])


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__)
    _parser.add_argument("folders", type=Path, nargs=2)
    print(differing_scores(*_parser.parse_args().folders))
