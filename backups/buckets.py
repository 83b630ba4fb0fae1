"""How a place in an object store is spelled, and where its secret key lies.

s3://KEYID@storage.example.ru/bucket/folder?region=ru-1     over TLS
s3+http://KEYID@192.168.1.5:9000/bucket                     in the office's own network

The copies are encrypted before they leave; the plain way is for stores that have no certificate.
"""

import getpass
import ipaddress
import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from appliance.cli.texts import translate
from appliance.errors import Denied, HouseError, Invalid
from backups import disk

S3: Final = "s3://"
S3_PLAIN: Final = "s3+http://"
REGION: Final = "us-east-1"
"""What stores that know no regions sign by."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ID: Final = re.compile(r"[\w+/=.-]{3,128}", re.ASCII)
_REGION: Final = re.compile(r"[a-z0-9-]{1,40}")


class Bucket(NamedTuple):
    """An account's folder in a bucket.

    Attributes:
        endpoint: host, and port where it is not the usual one.
        folder: without slashes around it; empty: the bucket itself.
    """

    key_id: str
    endpoint: str
    secure: bool
    region: str
    name: str
    folder: str


def is_bucket(text: str) -> bool:
    """Whether a spelling names a place in an object store."""
    return text.startswith((S3, S3_PLAIN))


def bucket_of(text: str) -> Bucket:
    """Read an `s3://` address.

    Raises:
        Invalid: `backup_target_spelling`; the secret key stands in no address.
    """
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname or ""
    except ValueError as error:
        raise Invalid("backup_target_spelling", path=text) from error
    if parts.password is not None:  # not told back: it would be in the log of commands
        raise Invalid("backup_target_secret")
    name, _, folder = unquote(parts.path).strip("/").partition("/")
    key_id, secure = unquote(parts.username or ""), parts.scheme == "s3"
    region = parse_qs(parts.query).get("region", [REGION])[0]
    good = (
        (host, _NAME.fullmatch(name), _ID.fullmatch(key_id), _REGION.fullmatch(region))
        if secure or _is_near(host)
        else ()
    )
    if not good or not all(good) or parts.fragment:
        raise Invalid("backup_target_spelling", path=text)
    endpoint = f"[{host}]" if ":" in host else host
    return Bucket(
        key_id, f"{endpoint}:{port}" if port else endpoint, secure, region, name, folder.strip("/")
    )


def _is_near(host: str) -> bool:
    """Whether an address is of the office's own network."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def secret_file(home: Path, bucket: Bucket) -> Path:
    """Where the secret of a key lies: with the box's SSH key, and like it in no copy."""
    known = f"{bucket.endpoint} {bucket.key_id}"
    return home / f"s3-{sha256(known.encode()).hexdigest()[:16]}.secret"


def secret_of(home: Path, bucket: Bucket, name: str) -> str:
    """The secret that was kept.

    Raises:
        Denied: `backup_target_secret_none`.
    """
    try:
        return secret_file(home, bucket).read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise Denied("backup_target_secret_none", path=name) from error


def keep_secret(home: Path, bucket: Bucket, secret: str) -> None:
    """Keep it, readable to the box alone."""
    disk.write(secret_file(home, bucket), f"{secret}\n".encode())


def read_secret(path: Path | None) -> str:
    """The secret of a key from a file, from standard input (`-`), or asked for."""
    if path is None:
        return getpass.getpass(f"{translate('Секретный ключ хранилища')}: ").strip()
    if str(path) == "-":
        return sys.stdin.readline().strip()
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise HouseError("file_unreadable", path=str(path)) from error
