"""Templates of text messages, quiet hours, and what buyers are told of by themselves."""

from collections.abc import Mapping

import msgspec

from appliance.actions._gate import action
from appliance.domain.ids import uuid7
from appliance.domain.message_texts import DEFAULTS, MOST_OWN, check
from appliance.domain.messages import SETTING, MessageSettings, Template
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import messages, references, settings
from appliance.storage.tx import Tx

MINUTES = 24 * 60
MOST_A_DAY = 50
MOST_LEAST = 100_000_00
MOST_OF_BOX = 100_000


@action(Permission.MAIL_MANAGE, reads=True, quiet=True)
async def templates(tx: Tx) -> Mapping[str, Template]:
    """All templates, by code."""
    return await messages.templates()


@action(Permission.MAIL_MANAGE)
async def put_template(tx: Tx, template: Template) -> str:
    """Change a template, or make one of the house's own (an empty code); its code.

    Raises:
        NotFound: `template_not_found`.
        Conflict: `template_many`.
        Invalid: `letter_template_wrong`, `entry_empty`, `entry_long` by field.
    """
    known = await messages.templates()
    code = template.code
    if not code:
        if sum(one.own for one in known.values()) >= MOST_OWN:
            raise Conflict("template_many", most=MOST_OWN)
        code = f"own-{uuid7().hex[-12:]}"
    elif code not in known:
        raise NotFound("template_not_found")
    fresh = msgspec.structs.replace(
        template,
        code=code,
        own=code not in DEFAULTS,
        name=" ".join(template.name.split()),
        body=template.body.replace("\r\n", "\n").strip("\n"),
    )
    check(fresh)
    await messages.put_template(tx, fresh)
    tx.object_type = "message_template"
    return code


@action(Permission.MAIL_MANAGE)
async def drop_template(tx: Tx, code: str) -> None:
    """Take one of the house's own away, or go back to the release's words.

    Raises:
        NotFound: `template_not_found`.
    """
    if code not in await messages.templates():
        raise NotFound("template_not_found")
    await messages.drop_template(code)
    tx.object_type = "message_template"


@action(Permission.MAIL_MANAGE, reads=True, quiet=True)
async def rules(tx: Tx) -> MessageSettings:
    """The rules of the box."""
    return await settings.get(SETTING, MessageSettings)


@action(Permission.MAIL_MANAGE)
async def set_rules(tx: Tx, fresh: MessageSettings) -> None:
    """Say when messages may leave, how many, and which beginnings are told to buyers.

    Raises:
        Invalid: by field: `quiet_hours`, `message_day`, `message_least`, `code_unknown`,
            `message_box_day`; `messages_off`: something is to be told, and no service would
            carry it.
    """
    fields = _bounds(fresh)
    groups = (await references.lists()).groups
    if any(one not in groups for one in fresh.tells):
        fields["tells"] = "code_unknown"
    elif fresh.tells and not fresh.plugin:
        fields["tells"] = "messages_off"
    if fields:
        raise Invalid(fields=fields, most=MOST_A_DAY)
    await settings.put(SETTING, fresh)
    tx.object_type = "message_rules"


def _bounds(fresh: MessageSettings) -> dict[str, str]:
    """What is out of bounds: field → code."""
    fields: dict[str, str] = {}
    if not (0 <= fresh.quiet_from < MINUTES and 0 <= fresh.quiet_to < MINUTES):
        fields["quiet_from"] = "quiet_hours"
    if not 1 <= fresh.most_a_day <= MOST_A_DAY:
        fields["most_a_day"] = "message_day"
    if not 0 <= fresh.least <= MOST_LEAST:
        fields["least"] = "message_least"
    if not 0 <= fresh.box_a_day <= MOST_OF_BOX:
        fields["box_a_day"] = "message_box_day"
    if not 0 <= fresh.spend_a_day <= MOST_LEAST:
        fields["spend_a_day"] = "message_least"
    return fields
