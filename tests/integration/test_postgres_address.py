"""The address of the database leads to it, and its secret is never told."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.publish.postgres import publication
from pipelines.publish.postgres.address import Address, AddressError
from pipelines.settings import POSTGRES_URL, SettingsError, read_settings
from tests.integration.loads import (
    Home,
    held,
)


class TestTheAddress:
    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("postgresql://u:sangat@rahasia@127.0.0.1:1/x", id="an-at-in-the-password"),
            pytest.param("postgresql://u:sangat/rahasia@127.0.0.1:1/x", id="a-slash-in-the-password"),
            pytest.param("postgresql://u:sangat%40rahasia@127.0.0.1:1/x", id="as-it-should-be"),
            pytest.param("postgresql://127.0.0.1:1/x?user=u&password=sangatrahasia", id="as-an-option"),
            pytest.param("sangatrahasia", id="no-address"),
            pytest.param("mysql://u:sangatrahasia@127.0.0.1/x", id="another-database"),
        ],
    )
    def test_is_never_told_whole(self, home: Home, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        monkeypatch.setenv(POSTGRES_URL, text)
        monkeypatch.setattr(publication, "ATTEMPTS", 1)
        said = CliRunner().invoke(app, ["publish", "--home", str(home.settings.home)])
        assert said.exit_code in (2, 3)
        assert len(said.stderr.strip().splitlines()[-1]) > 20
        assert "rahasia" not in said.output + str(said.exception) + repr(said.exc_info)

    def test_shows_nothing_of_its_secret(self) -> None:
        address = Address.parse("postgresql+psycopg://u:p%40ss@db.contoh.go.id:5433/spm")
        assert (repr(address), address.place) == ("Address()", "db.contoh.go.id/spm")
        assert address.uri.startswith("postgresql://u:p%40ss@db.contoh.go.id:5433/spm?")
        assert address.without_secrets(f"no: {address.uri} p@ss p%40ss") == "no: *** *** ***"

    def test_that_is_not_set_is_a_matter_of_configuration(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv(POSTGRES_URL, raising=False)
        said = CliRunner().invoke(app, ["publish", "--home", str(home.settings.home)])
        assert (said.exit_code, POSTGRES_URL in said.stderr) == (2, True)
        with pytest.raises(AddressError):
            publication.publish_to_postgres(home.settings)

    def test_leads_to_the_release_that_the_command_names(
        self, home: Home, address: Address, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(POSTGRES_URL, address.uri)
        options = ["--home", str(home.settings.home), "--json"]
        said = CliRunner().invoke(app, ["publish", *options])
        assert json.loads(said.stdout)["release_id"] == home.ids[-1] == held(address)
        assert CliRunner().invoke(app, ["publish", home.ids[0][:9], *options]).exit_code == 0
        assert held(address) == home.ids[0]
        # going back to an older release is a matter of the database too
        said = CliRunner().invoke(app, ["rollback", home.ids[1], "--home", str(home.settings.home)])
        assert said.exit_code == 0, said.output
        assert held(address) == home.ids[1]
        assert (
            CliRunner().invoke(app, ["rollback", home.ids[-1], "--home", str(home.settings.home)]).exit_code
            == 0
        )

    def test_rows_are_shown_by_a_word_that_is_known(self) -> None:
        assert read_settings({"SPM_POSTGRES_ROWS": "province"}).postgres_rows == "province"
        with pytest.raises(SettingsError, match="SPM_POSTGRES_ROWS"):
            read_settings({"SPM_POSTGRES_ROWS": "provinsi"})
