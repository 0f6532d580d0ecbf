"""The code of a commit, or the code as it stands, playing what it is asked to in a process of its own.

Put here: taking the code out, its commands under a fixed clock. Keep out: comparing (``compared``).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pipelines.settings import PROJECT_DIR

NOW = "2025-06-01T03:00:00+00:00"
"""The clock of every run."""
RECEIVED = 1_738_720_800
"""The file time of the bundled documents, as seconds: 2025-02-05, before ``NOW``. A sample sets its own."""
PUBLISHED, SAMPLE = "2021-Q4..2023-Q2", "2024-Q1..2024-Q4"
_BUNDLED = ("spm_sample/published_figures", "tests/fixtures/cases")
"""Where the published figures lie: today, and before the sample was a package of its own."""
_HISTORY = """
import sys
from pathlib import Path
from tests.history import script
from tests.history.play import History

history = History(getattr(script, sys.argv[1])(), Path(sys.argv[2]))
history.sources.write_text("sources:\\n- {name: inbox, kind: csv, path: 'inbox/*.csv'}\\n")
try:
    # the releases alone: to build each one again is what `make history` is for
    for release in history.script.releases:
        history._told(release, lambda played: print(played.release_id, played.what, flush=True))
finally:
    history.close()
"""


class PlayFailedError(RuntimeError):
    """A command of a tree failed; the message holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder that holds the project."""

    folder: Path

    def demo(self, home: Path, regions: int | None) -> None:
        """The two runs of ``spm demo``, on documents whose file times are fixed."""
        sample, figures = home.with_name("sample"), home.with_name("figures")
        few = ["--regions", str(regions)] if regions else []
        self._spm("sample", str(sample), "--periods", SAMPLE, *few)
        bundled = next(path for name in _BUNDLED if (path := self.folder / name).exists())
        shutil.copytree(bundled, figures)
        for path in figures.iterdir():
            os.utime(path, (RECEIVED, RECEIVED))
        for periods, folder in ((PUBLISHED, figures), (SAMPLE, sample)):
            self._spm("run", periods, "--sources", str(folder / "sources.yaml"), "--home", str(home))

    def history(self, folder: Path, script: str) -> None:
        """The releases of a script of ``tests/history``, ``short`` or ``whole``, by its own clock."""
        folder.mkdir(parents=True)
        self._python("-c", _HISTORY, script, str(folder))

    def _spm(self, *arguments: str) -> None:
        module = "pipelines.cli.app" if (self.folder / "pipelines" / "cli").is_dir() else "pipelines.cli"
        self._python("-c", f"from {module} import main; main()", *arguments)

    def _python(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-P", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder), "SPM_NOW": NOW},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        # 1: the gate closed for a period, which is a result as well
        if done.returncode not in (0, 1):
            raise PlayFailedError(f"{self.folder}: exit code {done.returncode}\n{done.stdout[-3000:]}")


def present() -> Tree:
    """The code as it stands, committed or not."""
    return Tree(PROJECT_DIR)


def of_commit(reference: str, folder: Path) -> Tree:
    """The code of a commit, taken out into ``folder``."""
    packed = subprocess.run(
        ["git", "archive", "--format=tar", reference], cwd=PROJECT_DIR, check=True, capture_output=True
    )
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return Tree(folder)
