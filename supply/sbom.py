"""The bill of materials of what production installs: CycloneDX 1.6, JSON, the same bytes for the same lock.

    python -m supply.sbom [FILE]

A component's hashes are those of every file that the lock accepts for its version. The serial number follows
from the lock; the time is that of ``SOURCE_DATE_EPOCH``, and is left out where that is not set.

Put here: components, their graph, the file. Keep out: reading locks (``locks``) and licences (``licences``).
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tomllib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.utils import canonicalize_name

from pipelines.settings import PROJECT_DIR
from supply.licences import licence_of
from supply.locks import RUNTIME, Pinned, graph, read_lock, read_requirements

FILE = PROJECT_DIR / "sbom.cdx.json"


def bill() -> str:
    """The text of the bill; the runtime set has to be installed (licences are in packages' metadata)."""
    project = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins, asked = read_lock(), read_requirements()
    needs = graph(asked)
    if needs.keys() != pins.keys():
        raise ValueError(f"{RUNTIME.name} is not what requirements.in asks for: `make lock`")
    components = {name: _component(pin) for name, pin in pins.items()}
    root = Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        bom_ref=project["name"],
        description=project["description"],
    )
    identity = hashlib.sha256(RUNTIME.read_bytes() + project["version"].encode()).hexdigest()
    bom = Bom(
        components=components.values(),
        serial_number=uuid.uuid5(uuid.NAMESPACE_OID, identity),
        metadata=BomMetaData(component=root, timestamp=_time() or datetime.fromtimestamp(0, UTC)),
    )
    bom.register_dependency(root, [components[canonicalize_name(one.name)] for one in asked])
    for name, component in components.items():
        bom.register_dependency(component, [components[needed] for needed in sorted(needs[name])])
    written: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    if _time() is None:
        del written["metadata"]["timestamp"]
    text = json.dumps(written, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise ValueError(f"not CycloneDX 1.6: {wrong}")
    return text


def _component(pin: Pinned) -> Component:
    purl = PackageURL("pypi", name=pin.name, version=pin.version)
    return Component(
        type=ComponentType.LIBRARY,
        name=pin.name,
        version=pin.version,
        bom_ref=str(purl),
        purl=purl,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in pin.sha256s],
        licenses=[LicenseFactory().make_from_string(licence_of(pin.name).expression)],
    )


def _time() -> datetime | None:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else None


def main(arguments: Sequence[str] = ()) -> None:
    """Write the bill and say where."""
    path = Path(arguments[0]) if arguments else FILE
    text = bill()
    path.write_text(text, encoding="utf-8")
    print(f"{path.name}: {len(read_lock())} packages, sha256 {hashlib.sha256(text.encode()).hexdigest()}")


if __name__ == "__main__":
    main(sys.argv[1:])
