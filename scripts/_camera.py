"""A headless browser that shows a page, keeps the picture and looks for faults.

Faults are what axe-core finds, errors of the console, requests that leave the box, and a page
wider than the window.
"""

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    StorageState,
    ViewportSize,
    sync_playwright,
)

from scripts._screens import Step

ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "appliance/web/frontend/node_modules/axe-core/axe.min.js"
SIZES: dict[str, ViewportSize] = {
    "1366": {"width": 1366, "height": 768},
    "390": {"width": 390, "height": 844},
}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SETTLE_MS = 150
"""After the last step: shadows and popovers are where they stay."""

STEP_MS = 10_000


@dataclass
class Shot:
    """What one picture gave."""

    name: str
    findings: list[str] = field(default_factory=list[str])


@contextmanager
def chromium(path: str) -> Generator[Browser]:
    """The browser."""
    with sync_playwright() as play:
        flags = ["--ignore-certificate-errors"]  # of service workers, too
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        started = play.chromium.launch(executable_path=path, args=flags)
        yield started
        started.close()


def context_of(
    browser: Browser,
    size: str,
    theme: Literal["light", "dark"],
    state: StorageState | str | None = None,
) -> BrowserContext:
    """A window of its own, with the cookies of `state`."""
    made = browser.new_context(
        viewport=SIZES[size],
        color_scheme=theme,
        reduced_motion="reduce",
        ignore_https_errors=True,
        storage_state=state,
        has_touch=size == "390",
        locale="ru-RU",
    )
    made.set_default_timeout(STEP_MS)
    return made


@dataclass
class Camera:
    """Takes pictures of one box.

    Attributes:
        base: address without a slash at the end.
        folder: where pictures go.
        axe: whether axe-core looks, too.
        full: the whole height of the page.
        passwords: login → password, for the step `sign-in`.
    """

    base: str
    folder: Path
    axe: bool = True
    full: bool = False
    passwords: dict[str, str] = field(default_factory=dict[str, str])

    def take(
        self,
        window: BrowserContext,
        name: str,
        path: str,
        steps: Iterable[Step] = (),
        *,
        status: int = 200,
        broken: bool = False,
    ) -> Shot:
        """Show a page, do the steps, keep the picture; what is wrong comes back as findings."""
        shot, page = Shot(name), window.new_page()
        self._listen(page, shot, refused=broken or status >= 400)
        try:
            answer = page.goto(self.base + path, wait_until="load")
            if answer is not None and answer.status != status:
                shot.findings.append(f"{path} answers {answer.status} instead of {status}")
            _ready(page)
            for step in steps:
                self._do(page, step)
            _ready(page)
            page.wait_for_timeout(SETTLE_MS)
            if self.axe:
                shot.findings += findings(page)
        except Error as problem:
            shot.findings.append(f"not shown: {problem.message.splitlines()[0]}")
        page.screenshot(path=self.folder / f"{name}.png", full_page=self.full)
        if sideways := page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        ):
            shot.findings.append(f"the page is {sideways} px wider than the window")
        page.close()
        return shot

    def sign_in(self, page: Page, login: str) -> None:
        """Go through the first form."""
        page.goto(f"{self.base}/login", wait_until="load")
        page.fill("[name=login]", login)
        page.fill("[name=password]", self.passwords[login])
        page.click("form .btn-main")
        page.wait_for_url(lambda url: urlsplit(url).path != "/login")
        _ready(page)

    def confirm(self, page: Page, login: str) -> None:
        """Give the password once more, as weighty deeds ask for it."""
        page.goto(f"{self.base}/me/confirm?next=/", wait_until="load")
        page.fill("[name=secret]", self.passwords[login])
        page.click("main .btn-main")
        page.wait_for_url(lambda url: urlsplit(url).path != "/me/confirm")

    def _do(self, page: Page, step: Step) -> None:
        def click(selector: str) -> None:
            page.locator(selector).first.click()

        def cut(pattern: str) -> None:
            page.route(pattern, lambda route: route.abort())

        def sign_in(login: str) -> None:
            self.sign_in(page, login)

        name, *words = step
        deeds: dict[str, Callable[..., object]] = {
            "press": page.keyboard.press,
            "type": page.keyboard.type,
            "click": click,
            "fill": page.fill,
            "wait": page.wait_for_selector,
            "script": page.evaluate,
            "cut": cut,
            "sign-in": sign_in,
        }
        deeds[name](*words)

    def _listen(self, page: Page, shot: Shot, *, refused: bool) -> None:
        """Keep errors of the console and requests to other hosts."""
        own = urlsplit(self.base).netloc

        def said(message: ConsoleMessage) -> None:
            # The browser reports every answer of 400 and above; here one may be what is shown.
            expected = refused and "Failed to load resource" in message.text
            expected = expected or (refused and "htmx:" in message.text)
            if message.type == "error" and not expected:
                shot.findings.append(f"console: {message.text}")

        def asked(url: str) -> None:
            if url.startswith("http") and urlsplit(url).netloc != own:
                shot.findings.append(f"outside request to {urlsplit(url).netloc}")

        page.on("console", said)
        page.on("pageerror", lambda problem: shot.findings.append(f"script: {problem}"))
        page.on("request", lambda request: asked(request.url))


def _ready(page: Page) -> None:
    page.wait_for_selector("html[data-ready]", state="attached")
    page.evaluate("document.fonts.ready.then(() => true)")


def findings(page: Page) -> list[str]:
    """Run axe-core; one line per rule with the first places."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    answer: dict[str, Any] = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )
    lines: list[str] = []
    for rule in answer["violations"]:
        places = "; ".join(str(node["target"]) for node in rule["nodes"][:3])
        why = rule["nodes"][0]["failureSummary"].replace("\n", " ")[:200]
        lines.append(f"{rule['id']} ({rule['impact']}, {len(rule['nodes'])}): {places} | {why}")
    return lines
