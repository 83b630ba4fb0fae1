"""Templates of documents: edited with a preview, kept by versions, and the box's own again."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from appliance.actions import _paper_sample, _typesetting
from appliance.actions._gate import action
from appliance.domain.access import Actor
from appliance.domain.papers import PaperKind, Sheet, Template
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import legal_entities, print_templates
from appliance.storage.tx import Tx

LONGEST: Final = 60_000


class TemplateScreen(msgspec.Struct, frozen=True, kw_only=True):
    """What the editor shows: the template, its earlier versions, which kinds were changed."""

    template: Template
    versions: Sequence[Template]
    changed: Mapping[PaperKind, Template]


@action(Permission.PAPER_SETUP, reads=True, quiet=True)
async def screen(tx: Tx, kind: PaperKind) -> TemplateScreen:
    """The template of a kind, for its editor."""
    return TemplateScreen(
        template=await print_templates.current(kind),
        versions=await print_templates.versions(kind),
        changed=await print_templates.changed(),
    )


@action(Permission.PAPER_SETUP, reads=True, quiet=True)
async def sample(tx: Tx, kind: PaperKind, text: str) -> Sheet:
    """An invented order under a template that is being written. A step of `preview` and `put`."""
    if len(text) > LONGEST:
        raise Invalid("text_too_long", fields={"text": "text_too_long"})
    ours = legal_entities.chosen(await legal_entities.list_all(tx), [])
    return _paper_sample.sample(kind, text, ours)


async def preview(actor: Actor, kind: PaperKind, text: str) -> bytes:
    """The first page as a PNG.

    Raises:
        Invalid: `template_wrong` with its line, `text_too_long`.
        Unavailable: `printing_failed`.
    """
    return await _typesetting.drawn(await sample(actor, kind, text), "png", 110)


async def put(actor: Actor, kind: PaperKind, text: str, seen: int) -> int:
    """Keep a template that draws; return its version. An empty text is the box's own again.

    Raises:
        Invalid: `template_wrong` with its line, `text_too_long`.
        Conflict: `template_changed` since the version that was seen.
        Unavailable: `printing_failed`.
    """
    if text.strip():
        await _typesetting.drawn(await sample(actor, kind, text), "png", 20)
    return await keep(actor, kind, text if text.strip() else "", seen)


@action(Permission.PAPER_SETUP)
async def keep(tx: Tx, kind: PaperKind, text: str, seen: int) -> int:
    """Keep a new version. A step of `put`.

    Raises:
        Conflict: `template_changed`.
    """
    tx.object_type = "print_template"
    return await print_templates.put(tx, kind, text, seen)
