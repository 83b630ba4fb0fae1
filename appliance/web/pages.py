"""Every route of the staff door, in one list."""

from typing import Any

from appliance.web import (
    books,
    catalog,
    client_ties,
    clients,
    coupons,
    deals,
    deeds,
    door,
    duplicates,
    history,
    kit_pages,
    live,
    me,
    notices,
    order_edits,
    order_form,
    orders,
    palette,
    pipelines,
    statuses,
    stock,
    stream_pages,
    task_calendar,
    tasks,
    team_pages,
    today,
)


def make_web_handlers(*, development: bool) -> list[Any]:
    """Routes for people; `development` adds `/_kit`."""
    return [
        *door.HANDLERS,
        *me.HANDLERS,
        today.first_page,
        coupons.CouponPages,
        statuses.StatusPages,
        order_edits.OrderEdits,
        order_form.OrderForm,
        orders.OrderPages,
        clients.ClientPages,
        *client_ties.HANDLERS,
        *catalog.HANDLERS,
        duplicates.DuplicatePages,
        deeds.DeedPages,
        *history.HANDLERS,
        deals.DealPages,
        tasks.TaskPages,
        *team_pages.HANDLERS,
        task_calendar.CalendarPages,
        notices.NoticePages,
        stream_pages.StreamPages,
        *stock.HANDLERS,
        pipelines.PipelinePages,
        palette.find,
        live.listen,
        *books.HANDLERS,
        *(kit_pages.HANDLERS if development else ()),
    ]
