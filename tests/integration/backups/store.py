"""An object store of this test: checks each signature (AWS Signature V4), keeps versions."""

import hashlib
import hmac
import re
import ssl
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

KEY_ID, SECRET, REGION, BUCKET = "KOROBKA01", "тайна/ключа+хранилища", "ru-1", "copies"
XML = '<?xml version="1.0" encoding="UTF-8"?>'
SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class Refused(Exception):
    """An answer that S3 would refuse with."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Version:
    """A body by a name; None: a mark that it was deleted."""

    def __init__(self, number: int, body: bytes | None) -> None:
        self.id, self.body = f"v{number:08}", body


class Store:
    """Buckets of one, with the bad days of a store."""

    def __init__(
        self,
        *,
        versioned: bool = False,
        locked: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.versioned, self.locked = versioned or locked, locked
        self.objects: dict[str, list[Version]] = {}
        self.uploads: dict[str, tuple[str, dict[int, bytes]]] = {}
        self.room: int | None = None
        self.cut = False
        self.wrong_clock = timedelta(0)
        self.may_delete = True
        self.count = 0
        self.lock = threading.Lock()
        store = self

        class Desk(_Desk):
            house = store

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        self.secure = tls is not None
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def address(self, key_id: str = KEY_ID) -> str:
        scheme = "s3" if self.secure else "s3+http"
        return f"{scheme}://{key_id}@{self.host}/{BUCKET}/box?region={REGION}"

    def names(self) -> dict[str, int]:
        """What a listing shows."""
        return {
            name: len(kept[-1].body)
            for name, kept in sorted(self.objects.items())
            if kept and kept[-1].body is not None
        }

    def put(self, name: str, body: bytes | None) -> None:
        self.count += 1
        kept = self.objects.setdefault(name, [])
        if not self.versioned:
            kept.clear()
        if body is not None or self.versioned:
            kept.append(Version(self.count, body))


class _Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    house: Store

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Nobody reads it."""

    def do_GET(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        split = urlsplit(self.path)
        query = dict(parse_qsl(split.query, keep_blank_values=True))
        bucket, _, name = unquote(split.path).lstrip("/").partition("/")
        with self.house.lock:
            try:
                self._must_be_signed(split.path, split.query, body)
                if bucket != BUCKET:
                    raise Refused(404, "NoSuchBucket")
                self._answered(name, query, body)
            except Refused as refused:
                text = f"{XML}<Error><Code>{refused.code}</Code><Message>no</Message></Error>"
                self._say(refused.status, text.encode())

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        if "Content_Type" not in headers:
            self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _must_be_signed(self, path: str, query: str, body: bytes) -> None:
        """By the published description of Signature Version 4, from the request as it came."""
        found = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request,\s*"
            r"SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})",
            self.headers.get("Authorization", ""),
        )
        if found is None:
            raise Refused(403, "AccessDenied")
        key_id, day, region, names, signature = found.groups()
        if key_id != KEY_ID:
            raise Refused(403, "InvalidAccessKeyId")
        moment = self.headers["x-amz-date"]
        said = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs(datetime.now(UTC) + self.house.wrong_clock - said) > timedelta(minutes=15):
            raise Refused(403, "RequestTimeTooSkewed")
        digest = self.headers["x-amz-content-sha256"]
        unsigned = self.house.secure and digest == "UNSIGNED-PAYLOAD"  # TLS stands for it
        if not unsigned and digest != hashlib.sha256(body).hexdigest():
            raise Refused(400, "XAmzContentSHA256Mismatch")
        pairs = sorted(
            (quote(key, safe="-_.~"), quote(value, safe="-_.~"))
            for key, value in parse_qsl(query, keep_blank_values=True)
        )
        canonical = "\n".join(
            (
                self.command,
                path,
                "&".join(f"{key}={value}" for key, value in pairs),
                *(f"{one}:{' '.join(self.headers[one].split())}" for one in names.split(";")),
                "",
                names,
                digest,
            )
        )
        scope = f"{day}/{region}/s3/aws4_request"
        told = hashlib.sha256(canonical.encode()).hexdigest()
        key = f"AWS4{SECRET}".encode()
        for piece in (day, region, "s3", "aws4_request"):
            key = hmac.digest(key, piece.encode(), "sha256")
        right = hmac.digest(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{told}".encode(), "sha256")
        if region != REGION or not hmac.compare_digest(right.hex(), signature):
            raise Refused(403, "SignatureDoesNotMatch")

    def _answered(self, name: str, query: dict[str, str], body: bytes) -> None:
        if not name and self.command == "GET":
            self._of_bucket(query)
        elif self.command == "PUT":
            self._taken(name, query, body)
        elif self.command == "POST":
            self._pieced(name, query)
        elif self.command == "DELETE":
            self._deleted(name, query)
        else:
            self._given(name)

    def _of_bucket(self, query: dict[str, str]) -> None:
        house = self.house
        if "versioning" in query:
            status = "<Status>Enabled</Status>" if house.versioned else ""
            text = f"<VersioningConfiguration {SPACE}>{status}</VersioningConfiguration>"
        elif "object-lock" in query:
            if not house.locked:
                raise Refused(404, "ObjectLockConfigurationNotFoundError")
            rule = "<Mode>COMPLIANCE</Mode><Days>30</Days>"
            text = (
                f"<ObjectLockConfiguration {SPACE}><ObjectLockEnabled>Enabled</ObjectLockEnabled>"
                f"<Rule><DefaultRetention>{rule}</DefaultRetention></Rule>"
                "</ObjectLockConfiguration>"
            )
        elif "versions" in query:
            text = self._versions(query.get("prefix", ""))
        else:
            text = self._listing(query.get("prefix", ""), query.get("delimiter", ""))
        self._say(200, (XML + text).encode())

    def _listing(self, prefix: str, delimiter: str) -> str:
        lines, folders = list[str](), set[str]()
        for name, size in self.house.names().items():
            rest = name.removeprefix(prefix)
            if not name.startswith(prefix):
                continue
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.split(delimiter)[0] + delimiter)
                continue
            lines.append(f"<Contents>{_entry(name, size)}</Contents>")
        lines += [
            f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in folders
        ]
        head = f"<Name>{BUCKET}</Name><IsTruncated>false</IsTruncated>"
        return f"<ListBucketResult {SPACE}>{head}{''.join(lines)}</ListBucketResult>"

    def _versions(self, prefix: str) -> str:
        lines = list[str]()
        for name, kept in self.house.objects.items():
            for one in kept if name.startswith(prefix) else ():
                tag = "DeleteMarker" if one.body is None else "Version"
                entry = _entry(name, len(one.body or b""))
                lines.append(f"<{tag}>{entry}<VersionId>{one.id}</VersionId></{tag}>")
        head = f"<Name>{BUCKET}</Name><IsTruncated>false</IsTruncated>"
        return f"<ListVersionsResult {SPACE}>{head}{''.join(lines)}</ListVersionsResult>"

    def _taken(self, name: str, query: dict[str, str], body: bytes) -> None:
        house = self.house
        if house.room is not None:
            house.room -= len(body)
            if house.room < 0 and house.cut:
                self.close_connection = True
                self.connection.close()
                return
            if house.room < 0:
                raise Refused(403, "QuotaExceeded")
        tag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        if "uploadId" in query:
            house.uploads[query["uploadId"]][1][int(query["partNumber"])] = body
        else:
            house.put(name, body)
        self._say(200, ETag=tag)

    def _pieced(self, name: str, query: dict[str, str]) -> None:
        house = self.house
        if "uploads" in query:
            house.count += 1
            upload = f"u{house.count}"
            house.uploads[upload] = (name, {})
            text = (
                f"<InitiateMultipartUploadResult {SPACE}><Bucket>{BUCKET}</Bucket>"
                f"<Key>{escape(name)}</Key><UploadId>{upload}</UploadId>"
                "</InitiateMultipartUploadResult>"
            )
        else:
            _, pieces = house.uploads.pop(query["uploadId"])
            house.put(name, b"".join(pieces[number] for number in sorted(pieces)))
            text = (
                f"<CompleteMultipartUploadResult {SPACE}><Bucket>{BUCKET}</Bucket>"
                f'<Key>{escape(name)}</Key><ETag>"whole"</ETag></CompleteMultipartUploadResult>'
            )
        self._say(200, (XML + text).encode())

    def _deleted(self, name: str, query: dict[str, str]) -> None:
        house = self.house
        if "uploadId" in query:
            house.uploads.pop(query["uploadId"], None)
        elif not house.may_delete or (house.locked and "versionId" in query):
            raise Refused(403, "AccessDenied")
        elif "versionId" in query:
            kept = house.objects.get(name, [])
            house.objects[name] = [one for one in kept if one.id != query["versionId"]]
        else:
            house.put(name, None)
        self._say(204)

    def _given(self, name: str) -> None:
        kept = self.house.objects.get(name, [])
        if not kept or kept[-1].body is None:
            raise Refused(404, "NoSuchKey")
        when = format_datetime(datetime.now(UTC), usegmt=True)
        self._say(200, kept[-1].body, Content_Type="binary/octet-stream", Last_Modified=when)


def _entry(name: str, size: int) -> str:
    return (
        f"<Key>{escape(name)}</Key><LastModified>2026-02-01T09:00:00.000Z</LastModified>"
        f"<ETag>&quot;x&quot;</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass>"
    )
