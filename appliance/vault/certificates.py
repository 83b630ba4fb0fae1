"""The box's own TLS: an authority of its own and short leaf certificates that renew offline.

One folder is one door: `ca.pem`, `ca.key` (sealed by the caller's guard), `tls.pem` (leaf, its
key and the authority in one file, so that replacing the pair is one rename). The staff door and
the outer door have folders, and so authorities, of their own: the name constraints of the one
never cover the names of the other.

A folder without `ca.pem` holds a certificate that the firm brought (`adopt`): it is served as it
is, watched, and never renewed from here.
"""

import hashlib
import ipaddress
import os
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.errors import Damaged, Invalid, NotFound

AUTHORITY_TERM = timedelta(
    days=20 * 365
)  # must outlive ten years: each change is a walk round all desks
LEAF_TERM = timedelta(days=90)  # security reference E: 90 days at most
RENEW_BEFORE = timedelta(days=30)  # a month to notice that renewal does not work
SKEW = timedelta(days=1)  # a desk whose clock is behind must not see a certificate from tomorrow

# Addresses that never leave a firm: RFC 1918, RFC 4193, RFC 3927, RFC 4291 (loopback, link-local).
PRIVATE_RANGES = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
)

# RFC 1123 labels in lower case; 253 characters in all (RFC 1035, 2.3.4).
_HOST = re.compile(r"(?=.{1,253}\Z)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class KeyGuard(Protocol):
    """Closes the authority's key at rest. In the house it is a purpose of the vault's keyring."""

    def close(self, secret: bytes) -> bytes: ...

    def open(self, closed: bytes) -> bytes: ...


@dataclass(frozen=True)
class Names:
    """What a door answers to.

    Attributes:
        dns: host names, lower case, ASCII (IDNA already applied).
        addresses: IP addresses in text.
    """

    dns: tuple[str, ...]
    addresses: tuple[str, ...] = ()

    def with_loopback(self) -> "Names":
        """Add the names under which the box reaches itself (health checks)."""
        return Names(
            tuple(dict.fromkeys((*self.dns, "localhost"))),
            tuple(dict.fromkeys((*self.addresses, "127.0.0.1", "::1"))),
        )


def names_of(hosts: Sequence[str], listen: str) -> Names:
    """Names for a door: its host names and the address by which the network reaches it.

    For a door on all addresses that is the one the machine would go out by; asking for it sends
    nothing. A machine without a network has the loopback names only.
    """
    address = ipaddress.ip_address(listen)
    if not address.is_unspecified:
        return Names(tuple(hosts), (listen,))
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    # Addresses kept for documentation (RFC 5737, RFC 3849): routed as any other, nobody's.
    outside = "192.0.2.1" if address.version == 4 else "2001:db8::1"
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((outside, 9))
        except OSError:
            return Names(tuple(hosts))
        return Names(tuple(hosts), (str(probe.getsockname()[0]),))


@dataclass(frozen=True)
class Certificate:
    """What a person needs to know about a door's certificate.

    Attributes:
        fingerprint: SHA-256 of the authority's (or the brought leaf's) DER, as `AB:CD:…`.
        expires_at: when the served leaf ends, aware UTC.
        is_own: signed by the box's own authority, so that the box renews it.
    """

    fingerprint: str
    expires_at: datetime
    is_own: bool
    names: Names


def create(folder: Path, names: Names, now: datetime, guard: KeyGuard) -> Certificate:
    """Make a door's authority and first leaf.

    Raises:
        Invalid: `tls_exists`, or `tls_name` for a name that cannot stand in a certificate.
    """
    if (folder / "ca.pem").exists():
        raise Invalid("tls_exists")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _found(folder, names, now, guard)


def _found(folder: Path, names: Names, now: datetime, guard: KeyGuard) -> Certificate:
    names = _checked(names.with_loopback())
    key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(key, names, now)
    _replace(folder / "ca.key", guard.close(_key_bytes(key)), 0o600)
    _issue(folder, authority, key, names, now)
    # Last, and so the mark that the folder is whole: a crash before it leaves nothing to refuse.
    _replace(folder / "ca.pem", authority.public_bytes(serialization.Encoding.PEM), 0o644)
    return inspect(folder)


def cover(folder: Path, names: Names, now: datetime, guard: KeyGuard) -> bool:
    """Have the door answer to these names, under a new authority where the old one may not.

    Whoever trusted the old authority has to trust the new one: for a first run, when hardly
    anybody does. Cut off half-way, the door is served as before or as wanted; repeat it.

    Returns:
        True for a new authority.

    Raises:
        Invalid: `tls_name`.
        NotFound: `tls_missing`.
    """
    _checked(names.with_loopback())
    try:
        leaf, authority = _load(folder / "tls.pem"), _load(folder / "ca.pem")
        leaf.verify_directly_issued_by(authority)
        renew_if_due(folder, now, guard, names)
    except (Damaged, ValueError, InvalidSignature):
        pass
    except Invalid as error:
        if error.code != "tls_name_outside":
            raise
    else:
        return False
    _found(folder, names, now, guard)
    return True


def renew_if_due(folder: Path, now: datetime, guard: KeyGuard, names: Names | None = None) -> bool:
    """Sign a new leaf if the present one ends within `RENEW_BEFORE`, or lacks one of `names`.

    Also when it begins in the future, as after a clock that ran ahead was put right. Works
    without a network and after any time switched off. Repeating is safe.

    Returns:
        True when `tls.pem` was replaced: the listener must load it again.

    Raises:
        Invalid: `tls_name_outside` when a wanted name is not covered by the authority.
        Damaged: `tls_damaged` when key and certificate do not belong together.
    """
    if not (folder / "ca.pem").exists():
        return False
    authority = _load(folder / "ca.pem")
    leaf = _load(folder / "tls.pem")
    have = _read_names(leaf)
    want = _checked(names.with_loopback()) if names else have
    is_fresh = leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc - RENEW_BEFORE
    if is_fresh and set(want.dns) <= set(have.dns) and set(want.addresses) <= set(have.addresses):
        return False
    _refuse_outside(authority, want)
    key = _open_key((folder / "ca.key").read_bytes(), authority, guard)
    _issue(folder, authority, key, want, now)
    return True


def adopt(folder: Path, chain: bytes, key: bytes) -> Certificate:
    """Serve a certificate the firm brought; the door's own authority, if any, goes.

    `chain` is PEM with the leaf first, `key` PEM without a passphrase.

    Raises:
        Invalid: `tls_unreadable` or `tls_key_differs`; nothing was changed.
    """
    try:
        certificates = x509.load_pem_x509_certificates(chain)
        private = serialization.load_pem_private_key(key, password=None)
    except (ValueError, TypeError) as error:
        raise Invalid("tls_unreadable") from error
    if _public(private.public_key()) != _public(certificates[0].public_key()):
        raise Invalid("tls_key_differs")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    blocks = [one.public_bytes(serialization.Encoding.PEM) for one in certificates]
    _replace(folder / "tls.pem", b"".join([*blocks, _key_bytes(private)]), 0o600)
    for name in ("ca.pem", "ca.key"):
        (folder / name).unlink(missing_ok=True)
    return inspect(folder)


def refuse_unfit(chain: bytes, hosts: Sequence[str], now: datetime) -> None:
    """Refuse a brought certificate that browsers would refuse; better here than on forty desks.

    Args:
        chain: PEM with the leaf first.
        hosts: names and addresses the door is opened by; a `*.` of the certificate stands for
            one label (RFC 6125, 6.4.3).
        now: aware moment.

    Raises:
        Invalid: `tls_unreadable`, `tls_expired`, `tls_not_yet`, `tls_name_missing`.
    """
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
    except ValueError as error:
        raise Invalid("tls_unreadable") from error
    if leaf.not_valid_after_utc <= now:
        raise Invalid("tls_expired", day=leaf.not_valid_after_utc.date().isoformat())
    if leaf.not_valid_before_utc > now:
        raise Invalid("tls_not_yet", day=leaf.not_valid_before_utc.date().isoformat())
    names = _read_names(leaf)
    known = {name.lower() for name in names.dns} | set(names.addresses)
    for host in hosts:
        if not known & {host.lower(), "*." + host.lower().partition(".")[2]}:
            raise Invalid("tls_name_missing", name=host)


def inspect(folder: Path) -> Certificate:
    """Read what the door serves; raises NotFound `tls_missing`, Damaged `tls_damaged`."""
    leaf = _load(folder / "tls.pem")
    own = (folder / "ca.pem").exists()
    shown = _load(folder / "ca.pem") if own else leaf
    return Certificate(
        fingerprint=fingerprint(shown.public_bytes(serialization.Encoding.DER)),
        expires_at=leaf.not_valid_after_utc,
        is_own=own,
        names=_read_names(leaf),
    )


def authority_of(folder: Path) -> tuple[str, bytes]:
    """The authority's certificate as PEM and DER, for those who are to trust it.

    Raises:
        NotFound: `tls_missing`: the firm brought its certificate.
    """
    found = _load(folder / "ca.pem")
    pem = found.public_bytes(serialization.Encoding.PEM).decode("ascii")
    return pem, found.public_bytes(serialization.Encoding.DER)


def leaf_digest(folder: Path) -> str:
    """SHA-256 of what the door shows, hex; empty where it has no certificate yet."""
    try:
        leaf = _load(folder / "tls.pem")
    except NotFound:
        return ""
    return hashlib.sha256(leaf.public_bytes(serialization.Encoding.DER)).hexdigest()


def is_host(name: str) -> bool:
    """Whether a name can stand in a certificate: lower case, ASCII (IDNA already applied)."""
    return _HOST.fullmatch(name) is not None


def fingerprint(der: bytes) -> str:
    """SHA-256 in the form browsers and phones show: `AB:CD:…`, 32 pairs."""
    return hashlib.sha256(der).digest().hex(":").upper()


def _authority(key: ec.EllipticCurvePrivateKey, names: Names, now: datetime) -> x509.Certificate:
    title = f"Korobka {names.dns[0]} {os.urandom(3).hex()}"  # two boxes must not look alike
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title[:64])])
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + AUTHORITY_TERM)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(sign_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(_constraints(names), critical=True)
        .sign(key, hashes.SHA256())
    )


