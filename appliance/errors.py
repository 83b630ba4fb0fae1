"""The house's errors: what can go wrong, with a stable code for programs and catalogues.

The English message is for logs and carries ids and numbers only, never a person. Doors turn
the code into a sentence of the reader's language (`appliance/web/texts/errors.toml`).
"""

from collections.abc import Mapping


class HouseError(Exception):
    """Anything the house refuses on purpose.

    Attributes:
        code: stable, snake_case; the key of the sentence in the message catalogue.
        params: values for the sentence; ids, numbers and names of fields only.
    """

    default_code = "failed"

    def __init__(self, code: str | None = None, message: str = "", **params: str | int) -> None:
        self.code = code or self.default_code
        self.params: Mapping[str, str | int] = params
        super().__init__(message or self.code)


class Invalid(HouseError):
    """What was sent cannot be accepted; nothing was changed.

    Attributes:
        fields: path of the field → code of what is wrong with it; may be empty.
    """

    default_code = "invalid"

    def __init__(
        self,
        code: str | None = None,
        message: str = "",
        *,
        fields: Mapping[str, str] | None = None,
        **params: str | int,
    ) -> None:
        super().__init__(code, message, **params)
        self.fields: Mapping[str, str] = fields or {}


class NotFound(HouseError):
    """No such thing, or not for this actor: the answer is the same on purpose."""

    default_code = "not_found"


class Denied(HouseError):
    """The actor's roles do not allow the action at all."""

    default_code = "denied"


class Conflict(HouseError):
    """The thing is no longer as the caller last saw it, or exists already."""

    default_code = "conflict"


class Unauthenticated(HouseError):
    """Nobody is signed in, or the key is unknown."""

    default_code = "unauthenticated"


class Throttled(HouseError):
    """Too many tries or a spent budget; `params["seconds"]` says when to come again."""

    default_code = "throttled"


class Sealed(HouseError):
    """The vault is locked: personal data cannot be opened or written."""

    default_code = "sealed"


class Damaged(HouseError):
    """A cell, key row or log entry does not authenticate; its bytes are kept."""

    default_code = "damaged"


class Destroyed(HouseError):
    """The person's key was destroyed on purpose."""

    default_code = "destroyed"


class Unavailable(HouseError):
    """The box cannot do it now: full disk, read-only storage, outside service down."""

    default_code = "unavailable"


class ConfigError(HouseError):
    """The box cannot start like this; the code is E001… and the sentence says what to do."""

    default_code = "config"
