"""A history that was written anew is told: by the hashes that releases name, by a signature on the last."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.publish.candidate import Candidate
from pipelines.publish.chain import history_of
from pipelines.publish.releases import Releases
from tests.integration.candidates import copy_of, release, rewrite
from tests.integration.forging import flip, unchained
from tests.integration.forging import rewrite as rewrite_manifest

pytestmark = pytest.mark.attack("forged history")

DAY = datetime(2025, 2, 1, tzinfo=UTC)


def spm(home: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, [*arguments, "--home", str(home)])


@dataclass(frozen=True)
class Keys:
    """A pair of keys in PEM files."""

    private: Path
    public: Path


def keys(folder: Path, name: str, encryption: KeySerializationEncryption | None = None) -> Keys:
    """New keys in a folder."""
    key = Ed25519PrivateKey.generate()
    made = Keys(folder / f"{name}.pem", folder / f"{name}.pub.pem")
    made.private.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    )
    made.private.chmod(0o600)
    made.public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return made


@pytest.fixture(scope="module")
def made_once(good_build: Candidate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three releases, one on the other. Copy it."""
    home = tmp_path_factory.mktemp("line") / "home"
    releases = Releases(home / "published")
    candidate = copy_of(good_build, home.parent / "candidate")
    for index in (41, 42, 43):
        rewrite(
            candidate.file("mart_region_score"),
            f"select * replace (if(region_code = '64.71', {index}, index)::decimal(9, 6) as index) from t",
        )
        release(releases, candidate)
    return home


@pytest.fixture
def home(made_once: Path, tmp_path: Path) -> Path:
    """The same for the test's own."""
    shutil.copytree(made_once, tmp_path / "home", symlinks=True)
    return tmp_path / "home"


@pytest.fixture
def owner(tmp_path: Path) -> Keys:
    return keys(tmp_path, "owner")


@pytest.fixture
def signed(home: Path, owner: Keys) -> Path:
    """The home, its last release signed."""
    said = spm(home, "sign", "--key", str(owner.private))
    assert said.exit_code == 0, said.output
    return home


def manifests(home: Path) -> list[Path]:
    releases = Releases(home / "published")
    return [releases.place(one) / "manifest.json" for one in releases.ids()]


def repoint(home: Path, release_id: str) -> None:
    pointer = home / "published" / "current"
    pointer.unlink()
    pointer.symlink_to(Path("releases") / release_id)


def approved(said: dict[str, Any]) -> None:
    said["approval"] = {"hash": "0" * 64, "decisions": [{"name": "Siti"}, {"name": "Budi"}]}


def backdated(said: dict[str, Any]) -> None:
    said["published_at"] = "2024-12-01T00:00:00+00:00"


def of_other_numbers(said: dict[str, Any]) -> None:
    said["content"]["tables"]["mart_region_score"]["sha256"] = "0" * 64
    said["files"]["mart_region_score.parquet"] = "0" * 64


def test_each_release_names_the_one_before_by_the_hash_of_its_whole_manifest(home: Path) -> None:
    first, second, third = (json.loads(path.read_text()) for path in manifests(home))
    assert first["release_before_sha256"] is None
    assert second["release_before_sha256"] == first["whole_sha256"]
    assert third["release_before_sha256"] == second["whole_sha256"]
    said = spm(home, "verify")
    assert said.exit_code == 0, said.output
    assert "2 of 2 releases before it proved by hash" in " ".join(said.output.split())


