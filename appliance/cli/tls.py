"""The verbs around certificates: what a door shows, and one that the firm brought."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from appliance.boot import tls
from appliance.cli.answers import Common, about
from appliance.cli.texts import translate
from appliance.errors import HouseError

DEFAULTS = Common()


@Parameter(name="*")
@dataclass(frozen=True)
class Which:
    """Which door."""

    outer: Annotated[bool, about("о внешней двери", negative=())] = False


WHICH = Which()


def show(*, which: Which = WHICH, common: Common = DEFAULTS) -> None:
    """Name the certificate that the door serves from its next start on."""
    common.answer(_facts(tls.show(common.load(), outer=which.outer)))


def adopt(
    *,
    cert: Annotated[Path, about("PEM: сертификат, за ним промежуточные; «-» — стандартный ввод")],
    key: Annotated[Path, about("PEM: ключ без пароля; «-» — стандартный ввод")],
    which: Which = WHICH,
    common: Common = DEFAULTS,
) -> None:
    """Serve a certificate that the firm brought; a wrong one changes nothing."""
    config = common.load()
    taken = tls.adopt(config, _read(cert), _read(key), datetime.now(UTC), outer=which.outer)
    told = translate("Сертификат принят. Перезапустите коробку, чтобы она его показала.")
    common.answer(_facts(taken), told)


def _facts(one: tls.Certificate) -> dict[str, object]:
    return {
        "names": [*one.names.dns, *one.names.addresses],
        "until": one.expires_at.isoformat(),
        "own": one.is_own,
        "fingerprint": one.fingerprint,
    }


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise HouseError("file_unreadable", path=str(path)) from error
