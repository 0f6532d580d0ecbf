"""The platform installed as ``deploy/Containerfile`` does it, in a bare folder, and its units started there.

What needs root or a pulled image is left out: packages of the distribution, the account. Programs run under
an account that owns nothing but its home, where whoever runs the tests may take one.

Put here: installing and starting. Keep out: what should come of it (``test_deployment``).
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_DIR
from tests.deployed import APP, VENV, container_steps, environment, services

ACCOUNT = 10001
"""The account of the container file; no machine of ours knows it."""
PATIENCE_SECONDS = 240
STOP_SECONDS = 90
"""Less than the units give."""
PORTS = ("4000", "3000", "3001")


def python_for_all() -> str:
    """A Python 3.11 that another account may run."""
    for path in ("/usr/bin/python3.11", "/usr/local/bin/python3.11", sys.executable):
        if Path(path).exists() and (os.getuid() or _open_to_all(Path(path).resolve())):
            return path
    pytest.skip("no Python 3.11 that an unprivileged account can run")


def _open_to_all(path: Path) -> bool:
    return all(one.stat().st_mode & stat.S_IXOTH for one in (path, *path.parents))


def as_account(command: list[str]) -> list[str]:
    """The command under an account without rights; as it is where we have none to give away."""
    if os.getuid():
        return command
    return [
        "setpriv",
        f"--reuid={ACCOUNT}",
        f"--regid={ACCOUNT}",
        "--clear-groups",
        "--no-new-privs",
        *command,
    ]


class Installation:
    """The folder of the platform, with its environment and the home of the service."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app, self.venv, self.state = folder / "app", folder / "venv", folder / "state"
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        self.log = folder / "log"
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def install(self) -> None:
        """Do what the container file says."""
        self.app.mkdir(parents=True)
        self.log.mkdir()
        for step, rest in container_steps():
            if step == "COPY":
                for name in rest.split()[:-1]:
                    self._copy(PROJECT_DIR / name)
            if step == "RUN" and rest.startswith("make "):
                command = rest.replace(VENV, str(self.venv)).replace("python3", python_for_all())
                self._run(command.split())
        # a free port in place of that of a server
        workspace = self.app / "deploy" / "workspace.yaml"
        workspace.write_text(workspace.read_text().replace("4000", self.ports["4000"]))
        self.state.mkdir(mode=0o750)
        if not os.getuid():
            os.chown(self.state, ACCOUNT, ACCOUNT)

    def configure(self, sources: str, **secrets: str) -> None:
        """Write the sources file, and secrets that the service alone reads."""
        etc = self.folder / "etc"
        for name, text in {
            "sources.yaml": sources,
            **{f"secrets/{one}": it for one, it in secrets.items()},
        }.items():
            path = etc / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o640)
            if not os.getuid():
                os.chown(path, 0, ACCOUNT)

    def _copy(self, source: Path) -> None:
        if source.is_dir():
            ignored = shutil.ignore_patterns("target", "logs", "__pycache__", "secrets", "tls")
            shutil.copytree(source, self.app / source.name, ignore=ignored)
        else:
            shutil.copy(source, self.app)

    def _run(self, command: list[str]) -> None:
        bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        done = subprocess.run(
            command, cwd=self.app, env=bare | kept, capture_output=True, text=True, check=False, timeout=1500
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"

    def placed(self, text: str) -> str:
        """A text of ``deploy/`` with our folders and ports in place of those of a server."""
        for here, there in {
            APP: self.app,
            VENV: self.venv,
            "/var/lib/spm": self.state,
            "/etc/spm": self.folder / "etc",
            "/var/backups/spm": self.state / "backups",
        }.items():
            text = text.replace(here, str(there))
        return text

    def environment(self, **more: str) -> dict[str, str]:
        """What the one file of configuration gives, and what systemd does."""
        given = {name: self.placed(value) for name, value in environment().items()}
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.state), **given, **more}

    def command(self, unit: str) -> list[str]:
        """The command of a unit, here."""
        words = map(self.placed, services()[unit].command())
        return as_account([self.ports.get(word, word) for word in words])

    def spm(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command by hand, as the account of the service."""
        command = as_account([str(self.venv / "bin" / "spm"), *arguments])
        return subprocess.run(
            command,
            cwd=self.state,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            check=False,
            umask=0o027,
        )

    @contextmanager
    def started(self, *units: str, **more: str) -> Iterator[None]:
        """Units as services, until ``stop`` or the end."""
        with ExitStack() as stack:
            stack.callback(self.stop)
            for unit in units:
                log = stack.enter_context((self.log / f"{unit}.log").open("wb"))
                self.running[unit] = subprocess.Popen(
                    # a shell in the background ignores SIGINT, and Dagster takes SIGTERM for the same
                    ["env", "--default-signal=INT", *self.command(unit)],
                    cwd=self.app,
                    env=self.environment(**more),
                    stdout=log,
                    stderr=log,
                    umask=0o027,
                )
            yield

    def stop(self) -> dict[str, bool]:
        """Ask every service to stop, as systemd does: which of them ended in time."""
        found = {}
        for process in self.running.values():
            process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for unit, process in self.running.items():
            try:
                process.wait(max(until - time.monotonic(), 1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                found[unit] = False
            else:
                found[unit] = True
        self.running.clear()
        return found

    def logged(self) -> str:
        """The end of what each service said."""
        return "\n".join(
            f"== {path.name}\n{path.read_text(errors='replace')[-2500:]}" for path in self.log.glob("*.log")
        )


def answer(url: str, body: bytes | None = None) -> tuple[int, str]:
    """Status and text of an answer; 0 where nobody answers."""
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=60) as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError:
        return 0, ""


def wait_for(what: str, is_there: Callable[[], bool], installed: Installation) -> None:
    """Wait until ``is_there()`` is true."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_there():
        if time.monotonic() > until:
            pytest.fail(f"{what} did not come up\n{installed.logged()}")
        time.sleep(2)


def free_ports(count: int) -> list[str]:
    """So many ports that nobody listens on."""
    with ExitStack() as stack:
        listening = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [str(one.getsockname()[1]) for one in listening]
