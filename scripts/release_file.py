"""Builds the update file `korobka-VERSION-PLATFORM.kup` out of this checkout: `scripts/release`.

Inside: the product as a wheel with the browser's files and texts built, every package it needs for
the platform, pip, the lock, the installer, and a manifest signed with the key that `--key` names
(PEM, as `openssl genpkey -algorithm ed25519 -out maker.pem` makes it; it stays outside the checkout
and is not copied). The public half goes into the package, so that the box believes the next file.
Two builds of one commit with one key give the same bytes.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from appliance.vault.signatures import is_signed
from updates import bundle
from updates.signed_tar import BadBundle, Part

ROOT = Path(__file__).resolve().parent.parent
PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_26", "manylinux_2_24",
             "manylinux_2_17", "manylinux2014", "manylinux_2_12", "manylinux2010",
             "manylinux_2_5", "manylinux1")  # fmt: skip
"""Packages for glibc 2.28 and older: what install.sh asks of a machine."""

COPIED = (
    "install.sh", "scripts/install-checks.sh", "packaging/korobka.service", "packaging/wrapper",
    "packaging/wrapper.service", "updates/__init__.py", "updates/__main__.py",
    "updates/bundle.py", "updates/signed_tar.py", "updates/ed25519.py", "updates/building.py",
    "README.md", "README.ru.md",
    "LICENSE", "LICENSE-EXCEPTION.md", "SECURITY.md", "requirements.lock",
)  # fmt: skip
RUN = frozenset({"install.sh"})
KEY_FILE = "updates/maker.pub"
MOST_NEWS = 4000


class CannotRelease(Exception):
    """The file cannot be built; the text says what to mend."""


def build(key: Ed25519PrivateKey, out: Path, pythons: Sequence[str], version: str = "") -> Path:
    """Build one file.

    Args:
        key: signs it.
        out: folder for the file.
        pythons: minor versions to bring packages for, `3.11`.
        version: another one than the sources say; for trying updates out.

    Raises:
        CannotRelease: a tool failed, or the checkout has changes.
    """
    with tempfile.TemporaryDirectory(prefix="korobka-release-") as folder:
        home = Path(folder)
        source, staging = home / "source", home / "file"
        staging.mkdir()
        _export(source)
        if version:
            named = source / "appliance" / "__init__.py"
            text = named.read_text(encoding="utf-8")
            named.write_text(
                re.sub('__version__ = ".*"', f'__version__ = "{version}"', text), encoding="utf-8"
            )
        public = key.public_key().public_bytes_raw().hex()
        (source / KEY_FILE).write_text(f"{public}\n", encoding="ascii")
        _make_wheel(source, staging / "wheels")
        _fetch(source, staging, pythons)
        for name in (*COPIED, KEY_FILE):
            target = staging / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target)
        manifest = _manifest(source, staging, pythons)
        out.mkdir(parents=True, exist_ok=True)
        tags = "-".join(f"cp{one.replace('.', '')}" for one in pythons)
        path = out / f"korobka-{manifest.version}-{tags}-{manifest.machine}.kup"
        aside = path.with_name(f"{path.name}.part")
        with aside.open("wb") as file:
            bundle.write(file, manifest, key.sign, staging)
        # Read back with the very code that every box reads it with.
        bundle.look(aside, [bytes.fromhex(public)], is_signed)
        aside.rename(path)
    return path


def _export(source: Path) -> None:
    """The checkout as it was committed; what lies around beside it gets into no release."""
    source.mkdir()
    archive = source.with_suffix(".tar")
    _run("git", "archive", "--output", str(archive), "HEAD", cwd=ROOT)
    _run("tar", "-xf", str(archive), "-C", str(source))
    archive.unlink()
    modules = ROOT / "appliance/web/frontend/node_modules"
    if modules.is_dir():  # installed from the same lock already: the mark in it says so
        (source / "appliance/web/frontend/node_modules").symlink_to(modules.resolve())


def _make_wheel(source: Path, wheels: Path) -> None:
    _run(sys.executable, "scripts/build-assets", cwd=source)
    _run(sys.executable, "scripts/build-texts", cwd=source)
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels), cwd=source)


def _fetch(source: Path, staging: Path, pythons: Sequence[str]) -> None:
    """Every package of the lock, and pip, by hash."""
    machine = platform.machine()
    platforms = [word for one in PLATFORMS for word in ("--platform", f"{one}_{machine}")]
    wheels = staging / "wheels"
    for python in pythons:
        _pip("--no-deps", "--require-hashes", "-r", str(source / "requirements.lock"),
             "--python-version", python, "--implementation", "cp", *platforms,
             "-d", str(wheels))  # fmt: skip
    lock = (source / "requirements-release.lock").resolve()
    _pip("--no-deps", "--require-hashes", "-r", str(lock), "-d", str(staging / "tools"))


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
          "--only-binary", ":all:", *words]  # fmt: skip
    _run(*command)


def _manifest(source: Path, staging: Path, pythons: Sequence[str]) -> bundle.Manifest:
    names = sorted(
        path.relative_to(staging).as_posix() for path in staging.rglob("*") if path.is_file()
    )
    found = re.search('__version__ = "(.*)"', (source / "appliance/__init__.py").read_text("utf-8"))
    if found is None:
        raise CannotRelease("appliance/__init__.py names no version")
    steps = (source / "appliance/storage/migrations").glob("[0-9][0-9][0-9][0-9]_*.py")
    return bundle.Manifest(
        version=found[1],
        made=_run("git", "log", "-1", "--format=%cI", cwd=ROOT).strip(),
        schema=max(int(path.name[:4]) for path in steps),
        pythons=tuple(pythons),
        machine=platform.machine(),
        news={"en": _news(source)},
        parts=tuple(_part(staging, name) for name in names),
    )


def _news(source: Path) -> str:
    """The newest chapter of the changelog."""
    text = (source / "CHANGELOG.md").read_text(encoding="utf-8")
    chapters = re.split(r"^## .*$", text, flags=re.MULTILINE)
    return chapters[1].strip()[:MOST_NEWS] if len(chapters) > 1 else ""


def _part(staging: Path, name: str) -> Part:
    body = (staging / name).read_bytes()
    return Part(name, len(body), hashlib.sha256(body).hexdigest(), run=name in RUN)


def _run(*command: str, cwd: Path | None = None) -> str:
    # Wheels are ZIP archives with times in them; hatchling takes this one for all.
    surroundings = {**os.environ, "SOURCE_DATE_EPOCH": "1580601600", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env=surroundings
    )
    if done.returncode:
        raise CannotRelease(f"{' '.join(command[:4])}: {(done.stderr or done.stdout)[-800:]}")
    return done.stdout


def read_key(path: Path) -> Ed25519PrivateKey:
    """The maker's key.

    Raises:
        CannotRelease: it is not there, or it is none.
    """
    if path.resolve().is_relative_to(ROOT):
        raise CannotRelease("the key lies in the checkout; keep it elsewhere")
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise CannotRelease(f"{path}: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CannotRelease(f"{path}: no Ed25519 key")
    return key


def _refuse_changes() -> None:
    if _run("git", "status", "--porcelain", cwd=ROOT).strip():
        raise CannotRelease("the checkout has changes: a release is built of what is committed")


def main() -> int:
    """Read the command line and go."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="scripts/release", formatter_class=argparse.RawTextHelpFormatter
    )
    own = ".".join(platform.python_version_tuple()[:2])
    parser.add_argument("--key", type=Path, required=True, help="the maker's private key, PEM")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder for the file")
    parser.add_argument(
        "--python", action="append", metavar="3.N",
        help=f"Python to bring packages for, several times; without: {own}",
    )  # fmt: skip
    wanted = parser.parse_args()
    try:
        _refuse_changes()
        path = build(read_key(wanted.key), wanted.out, wanted.python or [own])
    except (CannotRelease, BadBundle) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    print(json.dumps({"file": str(path), "bytes": path.stat().st_size, "sha256": digest}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
