"""`python -m updates …`: what install.sh and the update itself call; people have `korobka update`.

unpack FILE FOLDER KEYS    verify an update file and unpack it (standard library only)
build FOLDER RELEASE       a release out of what was unpacked (standard library only)
adopt PREFIX RELEASE       bring a release that lies ready into use
inside VERB DATA JSON      see `updates.inside`
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from updates import bundle, ed25519
from updates.building import CannotBuild, base_python, build
from updates.signed_tar import BadBundle


def _unpack(words: Sequence[str]) -> int:
    file, folder, keys = (Path(word) for word in words)
    try:
        known = bundle.read_keys(keys)
        manifest = bundle.unpack(file, known, ed25519.verify, folder)
    except BadBundle as error:
        print(f"{error.code} {error.part}", file=sys.stderr)  # noqa: T201 - for install.sh
        return 1
    except OSError as error:
        print(f"disk_refused {error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    minor = ".".join(str(one) for one in sys.version_info[:2])
    fits = minor in manifest.pythons
    print(manifest.version, "yes" if fits else "no", " ".join(manifest.pythons))  # noqa: T201
    return 0


def _build(words: Sequence[str]) -> int:
    staging, release = (Path(word) for word in words)
    try:
        build(staging, release, base_python())
    except (CannotBuild, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _adopt(words: Sequence[str]) -> int:
    from updates.cli import adopt  # noqa: PLC0415 - the rest of the product is there only now

    return adopt(Path(words[0]), words[1])


def _inside(words: Sequence[str]) -> int:
    from appliance.errors import HouseError  # noqa: PLC0415 - as above
    from updates import inside  # noqa: PLC0415

    verb, data, more = words
    try:
        answer = inside.run(verb, Path(data), json.loads(more))
    except HouseError as error:
        print(json.dumps({"code": error.code, "params": dict(error.params)}))  # noqa: T201
        return 1
    print(json.dumps(dict(answer)))  # noqa: T201
    return 0


VERBS: dict[str, Callable[[Sequence[str]], int]] = {
    "unpack": _unpack,
    "build": _build,
    "adopt": _adopt,
    "inside": _inside,
}

if __name__ == "__main__":
    sys.exit(VERBS[sys.argv[1]](sys.argv[2:]))
