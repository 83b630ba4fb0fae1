"""The pages of imports: a file goes in, columns are paired, wrong files get a sentence."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import xlsxwriter

from appliance.domain import sheet_files
from appliance.jobs.imports import Importer
from tests.integration.imports.files import PEOPLE, ZONE, csv_text, people, workbook
from tests.web_house import HOST, SYSTEM, Browser, WebHouse, open_web_house


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with open_web_house(tmp_path) as opened:
        yield opened


async def _send(browser: Browser, data: bytes, name: str = "люди.xlsx") -> tuple[int, str, str]:
    sent = {"origin": f"https://{HOST}", "sec-fetch-site": "same-origin", "accept": "text/html"}
    answer = await browser.http.post(
        "/data/imports",
        data={"csrf": browser.csrf, "kind": "clients"},
        files={"file": (name, data)},
        headers=sent,
    )
    return answer.status_code, answer.headers.get("location", ""), answer.text


@pytest.mark.checklist(176)
async def test_a_file_goes_from_upload_to_report(web: WebHouse) -> None:
    head = await web.browser("head")
    rows = [*people(4), ("Кривов", "Пётр", "восемь", "", "", "")]
    status, place, _ = await _send(head, workbook(rows))
    assert (status, place) == (303, "/data/imports/1")
    page = await head.get(place)
    assert page.status_code == 200 and "Придуманов0" in page.text and 'name="column-5"' in page.text
    columns = {f"column-{n}": v for n, v in enumerate(
        ("last_name", "first_name", "phone", "email", "birthday", "")
    )}  # fmt: skip
    refused = await head.post(f"{place}/pair", {**columns, "source": ""}, htmx=False)
    assert refused.status_code == 422 and "Выберите основание" in refused.text
    good = {**columns, "basis": "contract", "source": "выставка"}
    assert (await head.post(f"{place}/pair", good, htmx=False)).status_code == 303
    await Importer(SYSTEM, ZONE).run()
    checked = await head.get(place)
    assert "Телефон не читается" in checked.text and "Начать импорт" in checked.text
    await head.post(f"{place}/start", htmx=False)
    await Importer(SYSTEM, ZONE).run()
    done = await head.get(place)
    assert "завершён" in done.text and "Вернуть как было" in done.text
    wrong = await head.get(f"{place}/wrong")
    file = io.BytesIO(wrong.content)
    told = [row.cells for row in sheet_files.rows(file)]
    assert told[0] == [*PEOPLE, "Ошибка"]
    assert told[1][0] == "Кривов" and told[1][6] == "Телефон: Телефон не читается"
    assert (await head.get("/data/imports")).status_code == 200


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (32 * 1024 * 1024))
    return file.getvalue()


def _wide() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with zipfile.ZipFile(io.BytesIO(workbook(people(1)))) as usual:
            for one in usual.namelist():
                if one != "xl/worksheets/sheet1.xml":
                    archive.writestr(one, usual.read(one))
        cells = "<c><v>1</v></c>" * 30_000
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f"<sheetData><row>{cells}</row></sheetData></worksheet>",
        )
    return file.getvalue()


WRONG = {
    "bomb": (_bomb(), "слишком большой объём"),
    "wide": (_wide(), "больше 200 столбцов"),
    "empty": (b"", "нет строк"),
    "blank": (b"\r\n \r\n", "нет строк"),
    "only_a_head": (csv_text([PEOPLE]).encode(), "нет строк"),
    "koi8": (csv_text(people(3)).encode("koi8-r"), "Кодировка файла не распознана"),
    "utf16": (csv_text(people(3)).encode("utf-16"), "Кодировка файла не распознана"),
    "old_excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "старый формат Excel"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(200), "не таблица"),
    "page": (b"<html><body>" + b"text " * 50, "не таблица"),
}


@pytest.mark.checklist(176)
@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_file_gets_a_sentence(web: WebHouse, name: str) -> None:
    data, said = WRONG[name]
    status, _, text = await _send(await web.browser("head"), data, f"{name}.xlsx")
    assert status == 422
    assert said.lower() in text.lower()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("divider", [";", "\t", ","])
async def test_csv_is_read_as_programs_write_it(web: WebHouse, encoding: str, divider: str) -> None:
    data = csv_text(people(2), divider).encode(encoding)
    head = await web.browser("head")
    status, place, _ = await _send(head, data, "люди.csv")
    assert status == 303
    assert "Придуманов1" in (await head.get(place)).text


@pytest.mark.checklist(182)
async def test_a_seller_sees_no_imports(web: WebHouse) -> None:
    seller = await web.browser("seller")
    assert (await seller.get("/data/imports")).status_code == 403
    status, _, _ = await _send(seller, workbook(people(1)))
    assert status == 403


async def test_a_list_offers_to_take_out_what_it_shows(web: WebHouse) -> None:
    head = await web.browser("head")
    way = "/data/exports?kind=orders&amp;list=group%3Dnew"
    assert way in (await head.get("/orders?group=new")).text
    page = (await head.get(way.replace("&amp;", "&"))).text
    assert '<input type="hidden" name="list" value="group=new">' in page
    assert 'name="narrowed"' in (await head.get("/data/exports?kind=tasks&list=")).text
    assert 'name="narrowed"' not in (await head.get("/data/exports")).text
    seller = await web.browser("seller")
    assert "/data/exports" not in (await seller.get("/orders?group=new")).text


def test_dates_of_a_workbook_are_days() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, ["Имя", "Дата", "Цена"])
        sheet.write_row(1, 0, ["Пётр"])
        sheet.write_number(1, 1, 29546, day)
        sheet.write_number(1, 2, 12.5)
    rows = list(sheet_files.rows(file))
    assert rows[1].cells == ["Пётр", "1980-11-21", "12.5"]
