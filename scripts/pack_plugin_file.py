"""Packs a plugin's folder into one file `name-version.korobka-plugin`: `scripts/pack-plugin`.

Signed with the key that `--key` names (PEM, as `openssl genpkey -algorithm ed25519 -out maker.pem`
makes it). Its public half, 64 hex digits, is printed: publish it where people who install your
plugin can compare it. Without a key the file is unsigned, and a box takes it only after a warning.
Two packings of one folder with one key give the same bytes.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.errors import HouseError
from appliance.plugin_host import packages
from appliance.plugin_host.packages import Contents
from appliance.vault.signatures import is_signed
from scripts.release_file import CannotRelease, read_key
from updates.signed_tar import Part

LEFT_OUT = frozenset({"__pycache__", "tests", ".git", ".venv"})


def pack(folder: Path, key: Ed25519PrivateKey | None, out: Path) -> Path:
    """Pack a plugin.

    Args:
        folder: holds `plugin.toml`; tests and what Python leaves behind stay out.
        key: signs it; None: nobody does.
        out: folder for the file.

    Raises:
        HouseError: no box would take it.
        ValueError: a name of a file that cannot be packed.
    """
    manifest, _ = packages.look_into(folder)
    maker = key.public_key().public_bytes_raw().hex() if key else ""
    parts = [_part(folder, name) for name in _names(folder)]
    contents = Contents(manifest.name, manifest.version, maker, parts)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{manifest.name}-{manifest.version}{packages.ENDING}"
    with path.open("wb") as file:
        packages.write(file, contents, key.sign if key else _nobody, folder)
    with tempfile.TemporaryDirectory(prefix="korobka-plugin-") as again:
        # Read back with the very code that every box reads it with.
        packages.unpack(path.read_bytes(), is_signed, {maker}, Path(again))
    return path


def _nobody(_: bytes) -> bytes:
    return bytes(64)


def _names(folder: Path) -> list[str]:
    found: list[str] = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_symlink():
            raise ValueError(f"{inside}: a link")
        if path.is_file() and not LEFT_OUT & set(inside.parts) and not path.name.startswith("."):
            found.append(inside.as_posix())
    return found


def _part(folder: Path, name: str) -> Part:
    body = (folder / name).read_bytes()
    return Part(name, len(body), hashlib.sha256(body).hexdigest())


def main() -> int:
    """Read the command line and go."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="scripts/pack-plugin",
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="the plugin's folder, with plugin.toml")
    parser.add_argument("--key", type=Path, help="the maker's private key, PEM")
    parser.add_argument("--out", type=Path, default=Path("dist"), help="folder for the file")
    wanted = parser.parse_args()
    try:
        key = read_key(wanted.key) if wanted.key else None
        path = pack(wanted.folder, key, wanted.out)
    except (CannotRelease, HouseError, ValueError, OSError) as error:
        print(f"pack-plugin: {error}", file=sys.stderr)
        return 1
    maker = key.public_key().public_bytes_raw().hex() if key else ""
    print(json.dumps({"file": str(path), "bytes": path.stat().st_size, "maker": maker}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
