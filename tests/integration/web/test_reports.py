"""Reports in the staff door."""

import io
import re
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.web_house import WebHouse, open_web_house


@pytest.fixture
async def sold(tmp_path: Path):
    async with open_web_house(tmp_path, clients=30, orders=300) as opened:
        yield opened


def figures(page: httpx.Response) -> dict[str, str]:
    found = re.findall(r"<div><dt>([^<]+)</dt><dd>(?:<a[^>]*>)?([^<]+)", page.text)
    return dict(found)


@pytest.mark.checklist(178)
async def test_a_report_has_a_chart_its_table_and_what_it_is_held_against(sold: WebHouse) -> None:
    head = await sold.browser("head")
    page = await head.get("/reports?from=2026-01-31&to=2026-02-01")
    assert page.status_code == 200
    assert {"Продажи", "Средний чек", "Конверсия", "Маржа"} <= figures(page).keys()
    assert page.text.count('<svg class="chart') == 2
    assert "сравнение: 29.01.2026 – 30.01.2026" in page.text
    assert "style=" not in page.text
    for show in ("average", "conversion"):
        assert (
            "ch-line"
            in (await head.get(f"/reports?from=2026-01-31&to=2026-02-01&show={show}")).text
        )
    year = await head.get("/reports?from=2026-01-31&to=2026-02-01&against=year")
    assert "сравнение: 31.01.2025 – 01.02.2025" in year.text


@pytest.mark.checklist(152)
async def test_a_number_opens_the_orders_it_counts(sold: WebHouse) -> None:
    head = await sold.browser("head")
    for cut in ("manager", "shop", "method", "source", "product"):
        page = await head.get(f"/reports?from=2026-01-31&to=2026-02-01&cut={cut}")
        body = page.text.partition("<tbody")[2]
        href, count = re.findall(r'<td class="num[^"]*"><a href="(/orders[^"]+)">(\d+)</a>', body)[
            0
        ]
        listed = await head.get(href.replace("&amp;", "&"))
        assert listed.status_code == 200
        rows = listed.text.count("<tr data-href")
        assert rows == min(int(count), 50), (cut, href)


@pytest.mark.checklist(182)
@pytest.mark.checklist(183)
async def test_a_seller_sees_his_own_and_no_margin_anywhere(sold: WebHouse) -> None:
    seller = await sold.browser("seller")
    page = await seller.get("/reports?period=year&cut=manager&show=margin")
    assert page.status_code == 200
    assert "Мои продажи" in page.text
    assert "Маржа" not in page.text
    assert "Борис" not in page.text
    assert 'name="manager"' not in page.text
    assert "Файл XLSX" not in page.text
    refused = await seller.post("/reports/file", {"reason": "посмотреть"}, htmx=False)
    assert refused.status_code == 403
    assert (await seller.get("/reports/stock")).status_code == 403


@pytest.mark.checklist(147)
async def test_groups_of_few_orders_are_marked(sold: WebHouse) -> None:
    head = await sold.browser("head")
    few = await head.get("/reports?from=2026-01-31&to=2026-02-01&cut=product")
    assert "мало данных" in few.text
    many = await head.get("/reports?from=2026-01-31&to=2026-02-01&cut=shop")
    assert "мало данных" not in many.text


@pytest.mark.checklist(183)
async def test_a_file_says_what_the_table_says_and_the_log_says_why(sold: WebHouse) -> None:
    head = await sold.browser("head")
    asked = {"cut": "manager", "from": "2026-01-31", "to": "2026-02-01"}
    again = await head.post("/reports/file", {**asked, "reason": ""}, htmx=False)
    assert again.status_code == 422
    assert "Напишите, зачем нужен файл" in again.text
    made = await head.post("/reports/file", {**asked, "reason": "к планёрке"}, htmx=False)
    assert made.status_code == 200
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "Анна Продавцова" in text
    assert "Маржа" in text
    assert "<f>" not in text
    leaves = await sold.house.rows("SELECT leaf, payload FROM audit_outbox")
    told = [row for row in leaves if b"reports.export" in bytes(row[0])]  # type: ignore[arg-type]
    assert len(told) == 2  # the refusal, too
    assert sum(row[1] is not None for row in told) >= 1


@pytest.mark.parametrize("query", ["from=2026-02-03&to=2026-02-01", "from=35.99&to=x"])
async def test_days_that_make_no_sense_are_told_and_kept(sold: WebHouse, query: str) -> None:
    page = await (await sold.browser("head")).get(f"/reports?{query}")
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert query.split("&", maxsplit=1)[0].removeprefix("from=") in page.text


async def test_an_empty_box_says_so_on_every_report(door: WebHouse) -> None:
    head = await door.browser("head")
    for path in ("/reports", "/reports/requests", "/reports/funnel"):
        page = await head.get(path)
        assert page.status_code == 200
        assert 'class="empty"' in page.text


@pytest.mark.checklist(177)
async def test_requests_are_told_by_day_by_manager_and_by_client(sold: WebHouse) -> None:
    head = await sold.browser("head")
    for cut in ("day", "manager", "client"):
        page = await head.get(f"/reports/requests?from=2026-01-31&to=2026-02-01&cut={cut}")
        assert page.status_code == 200
        assert figures(page)["Заявки"] == "300"
    assert re.search(r'href="/clients/\d+"', page.text)
