"""``spm serve``: the pages of a home over HTTP.

Put here: parse, one call, exit code. Keep out: work of any kind.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from pipelines.cli.options import HomeOption, settings_of, tell
from pipelines.errors import ConfigurationError
from pipelines.messages import say

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any free one.")] = 8000,
    home: HomeOption = None,
) -> None:
    """Serve site, quality pages and open data of the current release, and the check of a form (/cek)."""
    from pipelines.serve.server import run

    settings = settings_of(home)
    if not settings.home.is_dir():
        raise ConfigurationError(say("serve.no_home", at=settings.home))
    run(settings, host, port, partial(tell, err=True))