@pytest.mark.parametrize("change", [approved, backdated], ids=["another approval", "another time"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_manifest_that_was_written_anew_is_told_by_the_release_after_it(
    change: Callable[[dict[str, Any]], None], number: int, home: Path
) -> None:
    forged, after = manifests(home)[number : number + 2]
    assert rewrite_manifest(forged, change) == forged.parent.name
    said = spm(home, "verify")
    assert said.exit_code == 3
    assert forged.parent.name in said.output
    assert f"not the one that {after.parent.name} names" in said.output
    assert spm(home, "verify", forged.parent.name).exit_code == (3 if change is backdated else 0)


def test_a_release_that_was_taken_out_of_the_line_is_told(home: Path) -> None:
    first, second, _ = (path.parent for path in manifests(home))
    shutil.rmtree(second)
    said = spm(home, "verify")
    assert said.exit_code == 3
    assert f"{second.name}: tidak ada" in said.output
    shutil.rmtree(first)
    assert spm(home, "verify").exit_code == 3


def test_a_line_that_was_cut_to_look_like_an_early_one_is_told(home: Path) -> None:
    first, second, third = manifests(home)
    rewrite_manifest(third, unchained)
    said = spm(home, "verify")
    assert said.exit_code == 3
    assert "history was written anew" in said.output
    for path in (first, second):
        rewrite_manifest(path, unchained)
    # all of it: these are early releases now, and are said to be
    said = spm(home, "verify")
    assert said.exit_code == 0, said.output
    assert "early release" in said.output
    assert "0 of 2 releases before it proved" in " ".join(said.output.split())
    # of which what later ones list of them still tells
    rewrite_manifest(first, backdated)
    assert "is not what" in spm(home, "verify").output
    assert spm(home, "verify").exit_code == 3


def test_early_releases_are_read_and_the_next_one_names_them(home: Path, good_build: Candidate) -> None:
    for path in manifests(home):
        rewrite_manifest(path, unchained)
    candidate = copy_of(good_build, home.parent / "next")
    rewrite(
        candidate.file("mart_region_score"),
        "select * replace (if(region_code = '64.71', 44, index)::decimal(9, 6) as index) from t",
    )
    release(Releases(home / "published"), candidate)
    said = spm(home, "verify")
    assert said.exit_code == 0, said.output
    assert "1 of 3 releases before it proved" in " ".join(said.output.split())
    third = manifests(home)[2]
    rewrite_manifest(third, approved)
    assert spm(home, "verify").exit_code == 3


def test_a_release_that_claims_to_be_the_first_is_told(home: Path) -> None:
    third = manifests(home)[2]
    rewrite_manifest(third, lambda said: said.update(release_before=None, release_before_sha256=None))
    said = spm(home, "verify")
    assert said.exit_code == 3
    assert "is not the first" in said.output


def test_a_signature_is_told_from_none_and_from_that_of_another_key(
    signed: Path, owner: Keys, tmp_path: Path
) -> None:
    said = spm(signed, "verify", "--key", str(owner.public))
    assert said.exit_code == 0, said.output
    assert "signed " in said.output
    unknown = keys(tmp_path, "unknown")
    assert spm(signed, "verify", "--key", str(unknown.public)).exit_code == 3
    first = manifests(signed)[0].parent.name
    not_signed = spm(signed, "verify", first, "--key", str(owner.public))
    assert not_signed.exit_code == 3
    assert "is not signed by this key" in not_signed.output


def forge_whole_history(home: Path, change: Callable[[dict[str, Any]], None]) -> str:
    """What an attacker with every right on the machine does: all hashes are right again."""
    links: dict[str, Any] = {}

    def chained(said: dict[str, Any]) -> None:
        if links:
            said.update(links)
        else:
            change(said)

    for path in manifests(home):
        made = path.parent.with_name(rewrite_manifest(path, chained))
        hashed = json.loads((made / "manifest.json").read_text())["whole_sha256"]
        links |= {"release_before": made.name, "release_before_sha256": hashed}
    before = str(links["release_before"])
    repoint(home, before)
    return before


def test_a_whole_history_that_was_forged_is_told_by_the_public_key_alone(signed: Path, owner: Keys) -> None:
    forge_whole_history(signed, approved)
    # nothing on the machine tells it
    assert spm(signed, "verify").exit_code == 0
    said = spm(signed, "verify", "--key", str(owner.public))
    assert said.exit_code == 3
    assert "its signature is of another manifest" in said.output


def test_a_signature_that_was_fitted_to_a_forged_history_is_false(signed: Path, owner: Keys) -> None:
    last = forge_whole_history(signed, approved)
    (path,) = (signed / "published" / "signatures" / last).iterdir()
    said = json.loads(path.read_text())
    said["whole_sha256"] = json.loads((signed / "published/current/manifest.json").read_text())[
        "whole_sha256"
    ]
    path.write_text(json.dumps(said))
    shown = spm(signed, "verify", "--key", str(owner.public))
    assert shown.exit_code == 3
    assert "its signature is false" in shown.output


@pytest.mark.parametrize("name", ["release_id", "whole_sha256", "signed_at", "key_sha256", "signature"])
def test_each_word_of_a_signature_counts(name: str, signed: Path, owner: Keys) -> None:
    (path,) = (signed / "published" / "signatures").glob("*/*.json")
    said = json.loads(path.read_text())
    said[name] = "2020-01-01T00:00:00+00:00" if name == "signed_at" else said[name][::-1]
    path.write_text(json.dumps(said))
    assert spm(signed, "verify", "--key", str(owner.public)).exit_code == 3


def test_a_signed_release_that_vanished_is_told(signed: Path, owner: Keys) -> None:
    first, _, third = (path.parent for path in manifests(signed))
    assert spm(signed, "sign", first.name, "--key", str(owner.private)).exit_code == 0
    repoint(signed, first.name)
    shutil.rmtree(third)
    said = spm(signed, "verify", "--key", str(owner.public))
    assert said.exit_code == 3
    assert f"{third.name}: ditandatangani" in said.output


def test_what_is_damaged_or_forged_is_not_signed(home: Path, owner: Keys) -> None:
    first, _, third = manifests(home)
    flip(third.parent / "mart_award.parquet")
    said = spm(home, "sign", "--key", str(owner.private))
    assert said.exit_code == 3
    assert "mart_award.parquet" in said.output
    flip(third.parent / "mart_award.parquet")
    rewrite_manifest(first, approved)
    assert spm(home, "sign", "--key", str(owner.private)).exit_code == 3
    assert not (home / "published" / "signatures").exists()


def test_a_key_file_that_cannot_be_used_is_named(
    home: Path, owner: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rsa = generate_private_key(65537, 2048)
    other = tmp_path / "rsa.pem"
    other.write_bytes(rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    other.chmod(0o600)
    locked = keys(tmp_path, "locked", BestAvailableEncryption(b"rahasia"))
    for path, why in [
        (tmp_path / "none.pem", "No such file"),
        (owner.public, "chmod 600"),
        (other, "is no Ed25519 key"),
        (locked.private, "SPM_KEY_PASSPHRASE"),
    ]:
        said = spm(home, "sign", "--key", str(path))
        assert said.exit_code == 2, said.output
        assert f"{path}: " in said.output
        assert why in said.output
        assert len(said.stderr.splitlines()) == 1
    assert spm(home, "verify", "--key", str(owner.private)).exit_code == 2
    monkeypatch.setenv("SPM_KEY_PASSPHRASE", "rahasia")
    assert spm(home, "sign", "--key", str(locked.private)).exit_code == 0
    assert spm(home, "verify", "--key", str(locked.public)).exit_code == 0


def test_a_signature_is_what_openssl_would_check(signed: Path, owner: Keys) -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    (path,) = (signed / "published" / "signatures").glob("*/*.json")
    said = json.loads(path.read_text())
    text = f"spm-release 1\n{said['release_id']}\n{said['whole_sha256']}\n{said['signed_at']}\n"
    key: Any = load_pem_public_key(owner.public.read_bytes())
    key.verify(base64.b64decode(said["signature"]), text.encode())


def test_the_same_content_has_the_same_id_whatever_it_stands_on(home: Path) -> None:
    third = manifests(home)[2]
    assert (
        rewrite_manifest(third, lambda said: said.update(release_before_sha256="0" * 64)) == third.parent.name
    )
    assert history_of(Releases(home / "published"), third.parent.name).wrong
