"""What stands beside and inside a copy: manifest, label, and the signature over each."""

from pathlib import Path
from typing import Final, TypeVar

import msgspec

from appliance.errors import Damaged
from appliance.vault.signatures import is_signed

FORMAT: Final = 1
LABEL_END: Final = ".label.json"
T = TypeVar("T")


class Part(msgspec.Struct, frozen=True):
    """A file inside a container, as it lies there: bytes and SHA-256 in hex."""

    name: str
    size: int
    sha256: str


class Erased(msgspec.Struct, frozen=True):
    """A line of the erasure ledger: ids, a word for programs, Unix milliseconds."""

    subject: str
    reason: str
    requested_by: str
    approved_by: str | None
    done_at: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a container has to hold; its last member, signed.

    Attributes:
        kind: `data` or `keys`.
        stamp: the copy's name in time, `20260131T235900Z`.
        version, schema: of the program; number of the last migration of main.db.
        rows: rows of each table of main.db, audit.db's under `audit.`, evidence.db's likewise.
        epochs: newest epoch of each key of the ring.
        audit_size, audit_root: events in the copy of the log, hash of their tree in hex.
        ledger: everybody destroyed until then.
        parts: all other members.
        pages: of a step of the continuous protection: database → bytes of a page, pages, hash of
            all of them together.
    """

    format: int = FORMAT
    kind: str
    box: str
    stamp: str
    version: str
    schema: int = 0
    engine: str = "sqlite"
    sqlite: str = ""
    rows: dict[str, int] = {}
    epochs: dict[str, int] = {}
    audit_size: int = 0
    audit_root: str = ""
    ledger: tuple[Erased, ...] = ()
    parts: tuple[Part, ...] = ()
    pages: dict[str, tuple[int, int, str]] = {}


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy tells without a key: enough to list it and to hash it.

    Attributes:
        recipient: to whose recovery identity it is encrypted.
        public_key: Ed25519 key of the box in hex; believed only when keys.db says the same.
        files: the containers and the list of attachments.
        attachments: how many attachments belong to it.
    """

    format: int = FORMAT
    box: str
    stamp: str
    version: str
    schema: int
    recipient: str
    public_key: str
    audit_size: int
    audit_root: str
    erased: int
    files: tuple[Part, ...]
    attachments: int = 0

    @property
    def size(self) -> int:
        """Bytes of the containers."""
        return sum(one.size for one in self.files)

    def file(self, kind: str) -> Part | None:
        """The container of a kind (`data`, `keys`, `files`), if the copy has one."""
        return next((one for one in self.files if f".{kind}." in one.name), None)


class _Signed(msgspec.Struct, frozen=True):
    record: str
    signature: str


def written(record: Manifest | Label) -> str:
    """The text that is signed; it begins with a brace."""
    return msgspec.json.encode(record).decode()


def signed(record: str, signature: str) -> bytes:
    """Text and signature as one file."""
    return msgspec.json.encode(_Signed(record, signature)) + b"\n"


def read(data: bytes, kind: type[T]) -> tuple[T, _Signed]:
    """Read a signed record; its signature is judged by `must_be_signed`.

    Raises:
        Damaged: `backup_newer` (a format of a later release), `backup_damaged`.
    """
    try:
        found = msgspec.json.decode(data, type=_Signed)
        if signed(found.record, found.signature) != data:
            raise Damaged("backup_damaged", part="label")  # one way to write it, and no other
        head = msgspec.json.decode(found.record, type=dict[str, object])
        if isinstance(number := head.get("format"), int) and number > FORMAT:
            raise Damaged("backup_newer", found=str(head.get("version", number)))
        return msgspec.json.decode(found.record, type=kind), found
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damaged("backup_damaged", part="label") from error


def read_label(path: Path) -> Label:
    """The label of a copy, as it stands; errors as in `read`."""
    return read(path.read_bytes(), Label)[0]


def must_be_signed(found: _Signed, public_key: bytes, part: str) -> None:
    """Refuse a record that the box did not sign.

    Raises:
        Damaged: `backup_damaged` with the name of the part.
    """
    try:
        signature = bytes.fromhex(found.signature)
    except ValueError:
        signature = b""
    sound = signature.hex() == found.signature
    if not sound or not is_signed(public_key, found.record.encode(), signature):
        raise Damaged("backup_damaged", part=part)
