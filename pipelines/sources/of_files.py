"""Which source of the sources file reads a file that is only checked.

Put here: finding it by kind, path or name. Keep out: what is done with the file (``build.check_files``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipelines.errors import ConfigurationError
from pipelines.messages import most_like, say
from pipelines.sources.files.spec import FileSource
from pipelines.sources.source import Source
from pipelines.submissions.reading_spec import FROM_FOLDER, ReadingSpec


class Checked(NamedTuple):
    """A file that is checked, how it is read, and the sender's folder that it lies in (``RawFile``).

    ``name`` is what it is called, where that is not its path.
    """

    file: Path
    spec: ReadingSpec
    folder: str | None = None
    name: str | None = None


def reading_of(file: Path, kind: str, sources: Sequence[Source], name: str | None) -> Checked:
    """How ``file``, a document of ``kind``, is read: as the source ``name`` says, else the one it belongs to.

    That is the source of its kind whose path it lies on; where it lies on none, the only one of its kind. A
    file that lies in no folder of its source yet is none's that the folder names.

    Raises:
        ConfigurationError: there is no such source, or more than one.
    """
    if name is not None:
        found = [source for source in sources if source.name == name]
        if not found:
            known = most_like(name, (source.name for source in sources))
            raise ConfigurationError(say("check.unknown_source", at=f"--source {name}", known=known))
    else:
        files = [source for source in sources if isinstance(source, FileSource) and source.kind == kind]
        found = [*(source for source in files if source.holds(file))] or [*files]
    if len(found) != 1:
        names = ", ".join(source.name for source in found) or "-"
        raise ConfigurationError(say("check.which_source", at=file, names=names))
    spec = ReadingSpec.from_json(found[0].canonical_json())
    if isinstance(found[0], FileSource) and found[0].holds(file):
        return Checked(file, spec, found[0].folder_of(str(file.absolute()), found[0].location(None)))
    return Checked(file, spec.model_copy(update={"regions": None}) if spec.regions == FROM_FOLDER else spec)
