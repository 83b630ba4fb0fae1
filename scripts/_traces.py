"""Looks for invented people in files, in every spelling that a careless program would leave."""

import base64
import json
import mmap
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

ENCODINGS = ("utf-8", "cp1251", "utf-16-le", "utf-16-be")


def phone_spellings(digits: str) -> list[str]:
    """Ways to write a phone, given as `79135554721`."""
    area, one, two, three = digits[1:4], digits[4:7], digits[7:9], digits[9:11]
    local = f"{one}-{two}-{three}"
    return [
        digits, digits[1:], f"8{digits[1:]}", f"({area}) {local}", f"{area} {local}",
        f"{area}-{local}", f"{area} {one} {two} {three}", local, f"{one}{two}{three}",
    ]  # fmt: skip


def patterns(texts: Iterable[str]) -> dict[bytes, str]:
    """Byte patterns → what they stand for; base64 in all three alignments, hex in both cases."""
    found: dict[bytes, str] = {}
    for text in texts:
        for variant in dict.fromkeys((text, text.lower(), text.upper())):
            for encoding in ENCODINGS:
                raw = variant.encode(encoding, "ignore")
                found[raw] = f"{text} as {encoding}"
                found[raw.hex().encode()] = found[raw.hex().upper().encode()] = f"{text} as hex"
                for part in _base64(raw):
                    found[part] = f"{text} as base64 of {encoding}"
            found[json.dumps(variant).strip('"').encode()] = f"{text} as JSON"
            found[quote(variant).encode()] = f"{text} in an address"
    # Anything shorter turns up by chance in encrypted bytes.
    return {pattern: meaning for pattern, meaning in found.items() if len(pattern) >= 7}


def _base64(raw: bytes) -> list[bytes]:
    """What is common to every base64 text in which the bytes stand at some place."""
    parts: list[bytes] = []
    for before in range(3):
        whole = base64.b64encode(b"\x00" * before + raw)
        skipped = (0, 2, 3)[before]  # letters that also hold bits of what stands before
        usable = (8 * (before + len(raw))) // 6  # full letters, before what stands behind
        parts.append(whole[skipped + (before > 0) : usable])
    return parts


def search(places: Sequence[Path], texts: Sequence[str]) -> tuple[list[str], int]:
    """Look through every file under the places; return what was found and how much was read."""
    wanted, problems, read = patterns(texts), list[str](), 0
    for path in (one for place in places for one in sorted(place.rglob("*"))):
        if not path.is_file() or not path.stat().st_size:
            continue
        read += path.stat().st_size
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            problems += [
                f"{path}: {meaning}"
                for pattern, meaning in wanted.items()
                if data.find(pattern) >= 0
            ]
    return problems, read


def grep(places: Sequence[Path], texts: Sequence[str]) -> list[str]:
    """The same question put to `grep -a`, which knows nothing of this program."""
    asked = [option for text in texts for option in ("-e", text)]
    done = subprocess.run(
        ["grep", "-a", "-r", "-l", "-i", "-F", *asked, *places],
        capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    if done.returncode not in {0, 1}:
        return [f"grep: {done.stderr.strip()}"]
    return [f"grep found a name in {line}" for line in done.stdout.splitlines()]
