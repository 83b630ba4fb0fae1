"""Files that the box hands out, onto the disk of whoever asked; loads nothing heavy."""

import os
from base64 import b64decode
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from appliance.errors import HouseError


def save_act(number: int, archive: str, place: str) -> list[str]:
    """Unpack an act into a folder of its own, for its owner only; paths of the files.

    Args:
        number: of the act.
        archive: ZIP in base64.
        place: path of the folder where `act-<number>` is made.

    Raises:
        HouseError: `file_unwritable`.
    """
    folder = Path(place).expanduser() / f"act-{number}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ZipFile(BytesIO(b64decode(archive))) as packed:
            for name in packed.namelist():
                path = folder / Path(name).name
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(packed.read(name))
    except OSError as error:
        raise HouseError("file_unwritable", path=str(folder)) from error
    return sorted(str(path) for path in folder.iterdir())


def save_pack(body: str, place: str, name: str = "pack") -> str:
    """Write a pack into a folder, for its owner only; the file's path.

    Args:
        body: ZIP in base64.
        place: path of a folder; made where it is not there.
        name: of what is in it.

    Raises:
        HouseError: `file_unwritable`.
    """
    folder = Path(place).expanduser()
    path = folder / f"korobka-{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(b64decode(body))
    except OSError as error:
        raise HouseError("file_unwritable", path=str(path)) from error
    return str(path)
