"""Ed25519 keys in PEM files: signing a text, and telling whose signature it is.

Keys are made and kept by those whose names they stand for (``openssl genpkey -algorithm ed25519``).

Put here: reading keys, signing, checking. Keep out: what is signed (``signatures``, ``approval``).
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from pipelines.errors import ConfigurationError
from pipelines.messages import cause, say
from pipelines.settings import secret

PASSPHRASE = "SPM_KEY_PASSPHRASE"
"""The variable with the passphrase of an encrypted private key."""


class KeyFileError(ConfigurationError):
    """A key file cannot be used: what, where, how to fix it."""


def private_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a PEM file that nobody else may read.

    Raises:
        KeyFileError: it is none, cannot be read, or others may read it.
    """
    passphrase = secret(PASSPHRASE)
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileError(say("key.readable", at=path))
        key = load_pem_private_key(path.read_bytes(), passphrase.encode() if passphrase else None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFileError(say("key.no_private", at=path, why=cause(error), variable=PASSPHRASE)) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(say("key.other_kind", at=path))
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a PEM file.

    Raises:
        KeyFileError: it is none, or cannot be read.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError(say("key.no_public", at=path, why=cause(error))) from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(say("key.other_kind", at=path))
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """The sha256 of a public key, as ``openssl pkey -pubin -outform DER | sha256sum`` gives it."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def sign(key: Ed25519PrivateKey, text: str) -> str:
    """The signature of a text, in base 64."""
    return base64.b64encode(key.sign(text.encode())).decode()


def is_signed_by(key: Ed25519PublicKey, text: str, signature: str) -> bool:
    """Whether the holder of the key signed just this text."""
    try:
        key.verify(base64.b64decode(signature, validate=True), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
