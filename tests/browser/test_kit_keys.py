"""The kit's scripts in a real browser, under the real policy: keys, preview, palette, toasts."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from appliance.web.rendering import DIST

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    assert (DIST / "manifest.json").exists(), "run scripts/build-assets first"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(ROOT / "scripts/preview"), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip().removesuffix("/_kit")
        server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = play.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, viewport={"width": 1366, "height": 768})
    opened = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda problem: problems.append(str(problem)))
    for asked in ("**/live?*", "**/notices/bell"):  # the kit alone has no box behind it
        opened.route(asked, lambda route: route.fulfill(status=204))
    opened.goto("/_kit/shell")
    expect(opened.locator("html[data-ready]")).to_have_count(1)
    yield opened
    context.close()
    assert problems == []


def press_russian(page: Page, code: str, letter: str) -> None:
    """Press a key as the Russian layout sends it: the same place, another letter."""
    page.evaluate(
        "([code, key]) => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {code, key, bubbles: true, cancelable: true}))",
        [code, letter],
    )


def cursor(page: Page) -> str:
    return page.locator("[data-rows] > [data-cursor] a.key").inner_text()


def test_letters_move_the_cursor_in_both_layouts(page: Page) -> None:
    assert cursor(page) == "10-4821"
    page.keyboard.press("j")
    assert cursor(page) == "10-4820"
    press_russian(page, "KeyJ", "о")
    assert cursor(page) == "10-4819"
    press_russian(page, "KeyK", "л")
    assert cursor(page) == "10-4820"


def test_go_letters_lead_to_a_section_in_the_russian_layout(page: Page) -> None:
    page.route("**/clients", lambda route: route.fulfill(body="clients", content_type="text/html"))
    press_russian(page, "KeyG", "п")
    press_russian(page, "KeyC", "с")
    page.wait_for_url("**/clients")
    assert page.url.endswith("/clients")


def test_letters_typed_in_a_field_are_only_letters(page: Page) -> None:
    field = page.locator(".filter input")
    page.keyboard.press("f")
    expect(field).to_be_focused()
    page.keyboard.type("jxn")
    expect(field).to_have_value("jxn")
    assert cursor(page) == "10-4821"
    page.keyboard.press("Control+;")
    page.keyboard.press("j")
    assert cursor(page) == "10-4820"


def test_space_opens_the_preview_and_the_cursor_changes_it(page: Page) -> None:
    page.keyboard.press("Space")
    expect(page.locator(".peek h2")).to_have_text("Заказ № 10-4821")
    page.keyboard.press("j")
    expect(page.locator(".peek h2")).to_have_text("Заказ № 10-4820")
    page.keyboard.press("Escape")
    expect(page.locator(".peek")).to_have_count(0)


def test_chosen_rows_bring_their_sum_and_esc_lets_them_go(page: Page) -> None:
    bar = page.locator("[data-mass]")
    expect(bar).to_be_hidden()
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowDown")
    expect(bar).to_be_visible()
    expect(page.locator("[data-mass-count]")).to_have_text("2")
    assert page.locator("[data-mass-sum]").inner_text().replace("\u00a0", " ") == "88 131 ₽"
    page.keyboard.press("Control+a")
    expect(page.locator("[data-mass-count]")).to_have_text("20")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


def test_the_palette_finds_records_and_screens_in_the_wrong_layout(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("rkbtyns")  # «клиенты» typed without switching the layout
    options = page.locator("#palette [role=option]")
    expect(options.filter(has_text="Клиенты")).to_have_count(1)
    page.locator("#palette input").fill("петр")
    expect(options.first).to_contain_text("Петрова Анна")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/_kit/card")
    assert page.url.endswith("/_kit/card")


def test_control_z_undoes_the_last_toast_outside_fields(page: Page) -> None:
    asked: list[str] = []
    page.route("**/_kit/undo", lambda route: (asked.append("undo"), route.fulfill(status=204)))
    page.goto("/_kit/shell?toast")
    expect(page.locator("#toasts [data-toast]")).to_have_count(1)
    page.locator(".filter input").focus()
    page.keyboard.press("Control+z")
    assert asked == []
    page.locator("#main").focus()
    with page.expect_response("**/_kit/undo"):
        page.keyboard.press("Control+z")
    assert asked == ["undo"]
    expect(page.locator("#toasts [data-toast]")).to_have_count(0)


def test_a_shown_contact_goes_back_to_dots(page: Page) -> None:
    page.goto("/_kit/card")
    page.keyboard.press("s")
    contact = page.locator(".contact").first
    expect(contact).to_contain_text("912")
    contact.get_by_role("button").click()
    expect(contact).to_contain_text("+7 9•• •••-••-34")
    expect(contact).not_to_contain_text("912")


def test_the_look_is_kept_for_the_next_page(page: Page) -> None:
    page.locator(".me").click()
    page.get_by_role("button", name="тёмная").click()
    page.get_by_role("button", name="плотно").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator(".app")).to_have_attribute("data-density", "tight")


def test_help_lists_the_keys_of_this_screen_with_both_letters(page: Page) -> None:
    page.keyboard.press("?")
    here = page.locator("#help [data-here]")
    expect(here).to_contain_text("N / Т")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_single_letters_can_be_switched_off(page: Page) -> None:
    page.evaluate("document.documentElement.dataset.letters = 'off'")
    page.keyboard.press("j")
    assert cursor(page) == "10-4821"
    page.keyboard.press("Control+;")
    page.keyboard.press("j")
    assert cursor(page) == "10-4820"


def test_the_password_field_shows_caps_lock_and_layout(page: Page) -> None:
    page.goto("/_kit/door")
    field = page.locator("#password")
    field.focus()
    page.keyboard.press("a")
    expect(page.locator("[data-layout]")).to_have_text("EN")
    press_russian(page, "KeyA", "ф")
    expect(page.locator("[data-layout]")).to_have_text("RU")
    page.locator("[data-eye]").click()
    expect(field).to_have_attribute("type", "text")
