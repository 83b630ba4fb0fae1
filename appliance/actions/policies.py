"""Limits an administrator may change: signing in, and how many clients a person may reveal."""

from appliance.actions._actors import forgets_actors, needs_step_up
from appliance.actions._gate import action
from appliance.actions.sessions import POLICY_KEY
from appliance.domain.users import SignInPolicy
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import budgets, settings
from appliance.storage.budgets import Budgets
from appliance.storage.tx import Tx

FACTOR_RULES = ("nobody", "personal", "everybody")


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def read(tx: Tx) -> tuple[SignInPolicy, Budgets]:
    """The limits as they are."""
    return (
        await settings.get(POLICY_KEY, SignInPolicy),
        await settings.get(budgets.BUDGET_KEY, Budgets),
    )


@forgets_actors
@action(Permission.BOX_MANAGE)
async def set_sign_in(tx: Tx, wanted: SignInPolicy) -> None:
    """Change the limits of signing in; they hold from the next request on.

    Raises:
        Invalid: `limit_range` by field: idle 1 to 720 minutes, at most 24 hours, 1 to 20
            sessions, step-up 1 to 30 minutes; `choice_unknown` for `factor`.
        Conflict: `setting_locked`.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    ranges = {
        "idle_minutes": (wanted.idle_minutes, 1, 720),
        "absolute_hours": (wanted.absolute_hours, 1, 24),
        "parallel": (wanted.parallel, 1, 20),
        "step_up_minutes": (wanted.step_up_minutes, 1, 30),
        "role_idle_minutes": (max(wanted.role_idle_minutes.values(), default=1), 1, 720),
    }
    problems = {
        name: "limit_range"
        for name, (value, low, high) in ranges.items()
        if not low <= value <= high
    }
    if wanted.factor not in FACTOR_RULES:
        problems["factor"] = "choice_unknown"
    if problems:
        raise Invalid(fields=problems)
    tx.object_type = "setting"
    tx.payload = {"key": POLICY_KEY, "factor": wanted.factor, "idle": wanted.idle_minutes}
    await settings.put(POLICY_KEY, wanted)


@action(Permission.BOX_MANAGE)
async def set_reveals(tx: Tx, wanted: Budgets) -> None:
    """Change how many clients a person may reveal.

    Raises:
        Invalid: `limit_range` by role, where a limit is negative or a day's exceeds a week's.
        Conflict: `setting_locked`.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    every = {"default": wanted.default, **wanted.roles}
    problems = {
        name: "limit_range"
        for name, one in every.items()
        if not 0 <= one.hour <= one.day <= one.week
    }
    if problems:
        raise Invalid(fields=problems)
    tx.object_type = "setting"
    tx.payload = {"key": budgets.BUDGET_KEY, "day": wanted.default.day}
    await settings.put(budgets.BUDGET_KEY, wanted)
