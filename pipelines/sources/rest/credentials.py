"""Credentials of an API: the header that signs a request, made from variables of the environment.

Put here: bearer, basic, API key. Keep out: which variables (``spec``), sending (``client``). A secret
goes into the header and nowhere else: no message, no log, no document.
"""

from __future__ import annotations

import base64

from pipelines.messages import say
from pipelines.settings import secret
from pipelines.sources.rest.spec import RestSource
from pipelines.sources.source import SourceUnavailable


def signature(spec: RestSource) -> dict[str, str]:
    """The headers that sign each request of a source.

    Raises:
        SourceUnavailable: a variable is not set, or holds what no header may hold.
    """
    if spec.auth_kind == "bearer":
        return {"Authorization": f"Bearer {_token(spec)}"}
    if spec.auth_kind == "api_key":
        return {spec.key_header: _token(spec)}
    if spec.auth_kind == "basic":
        pair = f"{_secret(spec, spec.user_env)}:{_secret(spec, spec.password_env)}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return {}


def _token(spec: RestSource) -> str:
    token = _secret(spec, spec.token_env)
    if not (token.isascii() and token.isprintable()):
        raise SourceUnavailable(say("rest.no_token", at=spec.name, variable=spec.token_env))
    return token


def _secret(spec: RestSource, name: str | None) -> str:
    found = secret(name)
    if not found:
        raise SourceUnavailable(say("source.no_variable", at=spec.name, variable=name))
    return found
