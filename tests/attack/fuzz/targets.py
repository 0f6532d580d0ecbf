"""Every target by its name, in the order that a run takes them, with its share of the time.

Put here: a line a target. Keep out: what it does.
"""

from __future__ import annotations

from tests.attack.fuzz.command_line import CommandLine
from tests.attack.fuzz.documents import Guard, Readers
from tests.attack.fuzz.registry_rows import RegistryRows
from tests.attack.fuzz.sources_file import SourcesFile
from tests.attack.fuzz.target import Target

TARGETS: dict[str, tuple[Target, float]] = {
    "guard": (Guard(), 0.15),
    "readers": (Readers(), 0.3),
    "sources file": (SourcesFile(), 0.15),
    "registry rows": (RegistryRows(), 0.15),
    "command line": (CommandLine(), 0.25),
}
