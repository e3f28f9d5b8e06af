"""Pages in Debian's Chromium: what they ask for, what goes wrong on them, and what they show."""

from __future__ import annotations

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER_TESTS = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
]
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
MOVED = "#offer.territory=0.85&aid.level=0.6"
"""The part of an address that moves two levers."""


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


class Watched:
    """A page, with what it asked for and what went wrong on it."""

    def __init__(self, browser, width=1280, colours="light", *, offline=False):
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=colours
        )
        self.context.set_offline(offline)
        self.page = self.context.new_page()
        self.asked, self.errors = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda told: self.errors.append(told.text))

    def close(self):
        self.context.close()
        assert not self.errors, self.errors


@pytest.fixture
def open_page(chromium):
    """Open pages whose errors fail the test at its end."""
    opened = []

    def make(url, **how):
        opened.append(Watched(chromium, **how))
        opened[-1].page.goto(url)
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def settled(page, worlds="32,768"):
    """Wait for the full answer."""
    page.wait_for_selector('.lv-right[aria-busy="false"]')
    page.wait_for_selector(f'.lv-how:has-text("{worlds}")')


def text(page, selector):
    """What is shown in a place, with plain spaces and signs."""
    return page.inner_text(selector).replace("\u00a0", " ").replace("\u2212", "-")


def shown(page, name="held"):
    """Odds as the page shows them, in per cent."""
    return float(text(page, f'[data-odds="{name}"] .lv-big').removesuffix(" %"))


def unfold(page):
    """Open all folds that can be seen, and those within them."""
    for fold in page.query_selector_all("details:not([open]) > summary"):
        if fold.is_visible():
            fold.click()
