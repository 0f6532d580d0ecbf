"""What the registry says of a period has a hash; a correction by letter is no change of reference data."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.provenance.registry import reference_digest, registry_digest
from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS

THIRD, FOURTH = Period.parse("2024-Q3"), Period.parse("2024-Q4")


def test_a_correction_rebuilds_its_period_and_explains_nothing_but_its_own_cells(tmp_path: Path) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    with (tmp_path / "seeds" / "corrections.csv").open("a", encoding="utf-8") as file:
        file.write("K-1,64.71,2024-Q4,achievement,,K-KES-01,,,realised,8,6,Salah ketik,S-1,Biro,2025-02-01\n")
    assert registry_digest(FOURTH, tmp_path / "seeds") != registry_digest(FOURTH)
    assert registry_digest(THIRD, tmp_path / "seeds") == registry_digest(THIRD)
    assert reference_digest(FOURTH, tmp_path / "seeds") == reference_digest(FOURTH)


def test_another_row_of_the_registry_changes_both(tmp_path: Path) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    windows = tmp_path / "seeds" / "reporting_windows.csv"
    text = windows.read_text(encoding="utf-8")
    windows.write_text(text.replace("2024-Q4,2025-01-20", "2024-Q4,2025-01-21"), encoding="utf-8")
    for digest in (registry_digest, reference_digest):
        assert digest(FOURTH, tmp_path / "seeds") != digest(FOURTH)
        assert digest(THIRD, tmp_path / "seeds") == digest(THIRD)
