"""A letter behind STARTTLS: it goes where the certificate is trusted, and waits where it is not."""

import ipaddress
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from appliance.domain.letters import Security
from tests.house_fixture import TestHouse
from tests.integration.mail.buyers import ordered
from tests.integration.mail.post import opened, sent, standing
from tests.smtp import FakeSmtp, fake_smtp


def own_certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that signed itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "smtp.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return own_certificate(tmp_path)


@pytest.fixture
async def server(certificate: Path) -> AsyncIterator[FakeSmtp]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with fake_smtp(context) as found:
        yield found


async def test_a_letter_goes_behind_starttls_to_a_server_whose_certificate_is_trusted(
    house: TestHouse, server: FakeSmtp, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.login, server.password = "shop", "sesame-7"
    postman = await opened(house, server, security=Security.STARTTLS)
    await sent(house, await ordered(house))
    await postman.run_due()
    assert await standing(house) == [("sent", "")]
    assert [len(one.to) for one in server.taken] == [1]
    assert server.asked.index("STAR") < server.asked.index("AUTH") < server.asked.index("MAIL")


async def test_a_server_whose_certificate_nobody_vouches_for_gets_neither_password_nor_letter(
    house: TestHouse, server: FakeSmtp
) -> None:
    server.login, server.password = "shop", "sesame-7"
    postman = await opened(house, server, security=Security.STARTTLS)
    await sent(house, await ordered(house))
    await postman.run_due()
    assert await standing(house) == [("waiting", "mail_tls")]
    assert not {"AUTH", "MAIL"} & set(server.asked)
