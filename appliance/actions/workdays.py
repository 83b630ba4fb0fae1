"""The production calendar and the working hours of the box."""

from appliance.actions._gate import action
from appliance.domain.workdays import WorkHours, read_file
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import settings, workdays
from appliance.storage.tx import Tx


@action(Permission.REFERENCE_EDIT)
async def load(tx: Tx, text: str) -> int:
    """Take a calendar file in, in place of what was known of its years; how many days it has.

    Raises:
        Invalid: as `domain.workdays.read_file`.
    """
    found = read_file(text)
    await workdays.replace_years(found)
    tx.about("calendar", None)
    return len(found)


@action(Permission.REFERENCE_EDIT)
async def set_hours(tx: Tx, hours: WorkHours) -> None:
    """Set when the working day begins and ends.

    Raises:
        Invalid: `hours_unreadable`.
    """
    if not 0 <= hours.begins < hours.ends - 60 < 24 * 60:
        raise Invalid("hours_unreadable")
    tx.about("calendar", None)
    await settings.put(workdays.HOURS, hours)
