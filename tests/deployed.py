"""The files of ``deploy/`` as data: units, the container file, what compose starts.

Put here: reading them. Keep out: what should be so (the tests say), running them (``integration``).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.settings import PROJECT_DIR

DEPLOY = PROJECT_DIR / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
APP, VENV = "/opt/spm/app", "/opt/spm/venv"
"""Where the units and the container file put the platform."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A systemd unit: its values by section and name, in their order."""

    name: str
    sections: dict[str, dict[str, list[str]]]

    def values(self, section: str, name: str) -> list[str]:
        """The values of a name."""
        return self.sections.get(section, {}).get(name, [])

    def command(self) -> list[str]:
        """The program that the service runs and its arguments."""
        (line,) = self.values("Service", "ExecStart")
        return shlex.split(line)


def read_unit(path: Path) -> Unit:
    """Read a unit."""
    sections: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()):
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            section.setdefault(name, []).append(value)
    return Unit(path.name, sections)


def services() -> dict[str, Unit]:
    """The units that run a program, by name."""
    return {path.stem: read_unit(path) for path in UNITS if path.suffix == ".service"}


def container_steps() -> Iterator[tuple[str, str]]:
    """The instructions of the container file with their arguments, continued lines joined."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word, " ".join(rest.split())


def compose() -> dict[str, Any]:
    """The compose file, its merges done."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def environment() -> dict[str, str]:
    """The variables of the one file of configuration."""
    lines = (DEPLOY / "spm.env").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}
