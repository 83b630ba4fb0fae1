"""Damage of an exported log, as somebody does who holds the file and not the keys."""

import random
from collections.abc import Callable
from pathlib import Path

from appliance.audit.export import export_log
from appliance.audit.verify import Trust, verify


def export_trial(log: Path, folder: Path, trust: Trust, rng: random.Random) -> Callable[[], str]:
    """A trial on an export of this log; who checks it has the public key and anchors only.

    Args:
        log: a sound `audit.db`.
        folder: for the files.
        trust: of the owner; its start keys are left out.
        rng: decides the damage.
    """
    sound, path = folder / "sound.jsonl", folder / "damaged.jsonl"
    with sound.open("w", encoding="utf-8") as out:
        export_log(log, out)
    body = sound.read_bytes()
    stranger = Trust(public_key=trust.public_key, anchors=trust.anchors)
    whole = verify(sound, stranger)
    if not whole.ok:
        raise SystemExit(f"mutate: the sound export does not verify: {whole.reason}")
    print(f"export: {len(body) >> 10} KB, trusted up to {whole.trusted} of {whole.size}")

    def trial() -> str:
        damaged, done = _damaged(body, rng)
        path.write_bytes(damaged)
        report = verify(path, stranger)
        return "" if not report.ok and report.place else done

    return trial


def _damaged(body: bytes, rng: random.Random) -> tuple[bytes, str]:
    """One change, and what it was."""
    kind = rng.choice(("byte", "byte", "byte", "gone", "new", "line gone", "lines turned", "tail"))
    place = rng.randrange(len(body))
    lines = body.splitlines(keepends=True)
    at = rng.randrange(len(lines) - 1)
    if kind == "byte":
        changed = bytes([body[place] ^ (1 << rng.randrange(8))])
        return body[:place] + changed + body[place + 1 :], f"byte {place}"
    if kind == "gone":
        return body[:place] + body[place + 1 :], f"byte {place} gone"
    if kind == "new":
        more = bytes([rng.randrange(256)])
        return body[:place] + more + body[place:], f"a byte before {place}"
    if kind == "line gone":
        return b"".join(lines[:at] + lines[at + 1 :]), f"line {at + 1} gone"
    if kind == "lines turned":
        turned = [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]
        return b"".join(turned), f"lines {at + 1} and {at + 2} turned"
    return b"".join(lines[: at + 1]), f"tail cut after line {at + 1}"
