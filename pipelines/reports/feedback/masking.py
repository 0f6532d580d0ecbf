"""The cells of a document without personal data, named and placed as the tables name and place them.

Put here: masking a sheet. Keep out: what personal data is (``registry.personal_data``).
"""

from __future__ import annotations

from dataclasses import replace

from pipelines.readers.documents.grids import Cell, Grid
from pipelines.registry.personal_data import masked_figure, masked_key

_LEAST = 10**15
"""No smaller number is that of a person."""


def without_personal_data(grid: Grid) -> Grid:
    """The sheet as it may be shown, also to the other regions of a document."""
    return replace(
        grid,
        name=masked_key(grid.name).text,
        rows=[[_shown(cell) for cell in row] for row in grid.rows],
        places={masked_key(place).text: row for place, row in grid.places.items()},
    )


def _shown(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return masked_figure(cell).text
    if isinstance(cell, float) and cell >= _LEAST and cell.is_integer():
        found = masked_figure(f"{cell:.0f}")
        return found.text if found.kinds else cell
    return cell
