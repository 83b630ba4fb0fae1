"""Why we may hold a person's data (152-FZ, articles 5, 6 and 9)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal


class LegalBasis(StrEnum):
    """The ground of article 6, part 1."""

    CONTRACT = "contract"  # item 5: a contract the person is party to, or asked for
    CONSENT = "consent"  # item 1
    LAW = "law"  # item 2: duties that a law puts on us
    INTEREST = "interest"  # item 7: our lawful interest, weighed and written down


class PurposeCode(StrEnum):
    """What we hold the data for."""

    ORDER = "order"
    CALLBACK = "callback"
    MAILING = "mailing"
    ACCOUNTING = "accounting"


class Purpose(msgspec.Struct, frozen=True, kw_only=True):
    """One purpose for one person.

    Attributes:
        source: where the data came from: `api:<shop>`, `form:<shop>`, `phone`, `import:<id>`.
        until: when the term ends; None means as long as the contract and the law's terms last.
        document: id of the order or consent that the basis stands on.
    """

    code: PurposeCode
    basis: LegalBasis
    source: str
    since: datetime
    until: datetime | None = None
    document: UUID | None = None


class ConsentGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A consent as it came in: which text, how it was given.

    Attributes:
        text_code: code of the consent text; text_version: its version as shown.
        evidence: what proves it (address, form, tick time); personal.
    """

    purpose: PurposeCode
    text_code: str
    text_version: int
    given_at: datetime
    channel: str = ""
    evidence: Personal[str] | None = None


class ConsentText(msgspec.Struct, frozen=True, kw_only=True):
    """A consent text, word for word; a change of words is a new version."""

    code: str
    version: int
    purpose: PurposeCode
    text: str
    created_at: datetime
