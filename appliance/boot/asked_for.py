"""Refuses what a person asked for in the first run, by the field it stands in."""

import socket
from collections.abc import Mapping
from pathlib import Path

from appliance.domain.setup import Reach, Way
from appliance.errors import Invalid
from appliance.vault import certificates


class at_field:  # noqa: N801 - reads as a phrase: with at_field("hosts")
    """Says of a refusal which field it is about."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Invalid) and not error.fields:
            raise Invalid(
                error.code, "", fields={self._name: error.code}, **error.params
            ) from error


def refuse_address(listen: str, port: int) -> None:
    """Refuse what is no address or port at all.

    Raises:
        Invalid: by field: `address_wrong`, `port_wrong`.
    """
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in listen else socket.AF_INET, listen)
    except OSError as error:
        raise Invalid(fields={"listen": "address_wrong"}) from error
    if not 1 <= port <= 65535:
        raise Invalid(fields={"port": "port_wrong"})


def refuse_reach(asked: Reach) -> None:
    """Refuse names that cannot stand in a certificate, and ports that are none.

    Raises:
        Invalid: by field: `tls_name`, `port_wrong`.
    """
    problems = {
        "name": "" if certificates.is_host(asked.name) else "tls_name",
        "port": "" if 1 <= asked.port <= 65535 else "port_wrong",
    }
    if asked.way is Way.TUNNEL:
        problems["server"] = "" if _is_server(asked.server) else "tls_name"
    found = {name: code for name, code in problems.items() if code}
    if found:
        raise Invalid(next(iter(found.values())), fields=found)


def _is_server(text: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET, text)
    except OSError:
        return certificates.is_host(text)
    return True


def absolute(text: str, field: str) -> Path:
    """A folder of the box's own machine.

    Raises:
        Invalid: `path_relative` at that field.
    """
    path = Path(text.strip())
    if not path.is_absolute():
        raise Invalid(fields={field: "path_relative"})
    return path


def write(place: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder; each beside and renamed."""
    try:
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
        for name, body in files.items():
            beside = place / f".{name}.new"
            beside.write_bytes(body)
            beside.replace(place / name)
    except OSError as error:
        raise Invalid(fields={"folder": "folder_unwritable"}, path=str(place)) from error
