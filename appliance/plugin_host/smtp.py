"""Talking to a mail server (RFC 5321): one letter, one conversation, in a thread of its own.

What the other side writes is never logged and never kept: it may quote an address. It is shown
once to whoever presses «Проверить» on the settings page.
"""

import asyncio
import smtplib
import ssl
import time
from collections.abc import Callable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from appliance.domain.letters import Outgoing, Security
from appliance.domain.personal import Personal

STEP_SECONDS: Final = 12.0
"""How long one answer of the server is waited for."""

WHOLE_SECONDS: Final = 45.0
"""Of the conversation up to the letter itself: the outbox gives a delivery 60 seconds."""

SERVICE_GONE: Final = 421


class Failed(Exception):
    """A letter did not go. The text is a code.

    Attributes:
        code: of the reason.
        said: what the server said, for the one who checks the account; never kept.
    """

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.said = Personal(said)


class Down(Failed):
    """The server cannot be talked to, whatever the letter: later, at no cost to it."""


class Later(Failed):
    """The server asks to bring this letter again (4yz)."""


class Refused(Failed):
    """The server will never take this letter (5yz)."""


def message_of(outgoing: Outgoing, message_id: str, at: datetime) -> EmailMessage:
    """The letter as it goes over the wire.

    Args:
        outgoing: letter and account.
        message_id: what is between < and >; the same however often it is sent.
        at: for `Date`.
    """
    content = outgoing.content.reveal()
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(_line(outgoing.from_name), addr_spec=outgoing.from_address)
    message["To"] = Address(_line(content.name), addr_spec=content.to)
    message["Subject"] = _line(content.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{message_id}>"
    message.set_content(content.text, cte="base64")
    for one in outgoing.files:
        kind, _, detail = one.media.partition("/")
        known = kind.isalpha() and detail.replace("-", "").replace(".", "").isalnum()
        message.add_attachment(
            one.body.reveal(),
            maintype=kind if known else "application",
            subtype=detail if known else "octet-stream",
            filename=_line(one.name.reveal()),
        )
    return message


def _line(text: str) -> str:
    return " ".join(text.split())


async def send(outgoing: Outgoing, message: EmailMessage) -> None:
    """Hand a letter to the server.

    Raises:
        Down, Later, Refused: see each.
    """
    await asyncio.to_thread(_converse, outgoing, message)


def _converse(outgoing: Outgoing, message: EmailMessage) -> None:
    until = time.monotonic() + WHOLE_SECONDS
    server = _connected(outgoing)
    try:
        _introduce(server, outgoing)
        _step(until, "mail_later", lambda: server.mail(outgoing.from_address), "mail_sender")
        to = outgoing.content.reveal().to
        _step(until, "mail_later", lambda: server.rcpt(to), "mail_no_box")
        _step(until, "mail_later", lambda: server.data(message.as_bytes()), "mail_refused")
    except smtplib.SMTPDataError as error:
        raise _verdict(error.smtp_code, error.smtp_error, "mail_later", "mail_refused") from None
    except OSError as error:  # smtplib's own are among them
        raise Down("mail_lost", type(error).__name__) from None
    finally:
        _leave(server)


def _connected(outgoing: Outgoing) -> smtplib.SMTP:
    try:
        if outgoing.security is Security.TLS:
            return smtplib.SMTP_SSL(
                outgoing.host,
                outgoing.port,
                timeout=STEP_SECONDS,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(outgoing.host, outgoing.port, timeout=STEP_SECONDS)
    except ssl.SSLError as error:
        raise Down("mail_tls", error.reason or "") from None
    except smtplib.SMTPResponseException as error:
        raise Down("mail_busy", _said(error.smtp_code, error.smtp_error)) from None
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise Down("mail_down", str(error)) from None


def _introduce(server: smtplib.SMTP, outgoing: Outgoing) -> None:
    """Greet, protect, sign in."""
    try:
        server.ehlo()
        if outgoing.security is Security.STARTTLS:
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if outgoing.login:
            server.login(outgoing.login, outgoing.password.reveal())
    except ssl.SSLError as error:
        raise Down("mail_tls", error.reason or "") from None
    except smtplib.SMTPAuthenticationError as error:
        code = "mail_auth" if error.smtp_code >= 500 else "mail_busy"
        raise Down(code, _said(error.smtp_code, error.smtp_error)) from None
    except smtplib.SMTPNotSupportedError as error:
        plain = outgoing.security is Security.STARTTLS and not server.has_extn("auth")
        raise Down("mail_no_tls" if plain else "mail_no_auth", str(error)) from None
    except smtplib.SMTPResponseException as error:
        raise Down("mail_busy", _said(error.smtp_code, error.smtp_error)) from None


def _step(until: float, later: str, ask: Callable[[], tuple[int, bytes]], refused: str) -> None:
    if time.monotonic() > until:
        raise Down("mail_down", "")
    code, said = ask()
    if code not in {250, 251}:
        raise _verdict(code, said, later, refused)


def _verdict(code: int, said: bytes | str, later: str, refused: str) -> Failed:
    """What an answer means for the letter (RFC 5321, 4.2.1)."""
    words = _said(code, said)
    if code == SERVICE_GONE:
        return Down("mail_busy", words)
    if code in {530, 535, 538}:
        return Down("mail_auth", words)
    if code == 552:
        return Refused("mail_too_big", words)
    return Later(later, words) if code < 500 else Refused(refused, words)


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"[:500]


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()
