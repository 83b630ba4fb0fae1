"""The mail account, templates of letters, and what buyers are told by themselves."""

from collections.abc import Mapping, Sequence

import msgspec

from appliance.actions import _letters
from appliance.actions._gate import action
from appliance.domain.access import NOBODY
from appliance.domain.buyers import LONGEST_TERM, SETTING, BuyerSettings
from appliance.domain.ids import uuid7
from appliance.domain.letter_texts import DEFAULTS, check
from appliance.domain.letters import (
    ACCOUNT,
    AccountForm,
    LetterContent,
    MailAccount,
    Outgoing,
    Template,
)
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import letters, references, settings
from appliance.storage.tx import Tx

LONGEST = 200


@action(Permission.MAIL_MANAGE, reads=True, quiet=True)
async def account(tx: Tx) -> MailAccount:
    """The account; its password stays sealed."""
    return await letters.account()


@action(Permission.MAIL_MANAGE)
async def set_account(tx: Tx, form: AccountForm) -> None:
    """Keep the account; an empty host takes it away.

    Raises:
        Invalid: by field: `mail_host`, `mail_port`, `email_wrong`, `entry_long`.
        Conflict: `setting_locked`.
    """
    host, address = form.host.strip(), _letters.address(form.from_address)
    fields: dict[str, str] = {}
    if any(one.isspace() or one in "/@:" for one in host) or len(host) > LONGEST:
        fields["host"] = "mail_host"
    if not 0 < form.port < 65_536:
        fields["port"] = "mail_port"
    if host and not address:
        fields["from_address"] = "email_wrong"
    for name in ("login", "from_name"):
        if len(getattr(form, name)) > LONGEST:
            fields[name] = "entry_long"
    if fields:
        raise Invalid(fields=fields, most=LONGEST)
    known = await letters.account()
    password = known.password if form.login.strip() else b""
    if form.password is not None and form.password.reveal():
        secret = form.password.reveal().encode()
        password = tx.vault.seal_secret(letters.PASSWORD, NOBODY, secret)
    fresh = MailAccount(
        host=host,
        port=form.port,
        security=form.security,
        login=form.login.strip(),
        password=password,
        from_address=address,
        from_name=" ".join(form.from_name.split()),
    )
    await settings.put(ACCOUNT, fresh)
    tx.object_type = "mail_account"


@action(Permission.MAIL_MANAGE)
async def test_letter(tx: Tx, to: Personal[str], subject: str, text: str) -> Outgoing:
    """A letter to try the account with; it is kept nowhere.

    Raises:
        Conflict: `mail_not_set`.
        Invalid: `email_wrong`.
    """
    known = await letters.account()
    if not known.is_set:
        raise Conflict("mail_not_set")
    address = _letters.address(to.reveal())
    if not address:
        raise Invalid("email_wrong", fields={"to": "email_wrong"})
    password = b""
    if known.password:
        password = tx.vault.open_secret(letters.PASSWORD, NOBODY, known.password)
    return Outgoing(
        id=uuid7(),
        attempts=1,
        host=known.host,
        port=known.port,
        security=known.security,
        login=known.login,
        password=Personal(password.decode()),
        from_address=known.from_address,
        from_name=known.from_name,
        content=Personal(LetterContent(to=address, subject=subject, text=text)),
    )


@action(Permission.MAIL_MANAGE, reads=True, quiet=True)
async def templates(tx: Tx) -> Mapping[str, Template]:
    """All templates, by code."""
    return await letters.templates()


@action(Permission.MAIL_MANAGE)
async def put_template(tx: Tx, template: Template) -> None:
    """Change a template.

    Raises:
        NotFound: `template_not_found`.
        Invalid: `letter_template_wrong`, `entry_empty`, `entry_long` by field.
    """
    if template.code not in DEFAULTS:
        raise NotFound("template_not_found")
    body = template.body.replace("\r\n", "\n")
    fresh = msgspec.structs.replace(template, body=body)
    check(fresh)
    await letters.put_template(tx, fresh)
    tx.object_type = "letter_template"


@action(Permission.MAIL_MANAGE)
async def reset_template(tx: Tx, code: str) -> None:
    """Go back to the release's own words.

    Raises:
        NotFound: `template_not_found`.
    """
    if code not in DEFAULTS:
        raise NotFound("template_not_found")
    await letters.put_template(tx, DEFAULTS[code])


@action(Permission.MAIL_MANAGE)
async def set_rules(tx: Tx, days: int, tells: Sequence[str]) -> None:
    """Say how long links live and which beginnings are told to buyers.

    Raises:
        Invalid: `link_days`, `code_unknown`.
    """
    if not 1 <= days <= LONGEST_TERM:
        raise Invalid("link_days", fields={"days": "link_days"}, most=LONGEST_TERM)
    known = (await references.lists()).groups
    if any(one not in known for one in tells):
        raise Invalid("code_unknown", fields={"tells": "code_unknown"})
    was = await settings.get(SETTING, BuyerSettings)
    await settings.put(SETTING, msgspec.structs.replace(was, days=days, tells=tuple(tells)))


@action(Permission.MAIL_MANAGE, reads=True, quiet=True)
async def groups(tx: Tx) -> Mapping[str, str]:
    """Groups of statuses, by code."""
    return {one.code: one.name for one in (await references.lists()).groups.values() if one.active}
