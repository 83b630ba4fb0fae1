"""The verbs that ask the running box: unlocking, keys, users, keys of the API."""

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from appliance.cli.answers import Common, about
from appliance.cli.client import House
from appliance.cli.texts import translate
from appliance.errors import HouseError

DEFAULTS = Common()


@Parameter(name="*")
@dataclass(frozen=True)
class Person:
    """Who asks. Root and the box's own account need no name; the log then names the account."""

    login: Annotated[str | None, about("от чьего имени", name="--as")] = None
    password_file: Annotated[Path | None, about("файл с паролем этого человека")] = None
    code: Annotated[str, about("код второго шага входа")] = ""

    def password(self) -> str:
        """From the file, from KOROBKA_PASSWORD_FILE, or asked for."""
        named = os.environ.get("KOROBKA_PASSWORD_FILE")
        path = self.password_file or (Path(named) if named else None)
        if path is None:
            return getpass.getpass(f"{translate('Пароль')} {self.login}: ")
        return _secret(path)


PERSON = Person()


def unlock(
    *,
    recovery_code: Annotated[bool, about("открыть кодом восстановления", negative=())] = False,
    secret_file: Annotated[Path | None, about("файл с фразой или кодом")] = None,
    common: Common = DEFAULTS,
) -> None:
    """Open the vault of a running, sealed box."""
    kind = "recovery_code" if recovery_code else "passphrase"
    label = translate("Код восстановления") if recovery_code else translate("Фраза для открытия")
    secret = _secret(secret_file) if secret_file else getpass.getpass(f"{label}: ")
    _ask(common, "/vault/unlock", {kind: secret}, "Коробка открыта.")


def seal(*, common: Common = DEFAULTS) -> None:
    """Forget the keys at once; the pages then ask to unlock."""
    _ask(common, "/vault/seal", {}, "Коробка запечатана.")


def identity(*, common: Common = DEFAULTS) -> None:
    """Print to whom backups are encrypted."""
    _ask(common, "/vault/identity", {})


def slots(*, common: Common = DEFAULTS) -> None:
    """List the slots."""
    _ask(common, "/vault/slots", {})


def add_passphrase(
    *,
    secret_file: Annotated[Path | None, about("файл с новой фразой")] = None,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Add a passphrase slot."""
    secret = _secret(secret_file) if secret_file else _ask_twice("Фраза для открытия: ")
    ask_as(person, common, "/vault/add-passphrase", {"passphrase": secret})


def add_key_file(path: Path, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Let the box write a new key file to PATH (on its own machine)."""
    ask_as(person, common, "/vault/add-key-file", {"path": str(path.absolute())})


def remove_slot(number: int, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Remove a slot; the last way in is never removed."""
    ask_as(person, common, "/vault/remove-slot", {"number": number})


def user_list(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List logins, roles and states."""
    ask_as(person, common, "/users/list", {})


def user_add(
    login: str, /, *, role: list[str], person: Person = PERSON, common: Common = DEFAULTS
) -> None:
    """Add a user with at least one role."""
    ask_as(person, common, "/users/add", {"new_login": login, "roles": list(role)})


def user_set_roles(
    login: str, /, *, role: list[str], person: Person = PERSON, common: Common = DEFAULTS
) -> None:
    """Give these roles instead of the old ones."""
    ask_as(person, common, "/users/set-roles", {"of": login, "roles": list(role)})


def user_drop_factor(login: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Take a lost authenticator off."""
    ask_as(person, common, "/users/drop-factor", {"of": login})


def user_password(
    *,
    new_password_file: Annotated[Path | None, about("файл с новым паролем")] = None,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Change one's own password; a one-time password must be."""
    if person.login is None:
        raise HouseError("usage", problem="--as")
    current = person.password()
    fresh = _secret(new_password_file) if new_password_file else _ask_twice("Новый пароль: ")
    with House(common.socket()) as house:
        house.sign_in(person.login, current, person.code)
        common.answer(house.ask("/me/password", {"current": current, "fresh": fresh}))


def user_disable(login: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Close the door for one user."""
    ask_as(person, common, "/users/disable", {"of": login})


def user_enable(login: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Open it again."""
    ask_as(person, common, "/users/enable", {"of": login})


def user_reset(login: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Give out a new one-time password."""
    ask_as(person, common, "/users/reset-password", {"of": login})


def key_list(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List keys by number, never the keys themselves."""
    ask_as(person, common, "/api-keys/list", {})


def key_add(
    name: str,
    /,
    *,
    scope: Annotated[list[str], about("право; можно несколько")] = [],  # noqa: B006 - read only
    shop: Annotated[list[str], about("код магазина; без него — все")] = [],  # noqa: B006 - read only
    role: Annotated[str, about("роль, с правами которой действует ключ")] = "",
    field: Annotated[list[str], about("видит о людях только это")] = [],  # noqa: B006 - read only
    people: Annotated[int, about("сколько людей в день; 0 — без предела")] = 0,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Make a key with scopes, a role or both."""
    body: dict[str, object] = {
        "name": name,
        "scopes": list(scope),
        "shops": list(shop),
        "role": role,
        "fields": list(field),
        "people_a_day": people,
    }
    ask_as(person, common, "/api-keys/add", body)


def key_revoke(number: int, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Revoke by number."""
    ask_as(person, common, "/api-keys/revoke", {"number": number})


def _ask(common: Common, path: str, body: Mapping[str, object], text: str = "") -> None:
    with House(common.socket()) as house:
        common.answer(house.ask(path, body), translate(text) if text else "")


def ask_as(person: Person, common: Common, path: str, body: Mapping[str, object]) -> None:
    """Ask in the name of a person (or of the box's own account) and print the answer."""
    with House(common.socket()) as house:
        if person.login is not None:
            house.sign_in(person.login, person.password(), person.code)
        common.answer(house.ask(path, body))


def _secret(path: Path) -> str:
    try:
        line = path.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise HouseError("file_unreadable", path=str(path)) from error
    if not line:
        raise HouseError("file_empty", path=str(path))
    return line


def _ask_twice(label: str) -> str:
    """Ask for a new secret at the terminal; one mistyped would be a door that nobody opens."""
    first = getpass.getpass(translate(label))
    if first != getpass.getpass(translate("Ещё раз: ")):
        raise HouseError("passphrases_differ")
    return first
