"""Opening a container and comparing every part with its manifest."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from appliance.errors import Damaged
from backups.container import Unpacker, open_sealed
from backups.records import Manifest, Part, must_be_signed, read

NAMES: Final = re.compile(
    r"(main\.db|audit\.db|evidence\.db|audit\.pub|korobka\.toml|keys\.db|(main|audit|evidence)\.db\.pages|(tls|tls-outer|anchors)/[\w.-]{1,80})"
)
Tell = Callable[[str, int, int], None]


def unpack(
    path: Path, identity: str, place: Callable[[str], Path | None], tell: Tell, step: str
) -> Manifest:
    """Open a container and compare every part with its manifest.

    Args:
        path: of the container.
        identity: `AGE-SECRET-KEY-1…`.
        place: where a part goes; None leaves it out (it is hashed all the same).
        tell: step, done, total.
        step: what to call it.

    Raises:
        Denied: `backup_identity_wrong`.
        Damaged: `backup_damaged`, `backup_part_differs`, `backup_part_missing`, `backup_newer`.
    """
    return unpack_unsigned(path, identity, place, tell, step)[0]


def unpack_unsigned(
    path: Path, identity: str, place: Callable[[str], Path | None], tell: Tell, step: str
) -> tuple[Manifest, Callable[[bytes], None]]:
    """As `unpack`, before the box's key is known: gives a check of the signature for then."""
    if not path.is_file():
        raise Damaged("backup_part_missing", part=path.name)
    total = path.stat().st_size
    unpacker = Unpacker(lambda name: place(_checked(name)))
    try:
        with path.open("rb") as file:
            open_sealed(file, identity, unpacker, lambda done: tell(step, done, total))
    finally:
        unpacker.close()
    manifest, found = read(bytes(unpacker.manifest), Manifest)
    _must_match(manifest.parts, unpacker.parts)
    return manifest, lambda public: must_be_signed(found, public, path.name)


def _checked(name: str) -> str:
    if not NAMES.fullmatch(name) or "/." in name:
        raise Damaged("backup_damaged", part="container")
    return name


def _must_match(expected: Sequence[Part], found: Sequence[Part]) -> None:
    held = {one.name: one for one in found}
    for one in expected:
        if one.name not in held:
            raise Damaged("backup_part_missing", part=one.name)
        if held[one.name] != one:
            raise Damaged("backup_part_differs", part=one.name)
    if len(held) != len(expected):
        raise Damaged("backup_damaged", part="container")
