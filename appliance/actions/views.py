"""Views of lists: kept for oneself, shared by right, opened with, forgotten."""

import re
from collections.abc import Sequence
from uuid import UUID

from appliance.actions._gate import action
from appliance.domain.grants import Scope
from appliance.domain.views import (
    EVERYBODY,
    LONGEST_NAME,
    SECTIONS,
    ListViews,
    kept_query,
)
from appliance.errors import Denied, Invalid
from appliance.roles import Permission
from appliance.storage import roles_store, saved_views
from appliance.storage.tx import Tx

MOST_COLUMNS = 30
COLUMN = re.compile(r"[a-z][a-z0-9_]{0,47}", re.ASCII)


def _may_share(tx: Tx) -> bool:
    grant = tx.actor.grants.get(Permission.VIEW_SHARE.value)
    return grant is not None and grant.scope is not Scope.NONE


@action(Permission.SELF, reads=True, quiet=True)
async def index(tx: Tx, section: str) -> ListViews:
    """What a list offers its reader."""
    chosen = await saved_views.choice(tx, section)
    return ListViews(
        views=await saved_views.offered(tx, section, chosen.view_id),
        columns=chosen.columns,
        roles=await roles_store.names() if _may_share(tx) else (),
    )


@action(Permission.SELF)
async def save(tx: Tx, section: str, name: str, query: str, roles: Sequence[str] = ()) -> UUID:
    """Keep a filter under a name; the same filter again renames it.

    Args:
        tx: of the actor.
        section: of `domain.views.SECTIONS`.
        name: what it is called.
        query: the filter, as an address writes it.
        roles: codes of the roles it is shared with, or `*` for everybody.

    Raises:
        Invalid: `view_name` at `name`, `view_empty` at `query`, `code_unknown` at `roles`,
            `views_too_many`.
        Denied: it is to be shared and the actor may not.
    """
    name, kept = " ".join(name.split()), kept_query(query, section)
    if section not in SECTIONS:
        raise Invalid("view_section", fields={"section": "code_unknown"})
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid("view_name", fields={"name": "view_name"})
    if not kept:
        raise Invalid("view_empty", fields={"query": "view_empty"})
    if roles:
        if not _may_share(tx):
            raise Denied(message="views.save: sharing needs view.share")
        known = {one.code for one in await roles_store.list_all()} | {EVERYBODY}
        if not known.issuperset(roles):
            raise Invalid("code_unknown", fields={"roles": "code_unknown"})
    if await saved_views.count_mine(tx, section) >= saved_views.MOST:
        raise Invalid("views_too_many")
    view_id = await saved_views.keep(tx, section, name, kept, roles)
    tx.about("view", view_id)
    return view_id


@action(Permission.SELF)
async def remove(tx: Tx, view_id: UUID) -> str:
    """Forget a view of one's own; give its section.

    Raises:
        NotFound: `view_not_found`: another's, or none at all.
    """
    section = await saved_views.section_of(tx, view_id, own=True)
    await saved_views.remove(view_id)
    tx.about("view", view_id)
    return section


@action(Permission.SELF, quiet=True)
async def star(tx: Tx, view_id: UUID, *, on: bool) -> str:
    """Open a list with this view from now on, or no more; give its section.

    Raises:
        NotFound: `view_not_found`.
    """
    section = await saved_views.section_of(tx, view_id, own=False)
    await saved_views.choose(tx, section, view_id=view_id if on else None)
    return section


@action(Permission.SELF, quiet=True)
async def columns(tx: Tx, section: str, chosen: Sequence[str]) -> None:
    """Choose the columns of a list, in their order; none: as delivered.

    Raises:
        Invalid: `view_section`, `code_unknown` at `columns`.
    """
    if section not in SECTIONS:
        raise Invalid("view_section", fields={"section": "code_unknown"})
    if len(chosen) > MOST_COLUMNS or not all(COLUMN.fullmatch(one) for one in chosen):
        raise Invalid("code_unknown", fields={"columns": "code_unknown"})
    await saved_views.choose(tx, section, columns=",".join(dict.fromkeys(chosen)))
