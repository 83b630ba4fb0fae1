"""Which plugins lie where. Nothing of them is imported: a manifest is read, that is all."""

from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from appliance.domain.plugins import FoundPlugin, Source
from appliance.plugin_api.manifest import Manifest, ManifestError
from appliance.plugin_host.packages import TOML, asked_by, look_into

GROUP: Final = "korobka.plugins"
"""Entry point of a Python package that is a plugin: `name = "package"`, its folder has the TOML."""


@dataclass(frozen=True)
class Lying:
    """A plugin on the disk.

    Attributes:
        folder: holds `plugin.toml` and `__init__.py`.
        manifest: None where it cannot be used: `found.problem` says why.
    """

    found: FoundPlugin
    folder: Path
    manifest: Manifest | None = None


def look_around() -> dict[str, Lying]:
    """What came with the release and with packages beside it, by name; the release's go first."""
    places = [
        *((path, Source.BOX) for path in _shipped()),
        *((p, Source.PACKAGE) for p in _named()),
    ]
    there: dict[str, Lying] = {}
    for path, source in places:
        lying = look(path, source)
        there.setdefault(lying.found.name, lying)
    return there


def look(folder: Path, source: Source) -> Lying:
    """One folder."""
    signer = "box" if source is Source.BOX else ""
    try:
        manifest, text = look_into(folder)
        if source is Source.BOX and manifest.name != folder.name:
            raise ManifestError("manifest_name", "$.name")
    except ManifestError as error:
        name = folder.name[:41]
        return Lying(FoundPlugin(name=name, source=source, problem=error.code), folder)
    found = FoundPlugin(
        name=manifest.name,
        version=manifest.version,
        source=source,
        manifest=text,
        signer=signer,
        asked=asked_by(manifest),
    )
    return Lying(found, folder, manifest)


def _shipped() -> list[Path]:
    """Folders of the package `plugins` that have a manifest."""
    spec = find_spec("plugins")
    homes = [] if spec is None else list(spec.submodule_search_locations or [])
    return [path.parent for home in homes for path in sorted(Path(home).glob(f"*/{TOML}"))]


def _named() -> list[Path]:
    """Folders of packages with the entry point."""
    found: list[Path] = []
    for point in sorted(entry_points(group=GROUP)):
        if point.dist is not None:
            inside = point.module.replace(".", "/")
            found.append(Path(str(point.dist.locate_file(inside))))
    return found
