"""The files of ``deploy/`` name programs, options, files and each other as they are; services are closed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.cli import app as command_line
from pipelines.settings import PROJECT_DIR
from tests.deployed import (
    APP,
    DEPLOY,
    UNITS,
    VENV,
    Unit,
    compose,
    container_steps,
    environment,
    read_unit,
    services,
)

HARDENED = {
    "User": "spm",
    "UMask": "0027",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectControlGroups": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "EnvironmentFile": "/etc/spm/spm.env",
    "StateDirectoryMode": "0750",
}
START = f"{APP}/deploy/start"
BACKUP = f"{APP}/deploy/backup"
each_service = pytest.mark.parametrize("unit", services().values(), ids=services())
COMPOSE = compose()
PLATFORM = [name for name, one in COMPOSE["services"].items() if one["image"] == "spm-pipelines"]


def program(name: str) -> Any:
    """The click command of a program that the environment has."""
    if name == "spm":
        import typer

        return typer.main.get_command(command_line.app)
    (found,) = entry_points(group="console_scripts", name=name)
    loaded = found.load()
    # the entry of each is a function that calls its group, a global of the same module
    groups = ("create_dagster_cli", "create_dagster_daemon_cli", "dagster_webserver")
    module = sys.modules[loaded.__module__]
    group = next(getattr(module, one) for one in groups if hasattr(module, one))
    return group() if not hasattr(group, "params") else group


def demand_known(arguments: list[str]) -> None:
    """Each word is a program, a command of it, or an option of that command, with its value."""
    name, *rest = arguments
    command = program(Path(name).name)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    context = command.context_class(command, info_name=name)
    _, left, _ = command.make_parser(context).parse_args(list(rest))
    assert left == [], f"{arguments}: {left}"


def commands() -> Iterator[list[str]]:
    """What units and containers start, behind ``deploy/start``."""
    for unit in services().values():
        start, *command = unit.command()
        assert start == START, unit.name
        if command[0] == BACKUP:
            command = [command[1], "backup", command[2]]
        assert command[0].startswith(f"{VENV}/bin/"), unit.name
        yield command
    for name in PLATFORM:
        yield COMPOSE["services"][name]["command"]
        test = COMPOSE["services"][name]["healthcheck"]["test"]
        if test[1] != "python":
            yield test[1:]
    yield yaml.safe_load(dict(container_steps())["CMD"])


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_a_program_that_is_started_has_these_commands_and_options(command: list[str]) -> None:
    demand_known(command)


def test_an_option_that_is_none_is_found() -> None:
    with pytest.raises(Exception, match="No such option"):
        demand_known(["dagster-webserver", "--readonly"])


@each_service
def test_a_service_is_closed_as_far_as_it_can_be(unit: Unit) -> None:
    found = {name: unit.values("Service", name) for name in HARDENED}
    assert found == {name: [value] for name, value in HARDENED.items()}
    # what it may write beside its state is named, and made as the page says
    page = (PROJECT_DIR / "docs" / "deployment.md").read_text(encoding="utf-8")
    assert [path for path in unit.values("Service", "ReadWritePaths") if path.lstrip("-") not in page] == []


@each_service
def test_a_service_that_stays_is_started_again_and_belongs_to_the_target(unit: Unit) -> None:
    if unit.values("Service", "Type") == ["oneshot"]:
        timer = read_unit(DEPLOY / "systemd" / unit.name.replace(".service", ".timer"))
        assert timer.values("Timer", "OnCalendar") or timer.values("Timer", "OnUnitActiveSec")
        assert timer.values("Install", "WantedBy") == ["spm.target"]
        return
    assert unit.values("Service", "Restart") == ["always"]
    assert unit.values("Install", "WantedBy") == ["spm.target"]
    assert unit.values("Unit", "PartOf") == ["spm.target"]


def test_a_job_that_nobody_watches_says_how_it_ended() -> None:
    """Of the timers those whose failure no other state shows; `spm alert` looks at what stays."""
    found = {name: unit.values("Service", "ExecStopPost") for name, unit in services().items()}
    said = [f"-{START} {VENV}/bin/spm alert unit %N ${{SERVICE_RESULT}}"]
    assert {name for name, lines in found.items() if lines} == {"spm-backup", "spm-prune"}
    assert [lines for lines in found.values() if lines] == [said, said]
    demand_known(["spm", "alert", "unit", "spm-backup", "exit-code"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    bin_folder = Path(sys.executable).parent
    for path in UNITS:
        text = (
            path.read_text(encoding="utf-8")
            .replace(APP, str(PROJECT_DIR))
            .replace(f"{VENV}/bin", str(bin_folder))
        )
        (tmp_path / path.name).write_text(text)
    asked = [
        "systemd-analyze",
        "verify",
        "--man=no",
        "--generators=no",
        *sorted(map(str, tmp_path.iterdir())),
    ]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    # a message of the machine's own units has none of our names
    ours = [
        line for line in (done.stdout + done.stderr).splitlines() if "spm-" in line or "spm.target" in line
    ]
    assert (done.returncode, ours) == (0, [])


def test_the_file_of_configuration_names_what_the_units_use() -> None:
    found = environment()
    assert found["DAGSTER_HOME"] == f"{found['SPM_HOME']}/dagster"
    for unit in services().values():
        (folder,) = unit.values("Service", "StateDirectory")
        assert found["SPM_HOME"].startswith(f"/var/lib/{folder}/")
    page = (PROJECT_DIR / "docs" / "deployment.md").read_text(encoding="utf-8")
    outside = [value for value in found.values() if value.startswith("/etc/")]
    assert [path for path in outside if path not in page and Path(path).name not in page] == []


def test_dagster_in_production_differs_in_storage_monitoring_queue_and_retention_alone() -> None:
    top = yaml.safe_load((PROJECT_DIR / "dagster.yaml").read_text(encoding="utf-8"))
    own = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))
    of_production = {"storage", "run_monitoring", "retention", "concurrency"}
    shared = {name: value for name, value in top.items() if name not in of_production}
    assert {name: own.get(name) for name in shared} == shared
    assert own["concurrency"]["pools"] == top["concurrency"]["pools"]


class TestCompose:
    def test_what_a_service_refers_to_is_defined(self) -> None:
        for name, service in COMPOSE["services"].items():
            assert set(service.get("secrets", [])) <= COMPOSE["secrets"].keys(), name
            assert set(service.get("networks", [])) <= COMPOSE["networks"].keys(), name
            assert set(service.get("depends_on", {})) <= COMPOSE["services"].keys(), name
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                assert source in COMPOSE["volumes"] or source.startswith("./"), (name, volume)
            for variable, value in (service.get("environment") or {}).items():
                if str(value).startswith("/run/secrets/"):
                    assert variable.endswith("_FILE")
                    assert Path(value).name in service["secrets"], (name, variable)

    def test_a_file_that_is_mounted_is_there_or_the_page_says_who_puts_it(self) -> None:
        page = (PROJECT_DIR / "docs" / "deployment.md").read_text(encoding="utf-8")
        mounted = [
            volume.split(":")[0].removeprefix("./")
            for service in COMPOSE["services"].values()
            for volume in service.get("volumes", [])
            if volume.startswith("./")
        ]
        files = [secret["file"].removeprefix("./") for secret in COMPOSE["secrets"].values()]
        absent = [name for name in [*mounted, *files] if not (DEPLOY / name).exists()]
        assert [name for name in absent if Path(name).name not in page] == []

    def test_each_service_has_a_health_check_and_is_started_again(self) -> None:
        for name, service in COMPOSE["services"].items():
            assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
            assert service["restart"] == "unless-stopped", name
            for other in service.get("depends_on", {}).values():
                assert other == {"condition": "service_healthy"}, name

    def test_the_proxy_alone_is_reached_from_outside(self) -> None:
        assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["proxy"]
        assert COMPOSE["networks"]["inside"]["internal"] is True
        outside = [name for name, one in COMPOSE["services"].items() if "outside" in one["networks"]]
        assert outside == ["code-server", "proxy"]

    def test_a_container_of_the_platform_can_change_its_volume_alone(self) -> None:
        for name in PLATFORM:
            service = COMPOSE["services"][name]
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
            assert service["security_opt"] == ["no-new-privileges:true"], name

    def test_containers_run_what_units_run(self) -> None:
        def plain(command: list[str]) -> list[str]:
            hosts = {"0.0.0.0": "127.0.0.1"}
            return [hosts.get(word, word.removeprefix(f"{VENV}/bin/")) for word in command]

        of_units = {" ".join(plain(unit.command()[1:])) for unit in services().values()}
        assert {" ".join(plain(COMPOSE["services"][name]["command"])) for name in PLATFORM} <= of_units


class TestTheContainerFile:
    def test_copies_what_there_is_and_all_that_is_installed(self) -> None:
        copied = [word for step, rest in container_steps() if step == "COPY" for word in rest.split()[:-1]]
        assert [name for name in copied if not (PROJECT_DIR / name).exists()] == []
        project = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))
        packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
        assert {name.rstrip("*") for name in packages} <= set(copied)

    def test_what_it_copies_is_sent_to_the_builder(self) -> None:
        sent = (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
        copied = {word for step, rest in container_steps() if step == "COPY" for word in rest.split()[:-1]}
        assert {line.removeprefix("!") for line in sent if line.startswith("!")} == copied

    def test_ends_as_an_account_that_is_not_root_behind_the_start_script(self) -> None:
        steps = dict(container_steps())
        assert steps["USER"] == "10001"
        assert yaml.safe_load(steps["ENTRYPOINT"]) == [START]

    def test_has_nothing_that_hadolint_finds(self) -> None:
        hadolint = Path(sys.executable).with_name("hadolint")
        done = subprocess.run(
            [str(hadolint), str(DEPLOY / "Containerfile")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "")
