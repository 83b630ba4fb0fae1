"""Random damage to the files of a copy, and whether the checks of a restore notice it."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

from appliance import __version__
from appliance.errors import HouseError
from appliance.vault.vault import Vault
from backups.drill import find
from backups.make import make
from backups.opening import unpack
from backups.orders import MakeOrder
from backups.records import Label, must_be_signed, read
from backups.targets import Kept
from scripts._box import TrialBox
from scripts._damage import other_bytes

STAMP: Final = "20260201T100000Z"
SHARES: Final = {"label": 0.3, "files": 0.1, "keys": 0.45, "data": 0.15}
"""How often each file is damaged: the large one takes long to open."""


def _quiet(_step: str, _done: int, _total: int) -> None:
    """Nobody looks."""


def copied(box: TrialBox) -> Path:
    """Make a copy of the resting box; the folder it lies in."""
    folder = box.home / "copies"
    folder.mkdir()
    vault = opened(box)
    try:
        order = MakeOrder(
            data=box.config.data,
            stamp=STAMP,
            version=__version__,
            recovery=vault.age_recipient(),
            drill=vault.drill_identity()[1],
            public_key=vault.checkpoint_public_key().hex(),
            targets=(str(folder),),
        )
        make(order, lambda text: vault.sign_document(text.encode()).hex(), _quiet)
    finally:
        vault.close()
    return folder


def opened(box: TrialBox) -> Vault:
    """The box's keys, by the paper."""
    vault = Vault.load(box.config.data)
    vault.unlock_with_code(box.papers.recovery_code)
    return vault


def copy_trial(box: TrialBox, rng: random.Random) -> Callable[[], str]:
    """Damage of one file of a copy; what passes the checks is told."""
    folder = copied(box)
    vault = opened(box)
    public = vault.checkpoint_public_key()
    vault.close()
    identity = Vault.recovery_identity(box.papers.recovery_code).age_identity
    sound = find([folder])
    paths = {kind: sound.part(kind) or sound.path for kind in SHARES}
    bodies = {kind: path.read_bytes() for kind, path in paths.items()}
    passed = _checked(folder, public, identity, None)
    if passed:
        raise SystemExit(f"mutate: the sound copy is refused: {passed}")
    print(f"copy: {sum(map(len, bodies.values()))} bytes in {len(bodies)} files")

    def trial() -> str:
        kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
        new = other_bytes(bodies[kind], rng) if bodies[kind] else rng.randbytes(rng.randint(1, 80))
        paths[kind].write_bytes(new)
        try:
            refused = _checked(folder, public, identity, kind)
        finally:
            paths[kind].write_bytes(bodies[kind])
        return "" if refused else f"{kind}: {len(bodies[kind])} bytes became {len(new)}"

    return trial


def _checked(folder: Path, public: bytes, identity: str, kind: str | None) -> str:
    """The code of the refusal, by the label and, for a container, by the container alone too.

    `kind` is what was damaged; None: nothing.
    """
    try:
        copy = find([folder])
        must_be_signed(read(copy.path.read_bytes(), Label)[1], public, copy.path.name)
        for part in copy.label.files:
            copy.must_be(part)
    except HouseError as error:
        if kind in ("keys", "data"):
            return error.code if _container_refuses(folder, identity, kind) else ""
        return error.code
    return ""


def _container_refuses(folder: Path, identity: str, kind: str) -> bool:
    """Whether the container itself is refused, were the label not there to say so."""
    copy: Kept = find([folder])
    path = copy.part(kind)
    if path is None:
        return True
    try:
        unpack(path, identity, lambda _: None, _quiet, kind)
    except HouseError:
        return True
    return False
