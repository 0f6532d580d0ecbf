"""The same index as an analyst would write it: pandas and openpyxl, workbook by workbook, into SQLite.

No receipts, no findings, no gate, no history, numbers as DOUBLE: the index and nothing else, and only on
forms that nobody damaged. Plain and honest: default engines, default ``to_sql``, no row loops.

Put here: the script that the pipeline stands in for. Keep out: anything clever.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from pathlib import Path

import pandas as pd

from benchmarks.inputs import documents_of
from pipelines.settings import DBT_DIR

SECTORS = {
    "Pendidikan": "pendidikan",
    "Kesehatan": "kesehatan",
    "Pekerjaan Umum": "pekerjaan_umum",
    "Perumahan Rakyat": "perumahan_rakyat",
    "Trantibumlinmas": "trantibumlinmas",
    "Sosial": "sosial",
}
TITLE_ROWS = 4
AS_STORED = {"Target": object, "Realisasi": object}  # or pandas takes the text 1.234 for a little over one
COLUMNS = {
    "Kode layanan": "service_code",
    "Komponen": "component",
    "Kode indikator": "item",
    "Target": "target",
    "Realisasi": "realised",
}


def load(documents: list[Path], connection: sqlite3.Connection) -> int:
    """Append the achievement rows of every workbook to the table ``rows``; returns how many."""
    loaded = 0
    for document in documents:
        region_code, period = document.stem.split("_")[:2]
        sheets = pd.read_excel(
            document, sheet_name=list(SECTORS), header=TITLE_ROWS, engine="openpyxl", dtype=AS_STORED
        )
        for name, sheet in sheets.items():
            rows = sheet.rename(columns=COLUMNS)[list(COLUMNS.values())].dropna(subset="service_code")
            rows = rows.assign(
                region_code=region_code,
                period=period,
                sector_code=SECTORS[name],
                target=_numbers(rows["target"]),
                realised=_numbers(rows["realised"]),
            )
            rows.to_sql("rows", connection, if_exists="append", index=False)
            loaded += len(rows)
    return loaded


def _numbers(column: pd.Series) -> pd.Series:
    # a number that is text is in Indonesian notation: 1.234,5
    is_text = column.map(lambda cell: isinstance(cell, str))
    texts = column.astype(str).str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    return pd.to_numeric(column.where(~is_text, texts), errors="coerce")


def scores(connection: sqlite3.Connection, period: str) -> pd.DataFrame:
    """The index of each region: columns region_code, index (0 to 100)."""
    rows = pd.read_sql("select * from rows where period = ?", connection, params=(period,))
    rows = rows[rows["target"] > 0]
    rows = rows.assign(percent=100 * (rows["realised"] / rows["target"]).clip(upper=1))
    keys = ["region_code", "sector_code", "service_code"]
    is_recipients = rows["component"] == "Penerima layanan"
    services = pd.DataFrame(
        {
            "recipients": rows[is_recipients].groupby(keys)["percent"].mean(),
            "quality": rows[~is_recipients].groupby(keys)["percent"].mean(),
        }
    ).dropna(subset="recipients")
    services["index"] = 0.8 * services["recipients"] + 0.2 * services["quality"]
    services["index"] = services["index"].fillna(services["recipients"])
    sectors = services.groupby(keys[:2])["index"].mean()
    return sectors.groupby("region_code").mean().reset_index()


def main() -> None:
    """Load and score the workbooks of one period; prints the rows and how far from ``--release`` it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--period", required=True)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--release", type=Path, required=True, help="a release to compare with")
    asked = parser.parse_args()
    with sqlite3.connect(asked.folder / "by_hand.sqlite") as connection:
        for table in ("regions", "services"):
            pd.read_csv(DBT_DIR / "seeds" / f"{table}.csv", dtype=str).to_sql(table, connection)
        rows = load(documents_of(asked.sources, asked.period), connection)
        found = scores(connection, asked.period)
        found.to_sql("scores", connection, index=False)
    released = pd.read_parquet(
        asked.release / "mart_region_score.parquet", columns=["region_code", "period", "index"]
    )
    released = released[(released["period"] == asked.period) & released["index"].notna()]
    both = released.merge(found, on="region_code", how="outer", suffixes=("_released", "_by_hand"))
    gap = (both["index_released"].astype(float) - both["index_by_hand"]).abs().fillna(100).max()
    print(json.dumps({"rows": rows, "regions": len(found), "largest_gap": round(float(gap), 6)}))


if __name__ == "__main__":
    main()
