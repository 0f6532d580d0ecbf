"""The input of the measurements: made-up submissions without errors, written once and kept.

Put here: which sets there are and where they lie. Keep out: what stands in them (``spm_sample``).
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import PROJECT_DIR, SPM


@dataclass(frozen=True, slots=True)
class SampleSet:
    """A set of documents: one a region and period of ``periods``; ``regions`` none means all expected."""

    kind: str
    periods: str
    regions: int | None

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{self.kind}_{self.periods.replace('..', '_')}_{self.regions or 'all'}"


def sources_of(bench: Path, wanted: SampleSet) -> Path:
    """The sources file of a set below ``bench/inputs``; the set is written when it is not there yet."""
    folder = bench / "inputs" / wanted.name
    if not folder.exists():
        partial = folder.with_name(f"{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        command = [SPM, "sample", str(partial), "--periods", wanted.periods, "--kind", wanted.kind]
        command += ["--errors", "0", *(["--regions", str(wanted.regions)] if wanted.regions else [])]
        subprocess.run(command, cwd=PROJECT_DIR, check=True, stdout=subprocess.DEVNULL)
        partial.rename(folder)
    return folder / "sources.yaml"


def documents_of(sources: Path, period: str) -> list[Path]:
    """The documents of a set for one period, in order of name."""
    return sorted((sources.parent / "inbox" / period).iterdir())
