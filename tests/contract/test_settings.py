"""Every environment variable that the code reads is on the page of settings, with the default that it has."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_DIR, SettingsError, read_settings, secret, secrets_read
from pipelines.variables import OF_DEPLOYMENT, PAGE, VARIABLES, settings_page

FOLDERS = ("pipelines", "expectations", "spm_sample")
LISTED = {variable.name for variable in VARIABLES}
ANOTHER_NAME = {"SPM_INDEX", "SPM_REGIONS"}
"""Of SDMX, and of the script of the report site."""
READ_BY_DBT = {"SPM_THREADS", "SPM_MEMORY_LIMIT", "SPM_WORK_DB"}


def read_by_code() -> set[str]:
    found = set(re.findall(r"env_var\('(\w+)'", (PROJECT_DIR / "dbt_project" / "profiles.yml").read_text()))
    assert found == READ_BY_DBT
    for path in (path for folder in FOLDERS for path in (PROJECT_DIR / folder).rglob("*.py")):
        if path.name == "variables.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} if re.fullmatch(r"SPM_[A-Z_]+", node.value) else set()
    return found - ANOTHER_NAME


def test_the_list_of_variables_is_that_of_the_code() -> None:
    assert read_by_code() - LISTED == set(), "add them to pipelines/variables.py"
    assert LISTED - read_by_code() == set(), "nothing reads them: remove them from pipelines/variables.py"


def test_the_page_is_that_of_the_list() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "run `python -m pipelines.variables`"


def test_a_default_of_the_list_is_what_is_taken_where_nothing_is_set() -> None:
    defaults = {variable.name: variable.default for variable in VARIABLES if variable.default is not None}
    assert read_settings(defaults) == read_settings({})


def test_each_variable_that_a_page_or_a_file_of_the_deployment_names_is_listed() -> None:
    pages = [*PROJECT_DIR.glob("*.md"), *(PROJECT_DIR / "docs").rglob("*.md")]
    files = [path for path in (PROJECT_DIR / "deploy").rglob("*") if path.is_file()]
    known = LISTED | {f"{variable.name}_FILE" for variable in VARIABLES if variable.is_secret}
    known |= {variable.name for variable in OF_DEPLOYMENT}
    # of tests and of SDMX
    made_up = {"SPM_TESTS_JUDGE", "SPM_WRITE_GOLDEN", "SPM_INDEX"}
    for path in [*pages, *files]:
        named = set(re.findall(r"\bSPM_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))
        # addresses of channels, whose variables the examples of alerts.yaml name
        channels = {name for name in named if name.startswith("SPM_ALERT_")}
        assert named - known - made_up - channels == set(), path


@pytest.mark.parametrize("name", ["Production", "prod uction", "pro\nd", "-", "produksi/1", "x" * 33])
def test_an_environment_is_one_plain_word(name: str) -> None:
    with pytest.raises(SettingsError, match="SPM_ENVIRONMENT"):
        read_settings({"SPM_ENVIRONMENT": name})
    assert read_settings({"SPM_ENVIRONMENT": "uji-coba-2"}).environment == "uji-coba-2"
    assert read_settings({}).environment is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SPM_PUBLIC_URL", "spm.example.go.id"),
        ("SPM_PUBLIC_URL", "https://spm.example.go.id/?a"),
        ("SPM_PUBLIC_URL", "https://siti:rahasia@spm.example.go.id/"),
        ("SPM_PUBLIC_URL", "javascript:alert(1)"),
        ("SPM_TRUSTED_PROXIES", "*"),
        ("SPM_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("SPM_TRUSTED_PROXIES", "proxy"),
        ("SPM_SERVE_GATES", "ya"),
        ("SPM_SERVE_SECONDS", "0"),
    ],
)
def test_a_setting_of_the_small_server_that_cannot_be_is_one_line(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        read_settings({name: text})
    assert "\n" not in str(refused.value)
    found = read_settings(
        {"SPM_PUBLIC_URL": "https://a.go.id/x", "SPM_TRUSTED_PROXIES": "10.0.0.1, ::1 172.16.0.0/12"}
    )
    assert found.serving.public_url == "https://a.go.id/x/"
    assert found.serving.trusted_proxies == ("10.0.0.1", "::1", "172.16.0.0/12")


class TestASecret:
    @pytest.fixture(autouse=True)
    def _unset(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("ESPM_TOKEN", "ESPM_TOKEN_FILE"):
            monkeypatch.delenv(name, raising=False)

    @pytest.fixture
    def file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        path = tmp_path / "token"
        path.write_text("rahasia-dari-berkas\n")
        path.chmod(0o640)
        monkeypatch.setenv("ESPM_TOKEN_FILE", str(path))
        return path

    def test_comes_from_a_file_without_its_line_break(self, file: Path) -> None:
        assert secret("ESPM_TOKEN") == "rahasia-dari-berkas"
        assert "rahasia-dari-berkas" in secrets_read()

    def test_is_none_where_neither_is_set(self) -> None:
        assert secret("ESPM_TOKEN") is None
        assert secret(None) is None

    def test_that_is_given_twice_is_refused(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ESPM_TOKEN", "rahasia")
        with pytest.raises(SettingsError, match="ESPM_TOKEN_FILE") as refused:
            secret("ESPM_TOKEN")
        assert "rahasia" not in str(refused.value)

    @pytest.mark.parametrize("mode", [0o644, 0o602, 0o604])
    def test_that_other_accounts_can_read_or_replace_is_refused(self, file: Path, mode: int) -> None:
        file.chmod(mode)
        with pytest.raises(SettingsError, match="chmod 640"):
            secret("ESPM_TOKEN")

    def test_whose_file_is_gone_empty_or_no_text_is_one_line(self, file: Path) -> None:
        for content in (b" \n", b"\xff\xfe\x00", None):
            file.unlink() if content is None else file.write_bytes(content)
            with pytest.raises(SettingsError) as refused:
                secret("ESPM_TOKEN")
            assert str(refused.value).startswith(f"ESPM_TOKEN_FILE={file}: ")
            assert "\n" not in str(refused.value)
