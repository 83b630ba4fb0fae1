"""Watches the shop's pages: how fast they answer, and a task when they do not."""

from datetime import UTC, datetime, timedelta

from appliance.domain.personal import Personal
from appliance.plugin_api.calls import Row
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import Every, Finding, hookimpl
from plugins.site_monitor.client import Client, Look

MOST_PAGES = 20
BAD_STATUS = 400

client = Client()
seen: dict[str, Look] = {}


@hookimpl
def register_jobs(every: Every) -> None:
    every("check", check)


@hookimpl
def diagnose() -> list[Finding]:
    bad = [one for one in seen.values() if not 0 < one.status < BAD_STATUS]
    if not seen:
        return []
    numbers = {"pages": len(seen), "down": len(bad)}
    return [Finding(code="pages_seen", is_good=not bad, numbers=numbers)]


def pages_of(core: Core) -> list[str]:
    """Pages to open, each once, as paths on the shop's own host."""
    lines = str(core.settings.get("pages") or "/").split("\n")
    paths = [f"/{line.strip().lstrip('/')}" for line in lines if line.strip()]
    return list(dict.fromkeys(paths))[:MOST_PAGES]


async def check(core: Core) -> None:
    """Open every page once; one after another, so that the shop is not pressed."""
    now = datetime.now(UTC)
    pages = pages_of(core)
    known = {row.values["page"]: row for row in await core.rows_get("pages", [(p,) for p in pages])}
    for page in pages:
        look = seen[page] = await client.look(str(core.settings["address"]), page)
        is_good = 0 < look.status < BAD_STATUS and look.ms <= number(core, "slow_ms", 3000)
        values = {"page": page, "at": now.isoformat(), "ms": look.ms, "status": look.status}
        await core.rows_put("checks", [Row(values={**values, "good": is_good})])
        await judge(core, page, look, known.get(page), now, is_good=is_good)
        await forget_old(core, page, now)


async def judge(
    core: Core, page: str, look: Look, was: Row | None, now: datetime, *, is_good: bool
) -> None:
    """Count failures in a row; say so once when there are too many, and once when it is over."""
    failed = 0 if was is None else int(was.values.get("failed") or 0)
    alarmed = was is not None and bool(was.values.get("alarmed"))
    failed = 0 if is_good else failed + 1
    if not is_good and not alarmed and failed >= number(core, "failures", 3):
        alarmed = True
        is_down = not 0 < look.status < BAD_STATUS
        code = "page_down" if is_down else "page_slow"
        said = "не открывается" if is_down else "открывается медленно"
        await core.journal(
            code, state="bad", page=page[:100], status=look.status, ms=look.ms, failed=failed
        )
        title = f"Страница магазина {said}: {page[:100]}"
        text = f"Ответ {look.status or 'не получен'}, {look.ms} мс, неудач подряд: {failed}."
        await core.task(f"page:{page}", Personal(title), Personal(text), hours=1)
    elif is_good and alarmed:
        alarmed = False
        await core.journal("page_up", page=page[:100], ms=look.ms)
    moment = now.isoformat()
    row = Row(values={"page": page, "failed": failed, "alarmed": alarmed, "since": moment})
    await core.rows_put("pages", [row])


async def forget_old(core: Core, page: str, now: datetime) -> None:
    """Delete measurements that are too old, some at a time."""
    oldest = (now - timedelta(days=number(core, "days", 14))).isoformat()
    rows = await core.rows_scan("checks", within=(page,), limit=20)
    old = [(page, row.values["at"]) for row in rows if str(row.values["at"]) < oldest]
    if old:
        await core.rows_delete("checks", old)


def number(core: Core, name: str, otherwise: int) -> int:
    """A number of the settings."""
    value = core.settings.get(name)
    return value if isinstance(value, int) else otherwise