def _constraints(names: Names) -> x509.NameConstraints:
    """A stolen authority can speak for this box's names and private addresses, for no bank."""
    networks = [ipaddress.ip_network(text) for text in PRIVATE_RANGES]
    given = [ipaddress.ip_address(text) for text in names.addresses]
    networks += [
        ipaddress.ip_network(address) for address in given if not _is_covered(address, networks)
    ]
    return x509.NameConstraints(
        permitted_subtrees=[
            *(x509.DNSName(name) for name in names.dns),
            *(x509.IPAddress(network) for network in networks),
        ],
        excluded_subtrees=None,
    )


def _issue(
    folder: Path,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: Names,
    now: datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names.dns[0][:64])]))
        .issuer_name(authority.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(max(now - SKEW, authority.not_valid_before_utc))
        .not_valid_after(min(now + LEAF_TERM - SKEW, authority.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(sign_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .add_extension(_alternative_names(names), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    _replace(
        folder / "tls.pem",
        leaf.public_bytes(pem) + authority.public_bytes(pem) + _key_bytes(key),
        0o600,
    )


def _alternative_names(names: Names) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [
            *(x509.DNSName(name) for name in names.dns),
            *(x509.IPAddress(ipaddress.ip_address(text)) for text in names.addresses),
        ]
    )


def _key_usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _checked(names: Names) -> Names:
    try:
        addresses = [ipaddress.ip_address(text) for text in names.addresses]
    except ValueError as error:
        raise Invalid("tls_name") from error
    if any(one.is_unspecified for one in addresses) or not all(
        _HOST.fullmatch(name) for name in names.dns
    ):
        raise Invalid("tls_name")
    return names


def _refuse_outside(authority: x509.Certificate, names: Names) -> None:
    """Refuse what every client would refuse: better here than on forty desks."""
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    subtrees = limits.permitted_subtrees or []
    domains = [one.value for one in subtrees if isinstance(one, x509.DNSName)]
    networks = [one.value for one in subtrees if isinstance(one, x509.IPAddress)]
    for name in names.dns:
        if not any(name == domain or name.endswith("." + domain) for domain in domains):
            raise Invalid("tls_name_outside", name=name)
    for text in names.addresses:
        if not _is_covered(ipaddress.ip_address(text), networks):
            raise Invalid("tls_name_outside", name=text)


def _is_covered(address: _Address, networks: Sequence[object]) -> bool:
    return any(
        isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network)
        and network.version == address.version
        and address in network
        for network in networks
    )


def _read_names(leaf: x509.Certificate) -> Names:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Names(())
    return Names(
        tuple(found.get_values_for_type(x509.DNSName)),
        tuple(str(one) for one in found.get_values_for_type(x509.IPAddress)),
    )


def _load(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except FileNotFoundError as error:
        raise NotFound("tls_missing") from error
    except ValueError as error:
        raise Damaged("tls_damaged") from error


def _open_key(
    closed: bytes, authority: x509.Certificate, guard: KeyGuard
) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(guard.open(closed), password=None)
    except (ValueError, TypeError) as error:
        raise Damaged("tls_damaged") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or _public(key.public_key()) != _public(
        authority.public_key()
    ):
        raise Damaged("tls_damaged")
    return key


def _public(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _key_bytes(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,  # the server reads no other form
        serialization.NoEncryption(),
    )


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Write beside, flush, rename: a power cut leaves the old file or the new one."""
    beside = path.with_suffix(path.suffix + ".new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
