"""The fakes connected in a box of `scripts/demo`, by the same commands as anybody would type."""

import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from appliance.plugin_api.manifest import Manifest, read_manifest

ROOT: Final = Path(__file__).resolve().parents[1]
ACCOUNT: Final = "main"
READY_SECONDS: Final = 300.0
"""The first start makes the box and its invented people before it serves."""


def manifest_of(name: str) -> Manifest:
    """Of a plugin that lies in `plugins`."""
    return read_manifest((ROOT / "plugins" / name / "plugin.toml").read_bytes())


def commands(
    manifest: Manifest, title: str, typed: Mapping[str, str], *, is_known: bool
) -> list[list[str]]:
    """What to type after `korobka plugins`, so that a plugin speaks with its fake.

    Args:
        manifest: of the plugin.
        title: of the service.
        typed: settings, of the plugin and of its account.
        is_known: the account is there, from an earlier day.
    """
    name = manifest.name
    own = {one.name for one in manifest.settings}
    of_account = {one.name for one in manifest.account_settings}
    made = [["approve", name, "--yes"]]
    if pairs := [f"{key}={value}" for key, value in typed.items() if key in own - of_account]:
        made.append(["set", name, *pairs])
    if pairs := [f"{key}={value}" for key, value in typed.items() if key in of_account]:
        new = ["account-add", name, title, *pairs, "--code", ACCOUNT]
        made.append(["account-set", name, ACCOUNT, *pairs] if is_known else new)
    return [*made, ["on", name]]


class Box:
    """A box that `scripts/demo` made, or makes just now."""

    def __init__(self, folder: Path) -> None:
        """Args: folder: holds `data` and `logins.txt`."""
        self._data = folder / "data"
        self._logins = folder / "logins.txt"

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"https://127.0.0.1:{self._port()}"

    def _port(self) -> int:
        config = tomllib.loads((self._data / "korobka.toml").read_text(encoding="utf-8"))
        return int(config["server"]["port"])

    def wait(self) -> bool:
        """Wait until it answers; false when it does not in all the time it has."""
        ends = time.monotonic() + READY_SECONDS
        while time.monotonic() < ends:
            try:
                socket.create_connection(("127.0.0.1", self._port()), timeout=5).close()
            except (OSError, KeyError, tomllib.TOMLDecodeError):
                time.sleep(1)  # not made yet, or not begun
            else:
                return True
        return False

    def connect(self, name: str, title: str, typed: Mapping[str, str]) -> str:
        """Connect one plugin; what went wrong, empty for nothing."""
        known = self._run(["accounts", name, "--json"])
        there = known.returncode == 0 and ACCOUNT in _codes(known.stdout)
        for words in commands(manifest_of(name), title, typed, is_known=there):
            done = self._run(words)
            if done.returncode:
                return (done.stderr or done.stdout).strip()
        return ""

    def _run(self, words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        lines = self._logins.read_text(encoding="utf-8").splitlines()
        password = next(one for one in lines if one.startswith("password: "))
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
            file.write(password.removeprefix("password: "))
            file.flush()
            who = ["--as", "admin", "--password-file", file.name, "--data", str(self._data)]
            call = [sys.executable, "-m", "appliance.cli", "plugins", *words, *who]
            return subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)


def _codes(text: str) -> set[str]:
    """Codes of the accounts in what `korobka plugins accounts --json` says."""
    return {one.code for one in msgspec.json.decode(text, type=_Accounts).accounts}


class _Account(msgspec.Struct):
    code: str


class _Accounts(msgspec.Struct):
    accounts: list[_Account]
