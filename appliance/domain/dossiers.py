"""A dossier as a file: a ZIP of a record, its signature and the key that checks it."""

import zipfile
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO

_ED25519 = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes in a SubjectPublicKeyInfo (RFC 8410, section 4)."""


def pem_of(public_key: bytes) -> bytes:
    """An Ed25519 public key as OpenSSL reads it."""
    coded = b64encode(_ED25519 + public_key).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{coded}\n-----END PUBLIC KEY-----\n".encode()


def pack(files: Mapping[str, bytes], at: datetime) -> bytes:
    """A ZIP of a few small files, all of one moment."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name, at.timetuple()[:6]), body)
    return out.getvalue()
