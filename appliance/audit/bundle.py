"""What an outsider is handed: the log, the verifier, the anchors, and how to go about it."""

import os
import zipfile
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from appliance.audit import export, verify
from appliance.errors import Unavailable

FOLDER: Final = "korobka-audit"

GUIDE: Final = """\
Проверка журнала коробки. Установки и доступа к коробке она не требует.

1. Поставьте Python 3.11 или новее и библиотеку: pip install cryptography
2. Положите в эту папку отпечатки, которые хранили вы сами: текст письма в файле .txt,
   файл korobka-….anchors.txt с диска для копий, текст квадратного кода с листка. Отпечатки
   в anchors.txt выдала сама коробка; свои надёжнее.
3. Выполните в этой папке:

   python verify.py log.jsonl --public-key public.txt --anchor anchors.txt{lost}

   Для каждого своего файла допишите --anchor ФАЙЛ.
4. Код завершения 0 и строка OK: журнал цел. «trusted up to size N» говорит, до какой записи
   это подтверждает отпечаток. Код 1 и строка FAIL называют первое испорченное место.

How to check the log of the box, in English.

1. Have Python 3.11 or newer, and: pip install cryptography
2. Put the anchors that you kept yourself into this folder: the text of a letter in a .txt, the
   file korobka-….anchors.txt of the disk for backups, the text of a printed square code. Those in
   anchors.txt were given by the box itself; your own are better evidence.
3. Run the line above in this folder, with --anchor FILE once more for each file of yours.
4. Exit code 0 and OK: the log is whole, and «trusted up to size N» says up to which entry an
   anchor vouches for it. Exit code 1 and FAIL name the first bad place.
"""


class Extras(NamedTuple):
    """What goes with the log; keys as hex, notes as signed."""

    public_key: str = ""
    anchors: Sequence[str] = ()
    lost: Sequence[str] = ()


def write(
    log: Path, out: Path, extras: Extras, told: Callable[[int, int], object] | None = None
) -> int:
    """Write the archive beside its place and put it there whole.

    Args:
        log: `audit.db`, may be in use.
        out: a .zip that must not exist.
        extras: what goes with it.
        told: entries written, of how many.

    Returns:
        Number of entries.

    Raises:
        Unavailable: `export_unwritable`.
    """
    beside = out.with_name(f".{out.name}.part")
    try:
        with beside.open("xb") as file:
            beside.chmod(0o600)
            count = _fill(file, log, extras, told)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, out)  # unlike a rename it never takes another file's place
    except OSError as error:
        raise Unavailable("export_unwritable", type(error).__name__, path=str(out)) from error
    finally:
        beside.unlink(missing_ok=True)
    return count


def _fill(
    file: BinaryIO, log: Path, extras: Extras, told: Callable[[int, int], object] | None
) -> int:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        lost = " --lost lost.txt" if extras.lost else ""
        small = {
            "README.txt": GUIDE.replace("{lost}", lost),
            "verify.py": Path(verify.__file__).read_text(encoding="utf-8"),
            "public.txt": f"{extras.public_key}\n",
            "anchors.txt": "\n".join(extras.anchors),
        }
        if extras.lost:
            small["lost.txt"] = "\n".join(extras.lost)
        for name, text in small.items():
            if text.strip():
                made.writestr(f"{FOLDER}/{name}", text)
        inside = made.open(f"{FOLDER}/log.jsonl", "w", force_zip64=True)
        with TextIOWrapper(inside, encoding="utf-8", newline="\n") as text:
            return export.export_log(log, text, told)
