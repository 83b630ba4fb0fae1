"""The box's own authority: what it signs, what it cannot sign, and how it lives through years."""

import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from appliance.errors import Damaged, Invalid, NotFound, Sealed
from appliance.vault import certificates
from appliance.vault.certificates import Names

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
NAMES = Names(("korobka.sklad.lan",), ("192.168.7.20",))


class Guard:
    """Stands in for the keyring: AES-GCM under a key that only this object has."""

    def __init__(self) -> None:
        self._cipher = AESGCM(bytes(range(32)))

    def close(self, secret: bytes) -> bytes:
        return self._cipher.encrypt(bytes(12), secret, b"ca")

    def open(self, closed: bytes) -> bytes:
        return self._cipher.decrypt(bytes(12), closed, b"ca")


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def door(tmp_path: Path, guard: Guard) -> Path:
    certificates.create(tmp_path / "tls", NAMES, NOW, guard)
    return tmp_path / "tls"


def leaf_of(door: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((door / "tls.pem").read_bytes())


def authority_of(door: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((door / "ca.pem").read_bytes())


def is_accepted(door: Path, name: str, at: datetime) -> bool:
    """Ask the library's RFC 5280 verifier, with the clock where we want it."""
    try:
        subject: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        subject = x509.DNSName(name)
    verifier = (
        PolicyBuilder().store(Store([authority_of(door)])).time(at).build_server_verifier(subject)
    )
    try:
        verifier.verify(leaf_of(door), [])
    except VerificationError:
        return False
    return True


def _star(name: str) -> bytes:
    """A certificate for every host of a domain, as public authorities issue them."""
    key = ec.generate_private_key(ec.SECP256R1())
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(title)
        .issuer_name(title)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize("name", ["korobka.sklad.lan", "192.168.7.20", "localhost", "127.0.0.1"])
def test_the_leaf_is_accepted_under_every_name_it_was_asked_for(door: Path, name: str) -> None:
    assert is_accepted(door, name, NOW)


@pytest.mark.parametrize("name", ["example.org", "192.168.7.21", "sklad.lan"])
def test_the_leaf_is_refused_under_any_other_name(door: Path, name: str) -> None:
    assert not is_accepted(door, name, NOW)


def test_the_authority_outlives_ten_years_and_the_leaf_at_most_ninety_days(door: Path) -> None:
    assert authority_of(door).not_valid_after_utc > NOW + timedelta(days=10 * 366)
    leaf = leaf_of(door)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=90)


def test_the_authority_can_speak_for_its_own_names_and_private_addresses_only(door: Path) -> None:
    limits = authority_of(door).extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    permitted = [str(one.value) for one in limits.value.permitted_subtrees or []]
    assert set(permitted) == {"korobka.sklad.lan", "localhost", *certificates.PRIVATE_RANGES}


def test_a_leaf_signed_for_a_bank_with_a_stolen_authority_is_refused(
    door: Path, guard: Guard
) -> None:
    key = serialization.load_pem_private_key(guard.open((door / "ca.key").read_bytes()), None)
    certificates._issue(door, authority_of(door), key, Names(("bank.example",)), NOW)  # pyright: ignore[reportPrivateUsage, reportArgumentType] - a leaf of an authority made here
    assert leaf_of(door).subject.rfc4514_string() == "CN=bank.example"
    assert not is_accepted(door, "bank.example", NOW)


def test_a_box_used_for_five_years_always_serves_an_accepted_leaf(door: Path, guard: Guard) -> None:
    authority, renewals = (door / "ca.pem").read_bytes(), 0
    for day in range(0, 5 * 366, 5):
        at = NOW + timedelta(days=day)
        renewals += certificates.renew_if_due(door, at, guard)
        assert is_accepted(door, "korobka.sklad.lan", at)
        assert leaf_of(door).not_valid_after_utc - at >= timedelta(days=29)
    assert (door / "ca.pem").read_bytes() == authority
    assert 29 <= renewals <= 33


@pytest.mark.checklist(191)
def test_a_box_switched_off_for_five_years_renews_at_its_next_start(
    door: Path, guard: Guard
) -> None:
    later = NOW + timedelta(days=5 * 365)
    assert not is_accepted(door, "korobka.sklad.lan", later)
    assert certificates.renew_if_due(door, later, guard)
    assert is_accepted(door, "korobka.sklad.lan", later)


def test_a_leaf_from_the_future_is_replaced_when_the_clock_was_put_right(
    door: Path, guard: Guard
) -> None:
    certificates.renew_if_due(door, NOW + timedelta(days=400), guard)
    assert certificates.renew_if_due(door, NOW + timedelta(days=3), guard)
    assert is_accepted(door, "localhost", NOW + timedelta(days=3))


def test_renewing_twice_changes_nothing(door: Path, guard: Guard) -> None:
    before = (door / "tls.pem").read_bytes()
    assert not certificates.renew_if_due(door, NOW + timedelta(days=50), guard)
    assert (door / "tls.pem").read_bytes() == before


def test_a_new_address_of_the_box_brings_a_new_leaf_under_the_same_authority(
    door: Path, guard: Guard
) -> None:
    moved = Names(("korobka.sklad.lan",), ("10.1.2.3",))
    assert certificates.renew_if_due(door, NOW, guard, moved)
    assert is_accepted(door, "10.1.2.3", NOW)


def test_a_name_the_authority_does_not_cover_is_refused_before_it_is_signed(
    door: Path, guard: Guard
) -> None:
    before = (door / "tls.pem").read_bytes()
    with pytest.raises(Invalid, match="tls_name_outside"):
        certificates.renew_if_due(door, NOW, guard, Names(("shop.example.org",)))
    assert (door / "tls.pem").read_bytes() == before


@pytest.mark.parametrize("name", ["", "Имя", "UPPER.lan", "*.lan", ".lan", "a_b.lan", "a" * 64])
def test_a_name_that_cannot_stand_in_a_certificate_is_refused(
    tmp_path: Path, guard: Guard, name: str
) -> None:
    with pytest.raises(Invalid, match="tls_name"):
        certificates.create(tmp_path / "tls", Names((name,)), NOW, guard)


def test_the_key_of_the_authority_never_lies_open(door: Path, guard: Guard) -> None:
    closed = (door / "ca.key").read_bytes()
    assert b"PRIVATE KEY" not in closed
    assert b"BEGIN PRIVATE KEY" in guard.open(closed)


def test_a_guard_that_refuses_stops_the_renewal_and_the_old_leaf_stays(
    door: Path, guard: Guard
) -> None:
    class SealedGuard(Guard):
        def open(self, closed: bytes) -> bytes:
            raise Sealed

    before = (door / "tls.pem").read_bytes()
    with pytest.raises(Sealed):
        certificates.renew_if_due(door, NOW + timedelta(days=70), SealedGuard())
    assert (door / "tls.pem").read_bytes() == before


def test_a_door_on_all_addresses_is_certified_for_an_address_of_the_machine() -> None:
    names = certificates.names_of(("k.lan",), "0.0.0.0")  # noqa: S104 - nothing is bound
    assert names.dns == ("k.lan",)
    assert not any(ip_address(one).is_unspecified for one in names.addresses)
    assert certificates.names_of((), "10.0.0.5") == Names((), ("10.0.0.5",))


def test_the_secret_files_are_readable_by_the_box_alone(door: Path) -> None:
    assert {(door / name).stat().st_mode & 0o777 for name in ("ca.key", "tls.pem")} == {0o600}
    assert door.stat().st_mode & 0o777 == 0o700


def test_a_second_authority_never_replaces_the_first(door: Path, guard: Guard) -> None:
    before = (door / "ca.pem").read_bytes()
    with pytest.raises(Invalid, match="tls_exists"):
        certificates.create(door, NAMES, NOW, guard)
    assert (door / "ca.pem").read_bytes() == before


def test_the_outer_door_has_an_authority_of_its_own(
    tmp_path: Path, door: Path, guard: Guard
) -> None:
    outer = certificates.create(tmp_path / "outer", Names(("shop.example.org",)), NOW, guard)
    assert outer.fingerprint != certificates.inspect(door).fingerprint
    assert is_accepted(tmp_path / "outer", "shop.example.org", NOW)
    assert not is_accepted(tmp_path / "outer", "korobka.sklad.lan", NOW)


def test_a_brought_certificate_is_served_and_never_renewed(
    tmp_path: Path, door: Path, guard: Guard
) -> None:
    brought = tmp_path / "brought"
    pem = (door / "tls.pem").read_bytes()
    shown = certificates.adopt(brought, pem, pem)
    assert not shown.is_own
    assert not certificates.renew_if_due(brought, NOW + timedelta(days=89), guard)
    assert leaf_of(brought) == leaf_of(door)


def test_a_brought_key_of_another_certificate_is_refused(
    tmp_path: Path, door: Path, guard: Guard
) -> None:
    certificates.create(tmp_path / "other", NAMES, NOW, guard)
    other = (tmp_path / "other" / "tls.pem").read_bytes()
    with pytest.raises(Invalid, match="tls_key_differs"):
        certificates.adopt(tmp_path / "new", (door / "tls.pem").read_bytes(), other)
    assert not (tmp_path / "new").exists()


def test_a_brought_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="tls_unreadable"):
        certificates.adopt(tmp_path / "new", b"not a certificate", b"not a key")


