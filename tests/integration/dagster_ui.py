"""Dagster's own webserver on a home, and what it answers.

Put here: starting it, asking it. Keep out: what is to be true of the answers (the tests say).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from pipelines.settings import PROJECT_DIR, Settings
from tests.integration.home import NOW


def surroundings(settings: Settings) -> dict[str, str]:
    """The environment of a process of Dagster that serves a home."""
    folder = settings.home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    return os.environ | {
        "SPM_HOME": str(settings.home),
        "SPM_SOURCES": str(settings.sources_file),
        "SPM_NOW": NOW.isoformat(),
        "DAGSTER_HOME": str(folder),
    }


def dagster(name: str, *arguments: str) -> list[str]:
    """A command of Dagster on the workspace of this project."""
    return [str(Path(sys.executable).with_name(name)), *arguments, "-w", "workspace.yaml"]


@contextmanager
def daemon(settings: Settings) -> Iterator[None]:
    """Dagster's daemon, at work while inside."""
    command = dagster("dagster-daemon", "run")
    with subprocess.Popen(command, cwd=PROJECT_DIR, env=surroundings(settings)) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def webserver(settings: Settings, wait_seconds: int = 240) -> Iterator[str]:
    """The address of Dagster's webserver on the home, while inside."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = dagster("dagster-webserver", "-h", "127.0.0.1", "-p", str(port))
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        command,
        cwd=PROJECT_DIR,
        env=surroundings(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            until = time.monotonic() + wait_seconds
            while not _answers(address):
                assert process.poll() is None, "the webserver ended"
                assert time.monotonic() < until, "the webserver does not answer"
                time.sleep(1)
            yield address
        finally:
            process.terminate()


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/server_info", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def ask(address: str, query: str, **variables: Any) -> Mapping[str, Any]:
    """What the UI would get."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = Request(f"{address}/graphql", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=120) as answer:
        found = json.load(answer)
    assert "errors" not in found, found["errors"]
    return dict(found["data"])
