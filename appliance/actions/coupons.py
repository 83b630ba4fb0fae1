"""The dictionary of coupons."""

import msgspec

from appliance.actions import _frame
from appliance.actions._gate import action
from appliance.domain.coupons import Coupon, Kind, spelled
from appliance.domain.desk import Frame
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import coupons
from appliance.storage.tx import Tx

LONGEST = 40
MOST = 10**13


class CouponsScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The dictionary with the frame around it."""

    coupons: tuple[Coupon, ...]
    frame: Frame


@action(Permission.COUPON_EDIT, reads=True, quiet=True)
async def screen(tx: Tx) -> CouponsScreen:
    """All coupons, the newest first."""
    return CouponsScreen(coupons=tuple(await coupons.list_all()), frame=await _frame.frame_of(tx))


@action(Permission.COUPON_EDIT)
async def put(tx: Tx, coupon: Coupon) -> None:
    """Add a coupon, or change the one with this code.

    Raises:
        Invalid: `coupon_code`, `coupon_value`, `coupon_dates`, by field.
    """
    code = spelled(coupon.code)
    fields: dict[str, str] = {}
    if not code or len(code) > LONGEST or any(one.isspace() for one in code):
        fields["code"] = "coupon_code"
    top = 100_000 if coupon.kind is Kind.PERCENT else MOST
    if not 0 < coupon.value <= top:
        fields["value"] = "coupon_value"
    dates = coupon.valid_from, coupon.valid_until
    if dates[0] is not None and dates[1] is not None and dates[1] < dates[0]:
        fields["until"] = "coupon_dates"
    limits = (coupon.uses_left, coupon.per_client, coupon.min_total)
    if any(one is not None and not 0 <= one <= MOST for one in limits):
        fields["uses"] = "amount_out_of_range"
    if fields:
        raise Invalid(fields=fields)
    await coupons.put(tx, msgspec.structs.replace(coupon, code=code))
    tx.object_type = "coupon"