@pytest.mark.parametrize(
    ("host", "when", "code"),
    [
        ("korobka.sklad.lan", NOW + timedelta(days=91), "tls_expired"),
        ("korobka.sklad.lan", NOW - timedelta(days=3), "tls_not_yet"),
        ("crm.another.firm", NOW, "tls_name_missing"),
        ("10.9.9.9", NOW, "tls_name_missing"),
    ],
)
def test_a_brought_certificate_that_browsers_would_refuse_is_refused(
    door: Path, host: str, when: datetime, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        certificates.refuse_unfit((door / "tls.pem").read_bytes(), [host], when)
    assert refused.value.code == code


def test_a_brought_certificate_may_name_all_hosts_of_a_domain_by_a_star(
    tmp_path: Path,
) -> None:
    star = _star("*.sklad.example")
    certificates.refuse_unfit(star, ["crm.sklad.example"], NOW)
    for host in ("sklad.example", "a.b.sklad.example", "crm.sklad.example.org"):
        with pytest.raises(Invalid, match="tls_name_missing"):
            certificates.refuse_unfit(star, [host], NOW)


def test_a_key_of_another_authority_is_noticed_before_it_signs(
    tmp_path: Path, door: Path, guard: Guard
) -> None:
    certificates.create(tmp_path / "other", NAMES, NOW, guard)
    (door / "ca.key").write_bytes((tmp_path / "other" / "ca.key").read_bytes())
    with pytest.raises(Damaged, match="tls_damaged"):
        certificates.renew_if_due(door, NOW + timedelta(days=80), guard)


def test_a_missing_and_a_broken_certificate_have_different_codes(door: Path) -> None:
    (door / "tls.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")
    with pytest.raises(Damaged, match="tls_damaged"):
        certificates.inspect(door)
    (door / "tls.pem").unlink()
    with pytest.raises(NotFound, match="tls_missing"):
        certificates.inspect(door)


@contextmanager
def _listener(pem: Path) -> Generator[int]:
    """One TLS handshake on a loopback port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = server.accept()
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()
        thread.join(5)


def test_a_real_client_that_trusts_the_authority_shakes_hands(tmp_path: Path, guard: Guard) -> None:
    door = tmp_path / "tls"
    certificates.create(door, NAMES, datetime.now(UTC), guard)
    trusting = ssl.create_default_context(cafile=str(door / "ca.pem"))
    with (
        _listener(door / "tls.pem") as port,
        socket.create_connection(("127.0.0.1", port)) as plain,
        trusting.wrap_socket(plain, server_hostname="korobka.sklad.lan") as secured,
    ):
        assert secured.version() == "TLSv1.3"
        secured.send(b"x")
