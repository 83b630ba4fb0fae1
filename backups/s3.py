"""A place in an object store that speaks S3: a bucket of a provider's, or of the firm's own.

An object is there whole or not at all, so nothing is written aside. A bucket that keeps versions
deletes nothing by a plain delete: every version of a name is deleted, and looked for afterwards.
"""

import io
import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import certifi
import urllib3
from minio import Minio
from minio.error import MinioException, S3Error, ServerError

from appliance.errors import Damaged, Unavailable
from backups import disk
from backups.buckets import Bucket
from backups.records import Part

PATIENCE_SECONDS: Final = 30
PART: Final = 16 << 20
"""Bytes of one piece of a large object; each is held in memory while it goes (S3 allows 10 000
pieces of 5 MiB and more, so 160 GB of a copy fit)."""

PROBE: Final = "korobka-probe.txt"

REFUSED: Final = {
    *("AccessDenied", "AllAccessDisabled", "AccountProblem", "InvalidAccessKeyId"),
    *("SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "MethodNotAllowed"),
}
FULL: Final = {
    *("QuotaExceeded", "ServiceQuotaExceeded", "XMinioAdminBucketQuotaExceeded"),
    *("XMinioStorageFull", "InsufficientStorage", "EntityTooLarge", "NotEnoughSpace"),
}
SKEWED: Final = {"RequestTimeTooSkewed", "RequestExpired"}
ABSENT: Final = {"NoSuchKey", "NoSuchObject", "ResourceNotFound"}
UNKNOWN: Final = {"NotImplemented", "MethodNotAllowed", "ObjectLockConfigurationNotFoundError"}
"""Answers of stores that know neither versions nor locks."""


class S3Store:
    """One account's folder in one bucket."""

    def __init__(self, name: str, bucket: Bucket, secret: str, *, forgets: bool) -> None:
        self._name, self._bucket, self._forgets = name, bucket, forgets
        self._versions: bool | None = None
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=PATIENCE_SECONDS, read=PATIENCE_SECONDS),
            retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=[502, 503, 504]),
            ssl_context=_trusted(),
        )
        self._client = Minio(
            bucket.endpoint,
            access_key=bucket.key_id,
            secret_key=secret,
            secure=bucket.secure,
            region=bucket.region,
            http_client=self._http,
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def forgets(self) -> bool:
        return self._forgets

    def check(self, mark: str, *, known: bool) -> None:
        with self._said():
            if self._is_there(mark):
                return
            if known:
                raise Unavailable("backup_target_lost", path=self._name)
            if self._forgets:
                self._must_delete()
            self._put(mark, b"Korobka keeps copies here. Do not delete this file.\n")

    def listing(self, folder: str = "") -> Mapping[str, int]:
        prefix = self._at(f"{folder}/" if folder else "")
        with self._said():
            found = self._client.list_objects(
                self._bucket.name, prefix=prefix, recursive=bool(folder)
            )
            start = len(self._at(""))
            return {
                str(one.object_name)[start:]: one.size or 0
                for one in found
                if not one.is_dir and one.object_name
            }

    def read(self, name: str) -> bytes:
        with self._said():
            return b"".join(self._chunks(name))

    def bring(self, name: str, cache: Path) -> Path:
        path = cache / name
        if path.is_file():
            return path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_name(f"{path.name}{disk.UNFINISHED}")
        with self._said(), aside.open("wb") as out:
            for chunk in self._chunks(name):
                out.write(chunk)
        aside.rename(path)
        return path

    def write(self, name: str, source: Path | bytes, told: disk.Told) -> None:
        with self._said():
            if isinstance(source, bytes):
                self._put(name, source)
                return
            size = source.stat().st_size
            with source.open("rb") as file:
                self._client.put_object(
                    self._bucket.name,
                    self._at(name),
                    cast("BinaryIO", _Told(file, told)),
                    size,
                    part_size=PART,
                    num_parallel_uploads=1,
                )

    def hashed(self, name: str, told: disk.Told) -> Part:
        digest, size = sha256(), 0
        with self._said():
            for chunk in self._chunks(name):
                digest.update(chunk)
                size += len(chunk)
                told(size)
        return Part(name, size, digest.hexdigest())

    def remove(self, name: str, *, erase: bool = False) -> None:
        """Delete every version; an object cannot be overwritten in place, so `erase` looks again.

        Raises:
            Damaged: `backup_keys_stay`: a version is held.
        """
        with self._said():
            if not self._keeps_versions():
                self._client.remove_object(self._bucket.name, self._at(name))
                return
            for version in self._versions_of(name):
                self._client.remove_object(self._bucket.name, self._at(name), version)
            if erase and self._versions_of(name):
                raise Damaged("backup_keys_stay")

    def settle(self) -> None:
        """The protocol has no call for it; what was deleted is looked for by who must know."""

    def close(self) -> None:
        self._http.clear()

    def _at(self, name: str) -> str:
        return f"{self._bucket.folder}/{name}" if self._bucket.folder else name

    def _is_there(self, name: str) -> bool:
        # Asked by a listing: a refusal of HEAD has no body that could say why.
        place = self._at(name)
        found = self._client.list_objects(self._bucket.name, prefix=place)
        return any(one.object_name == place for one in found)

    def _put(self, name: str, body: bytes) -> None:
        self._client.put_object(self._bucket.name, self._at(name), io.BytesIO(body), len(body))

    def _chunks(self, name: str) -> Iterator[bytes]:
        answer: Any = self._client.get_object(self._bucket.name, self._at(name))
        try:
            yield from answer.stream(disk.CHUNK)
        finally:
            answer.close()
            answer.release_conn()

    def _keeps_versions(self) -> bool:
        if self._versions is None:
            try:
                known = self._client.get_bucket_versioning(self._bucket.name)
            except S3Error as error:
                if error.code not in UNKNOWN:
                    raise
                self._versions = False
            else:
                # "Suspended" keeps what was versioned before.
                self._versions = bool(known.status and known.status != "Off")
        return self._versions

    def _versions_of(self, name: str) -> list[str]:
        place = self._at(name)
        found = self._client.list_objects(
            self._bucket.name, prefix=place, recursive=True, include_version=True
        )
        return [one.version_id for one in found if one.object_name == place and one.version_id]

    def _must_delete(self) -> None:
        """Key sets have to be forgotten here: prove that this account can, before any comes.

        Raises:
            Unavailable: `backup_target_keeps`: a lock of the bucket or the account's rights.
        """
        try:
            locked = self._client.get_object_lock_config(self._bucket.name)
            held = bool(locked.mode)
        except S3Error as error:
            # Who may not read the setting still finds out by deleting.
            held = False
            if error.code not in UNKNOWN | REFUSED | ABSENT and error.code != "NoSuchConfiguration":
                raise
        if held:
            raise Unavailable("backup_target_keeps", path=self._name)
        self._put(PROBE, b"Korobka sees whether it can delete here.\n")
        try:
            self.remove(PROBE, erase=True)
            if self._is_there(PROBE):
                raise Damaged("backup_keys_stay")
        except (Damaged, Unavailable) as error:
            raise Unavailable("backup_target_keeps", path=self._name) from error

    @contextmanager
    def _said(self) -> Generator[None]:
        """A store's refusal in the house's words."""
        try:
            yield
        except S3Error as error:
            raise Unavailable(_code(str(error.code)), str(error.code), path=self._name) from error
        except ServerError as error:
            full = error.status_code == 507
            code = "backup_target_full" if full else "backup_target_lost"
            raise Unavailable(code, type(error).__name__, path=self._name) from error
        except (
            MinioException,
            urllib3.exceptions.HTTPError,
            OSError,
        ) as error:
            cause = getattr(error, "reason", None) or error
            untrusted = isinstance(cause, urllib3.exceptions.SSLError | ssl.SSLError)
            code = "backup_target_untrusted" if untrusted else "backup_target_lost"
            raise Unavailable(code, type(error).__name__, path=self._name) from error


class _Told:
    """A file that says how much of it was taken."""

    def __init__(self, file: io.BufferedReader, told: disk.Told) -> None:
        self._file, self._told, self._done = file, told, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        body = self._file.read(size)
        self._done += len(body)
        self._told(self._done)
        return body


def _code(said: str) -> str:
    if said in SKEWED:
        return "backup_target_clock"
    if said in FULL:
        return "backup_target_full"
    return "backup_target_refused" if said in REFUSED else "backup_target_lost"


def _trusted() -> ssl.SSLContext:
    """What the system trusts, a firm's own authority among it, and the public ones."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
