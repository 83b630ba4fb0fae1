"""A release out of an unpacked update file, without a network. Standard library only."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

PAPERS: Final = (
    "README.md", "README.ru.md", "LICENSE", "LICENSE-EXCEPTION.md", "SECURITY.md", "packaging",
)  # fmt: skip
LOCK: Final = "requirements.lock"
NEEDED: Final = 900 << 20
"""Bytes that a release takes while it is made: the unpacked file and the environment."""


class CannotBuild(Exception):
    """The environment could not be made; the text is the last words of the tool that failed."""


def build(staging: Path, release: Path, python: str) -> None:
    """Make a release; nothing outside its folder changes.

    Args:
        staging: the unpacked, verified file.
        release: where to; must not exist.
        python: the interpreter to build upon.

    Raises:
        CannotBuild: it is gone again.
    """
    try:
        release.mkdir(parents=True)
        _fill(staging, release, python)
    except (CannotBuild, OSError):
        shutil.rmtree(release, ignore_errors=True)
        raise


def _fill(staging: Path, release: Path, python: str) -> None:
    venv = release / "venv"
    _run(python, "-I", "-m", "venv", "--without-pip", str(venv))
    own = str(venv / "bin" / "python")
    wheels = staging / "wheels"
    pips = sorted((staging / "tools").glob("pip-*.whl"))
    products = sorted(wheels.glob("korobka-*.whl"))
    if not pips or not products:
        raise CannotBuild("the file holds no pip or no korobka")
    pip = (own, f"{pips[0]}/pip", "install", "--quiet", "--no-index", "--no-cache-dir",
           "--no-compile", "--no-deps", "--only-binary", ":all:")  # fmt: skip
    _run(*pip, "--find-links", str(wheels), "--require-hashes", "-r", str(staging / LOCK))
    _run(*pip, str(products[0]))
    _run(own, "-I", "-m", "compileall", "-q", "-j", "0", str(venv / "lib"))
    for name in PAPERS:
        if (staging / name).is_dir():
            shutil.copytree(staging / name, release / name)
        elif (staging / name).is_file():
            shutil.copy(staging / name, release / name)
    _run(str(venv / "bin" / "korobka"), "version")
    # A release that is in use after a power cut must be there as a whole.
    os.sync()


def _run(*command: str) -> None:
    kept = ("PATH", "LANG", "HOME", "TMPDIR")
    surroundings = {name: os.environ[name] for name in kept if name in os.environ}
    # Settings of the machine's own pip name mirrors; nothing is to be asked of any.
    surroundings |= {"PIP_CONFIG_FILE": os.devnull, "PYTHONUTF8": "1"}
    done = subprocess.run(  # noqa: S603 - our own interpreter and files
        command, capture_output=True, text=True, check=False, env=surroundings, cwd="/"
    )
    if done.returncode:
        raise CannotBuild((done.stderr or done.stdout).strip()[-800:])


def base_python() -> str:
    """The interpreter under this environment, as install.sh found it."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))
