"""Signatures of releases: ``published/signatures/<release>/<first digits of the key's hash>.json``.

Signed are the release's id, the hash of its whole manifest, and when. The manifest names every file by its
hash, and the release before by the hash of its manifest, so one signature stands for all that led to it.

Put here: signing a release, checking signatures. Keep out: keys (``keys``), the line itself (``chain``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipelines.messages import say
from pipelines.publish.chain import history_of
from pipelines.publish.keys import fingerprint, is_signed_by, sign
from pipelines.publish.manifest import DamagedReleaseError, Manifest
from pipelines.publish.releases import Releases
from pipelines.storage.whole_files import write_whole

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature, as it lies in its file; ``key_sha256`` is the hash of the public key."""

    release_id: str
    whole_sha256: str
    signed_at: str
    key_sha256: str
    signature: str

    @property
    def text(self) -> str:
        """What is signed."""
        return signed_text(self.release_id, self.whole_sha256, self.signed_at)


def signed_text(release_id: str, whole_sha256: str, signed_at: str) -> str:
    """The text that is signed for a release: four lines, each with its end."""
    return f"spm-release 1\n{release_id}\n{whole_sha256}\n{signed_at}\n"


def sign_release(releases: Releases, release_id: str, key: Ed25519PrivateKey, at: datetime) -> Path:
    """Sign a release whose bytes and history are proved; returns the file of the signature.

    Raises:
        UnknownReleaseError: there is no such release.
        DamagedReleaseError: something is wrong with it, or with what led to it.
    """
    if wrong := releases.verify(release_id) or history_of(releases, release_id).wrong:
        raise DamagedReleaseError(say("release.not_signed", at=release_id, why=wrong[0]))
    manifest, signed_at = releases.manifest(release_id), at.isoformat(timespec="seconds")
    text = signed_text(release_id, manifest.whole_sha256, signed_at)
    owner = fingerprint(key.public_key())
    found = Signature(release_id, manifest.whole_sha256, signed_at, owner, sign(key, text))
    path = _file(releases, release_id, owner)
    write_whole(path, (json.dumps(asdict(found), indent=1) + "\n").encode())
    return path


def signature_of(releases: Releases, release_id: str, key: Ed25519PublicKey) -> Signature | None:
    """The signature of a release that is filed under the key; none where there is none that can be read."""
    try:
        found = Signature(**json.loads(_file(releases, release_id, fingerprint(key)).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return found if all(isinstance(value, str) for value in asdict(found).values()) else None


def wrong_signatures(releases: Releases, line: Sequence[Manifest], key: Ed25519PublicKey) -> list[str]:
    """What is wrong with the signatures of a line of releases, the last of which has to be signed.

    A signed release that is not there any more is told too: who signed it saw another history.
    """
    wrong = []
    for place, manifest in enumerate(line):
        found = signature_of(releases, manifest.release_id, key)
        if found is None:
            # what led to a signed release is named by it
            wrong += [] if place else [say("signature.none", at=manifest.release_id)]
        elif (found.release_id, found.whole_sha256) != (manifest.release_id, manifest.whole_sha256):
            wrong.append(say("signature.other", at=manifest.release_id))
        elif not _is_of(key, found):
            wrong.append(say("signature.false", at=manifest.release_id))
    names = {path.parent.name for path in _folder(releases).glob(f"*/{fingerprint(key)[:_DIGITS]}.json")}
    for release_id in sorted(names - set(releases.ids())):
        found = signature_of(releases, release_id, key)
        if found and found.release_id == release_id and _is_of(key, found):
            wrong.append(say("signature.gone", at=release_id))
    return wrong


def _is_of(key: Ed25519PublicKey, found: Signature) -> bool:
    return found.key_sha256 == fingerprint(key) and is_signed_by(key, found.text, found.signature)


def _folder(releases: Releases) -> Path:
    return releases.root / "signatures"


def _file(releases: Releases, release_id: str, owner: str) -> Path:
    return _folder(releases) / release_id / f"{owner[:_DIGITS]}.json"
