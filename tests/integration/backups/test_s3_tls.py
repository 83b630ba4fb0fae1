"""An object store behind a certificate of the firm's own authority."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backups.drill import drill
from tests.integration.backups.scene import Scene, quiet
from tests.integration.backups.store import Store
from tests.integration.backups.test_s3 import add, refused
from tests.integration.backups.test_sftp import order_of

PEM = serialization.Encoding.PEM


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _signed(
    builder: x509.CertificateBuilder,
    public: ec.EllipticCurvePublicKey,
    by: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        builder.issuer_name(_named("Лампа: свой центр"))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(by, hashes.SHA256())
    )


def own_authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """An authority's certificate, and a server's that it signed for 127.0.0.1."""
    root, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    top = x509.CertificateBuilder().subject_name(_named("Лампа: свой центр"))
    top = top.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    below = x509.CertificateBuilder().subject_name(_named("nas"))
    below = below.add_extension(x509.SubjectAlternativeName([here]), critical=False)
    trusted, served = folder / "own-ca.pem", folder / "nas.pem"
    trusted.write_bytes(_signed(top, root.public_key(), root).public_bytes(PEM))
    key = leaf.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    served.write_bytes(key + _signed(below, leaf.public_key(), root).public_bytes(PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served)
    return trusted, context


def test_a_store_behind_the_firms_own_authority_takes_copies_once_that_is_trusted(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = own_authority(tmp_path)
    store = Store(versioned=True, tls=context)
    try:
        target = store.address()
        assert target.startswith("s3://")
        assert refused(scene, target, takes_keys=True) == "backup_target_untrusted"
        assert store.objects == {}, "nothing was sent to a stranger"
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))  # as update-ca-certificates makes it
        add(scene, target, takes_keys=True)
        made = scene.make(targets=(target,))
        assert [(one.state, one.code) for one in made.targets] == [("done", "")]
        assert drill(order_of(scene, target), quiet).cells == 200
    finally:
        store.stop()
