"""Branches: own queues, own warehouses, own managers; whoever sees all sees every one."""

from appliance.actions._actors import forgets_actors, needs_step_up
from appliance.actions._gate import action
from appliance.domain.branches import Branch, BranchScreen
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import branches
from appliance.storage.tx import Tx

LONGEST_CODE = 64
LONGEST_NAME = 200


@action(Permission.USER_MANAGE, reads=True)
async def screen(tx: Tx) -> BranchScreen:
    """All branches with their departments, shops and warehouses."""
    return await branches.screen()


@forgets_actors
@action(Permission.USER_MANAGE)
async def put(tx: Tx, branch: Branch) -> None:
    """Add a branch or replace it whole: it decides who sees whose clients and orders.

    Raises:
        Invalid: `branch_code`, `name_empty` at their fields.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    fields: dict[str, str] = {}
    plain = branch.code.replace("-", "").replace("_", "")
    if not (plain.isascii() and plain.isalnum() and len(branch.code) <= LONGEST_CODE):
        fields["code"] = "branch_code"
    if not branch.name.strip() or len(branch.name) > LONGEST_NAME:
        fields["name"] = "name_empty"
    if fields:
        raise Invalid(fields=fields)
    tx.about("branch", await branches.put(branch))


@forgets_actors
@action(Permission.USER_MANAGE)
async def remove(tx: Tx, code: str) -> None:
    """Dissolve a branch; its people see what their departments see.

    Raises:
        NotFound: `branch_not_found`.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    known = await branches.id_of(code)
    if known is None:
        raise NotFound("branch_not_found")
    tx.about("branch", known)
    await branches.remove(known)
