"""The page with levers that a server feeds, in a browser, with made-up answers."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from helpers.browser import BROWSER_TESTS, MOVED, chromium, open_page, settled, shown, text, unfold
from helpers.levers import Mock, serving

__all__ = ["chromium", "open_page"]
pytestmark = BROWSER_TESTS


@pytest.fixture
def mock():
    return Mock()


@pytest.fixture
def live(mock):
    with serving(mock) as address:
        yield address


def drag(page, lever, values):
    """Move a slider as a hand does, some values one after another."""
    place = f'[data-lever="{lever}"] [type=range]'
    for value in values:
        page.eval_on_selector(
            place, "(one, value) => { one.value = value; one.dispatchEvent(new Event('input')) }",
            value,
        )  # fmt: skip
        page.wait_for_timeout(20)
    page.eval_on_selector(place, "one => one.dispatchEvent(new Event('change'))")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_live_page_in_a_browser(open_page, live, width, colours):
    from axe_playwright_python.sync_playwright import Axe

    one = open_page(live + MOVED, width=width, colours=colours)
    settled(one.page)
    one.page.click("text=Add to comparison")
    one.page.click("#lv-comparison button")
    one.page.wait_for_selector("#lv-comparison table")
    unfold(one.page)
    assert [found["id"] for found in Axe().run(one.page).response["violations"]] == []
    assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert all(url.startswith(live) or url == "data:," for url in one.asked)


def test_a_drag_asks_one_thing_at_a_time_and_the_latest_wins(open_page, live, mock):
    page = open_page(live).page
    settled(page)
    mock.delay = 0.15
    drag(page, "sanctions.us_threat", np.linspace(0.3, 1.0, 15).round(2).tolist())
    settled(page)
    asked = [body for path, body in mock.asked if path == "/api/odds"]
    turns = [body["turn"] for body in asked]
    assert len({body["client"] for body in asked}) == 1
    assert turns == sorted(set(turns))
    assert 3 <= len(asked) < 10
    assert mock.most_under_way == 1
    assert [body["worlds"] for body in asked] == [4096] * (len(asked) - 1) + [32_768]
    assert asked[-1]["levers"] == {"sanctions.us_threat": 1.0}
    assert shown(page) == 17.3
    assert page.inner_text("h1") == (
        "With these levers a truce holds in 17 of 100 worlds, up from 11"
    )


def test_a_full_answer_is_broken_off_by_a_move(open_page, live, mock):
    page = open_page(live).page
    settled(page)
    mock.delay = 0.6
    drag(page, "sanctions.us_threat", [0.5])
    page.wait_for_timeout(1100)  # the full one is under way
    assert mock.asked[-1][1]["worlds"] == 32_768
    drag(page, "sanctions.us_threat", [1.0])
    settled(page)
    assert shown(page) == 17.3
    worlds = [body["worlds"] for path, body in mock.asked if path == "/api/odds"]
    assert worlds == [4096, 32_768, 4096, 32_768]
    assert mock.most_under_way == 2  # the move did not wait for the full one to end


def test_a_stale_answer_is_none_and_no_error(open_page, live, mock):
    one = open_page(live)
    settled(one.page)
    mock.stale = True
    drag(one.page, "sanctions.us_threat", [0.5])
    settled(one.page)
    assert shown(one.page) == 10.9
    assert one.page.is_hidden(".lv-right [role=alert]")
    one.errors[:] = [told for told in one.errors if "409" not in told]


def test_putting_all_back_asks_for_no_odds(open_page, live, mock):
    page = open_page(live + MOVED).page
    settled(page)
    mock.asked.clear()
    page.click("text=Put all back")
    settled(page)
    assert shown(page) == 10.9
    assert [path for path, _ in mock.asked if path == "/api/odds"] == []
    assert page.inner_text("h1") == "As it stands, a truce holds in 11 of 100 worlds"


def test_the_finding_alone_is_read_aloud_and_only_when_the_hand_has_stopped(open_page, live):
    page = open_page(live).page
    settled(page)
    page.evaluate(
        "window.heard = []; new MutationObserver(() => heard.push("
        "document.querySelector('[aria-live=polite]').textContent)).observe("
        "document.querySelector('[aria-live=polite]'), {childList: true, characterData: true,"
        " subtree: true})"
    )
    drag(page, "sanctions.us_threat", np.linspace(0.3, 1.0, 15).round(2).tolist())
    settled(page)
    page.wait_for_timeout(900)
    assert page.evaluate("heard") == [page.inner_text("h1")]
    told = page.eval_on_selector_all("output", "all => all.map(one => one.ariaLive)")
    assert set(told) == {"off"}


def test_levers_of_every_kind_are_set_and_kept_in_the_link(open_page, live, mock):
    page = open_page(live).page
    settled(page)
    for fold in page.query_selector_all(".lv-levers .lv-fold > summary"):
        fold.click()
    page.select_option('[data-lever="sanctions.us_follow_through"] select', "kept")
    page.uncheck('[data-lever="mandate.territory"] input')
    page.uncheck('[data-lever="offer.territory"] [type=checkbox]')
    page.wait_for_timeout(100)
    settled(page)
    levers = {"sanctions.us_follow_through": "kept", "mandate.territory": False,
              "offer.territory": 0.7}  # fmt: skip
    assert [body for path, body in mock.asked if path == "/api/odds"][-1]["levers"] == levers
    link = page.evaluate("location.href")
    other = open_page(link).page
    settled(other)
    assert other.input_value('[data-lever="sanctions.us_follow_through"] select') == "kept"
    assert other.is_visible('[data-lever="sanctions.us_follow_through"] select')
    assert not other.is_checked('[data-lever="mandate.territory"] input')
    assert shown(other) == shown(page)


def test_two_settings_are_compared(open_page, live, mock):
    page = open_page(live + "#sanctions.us_threat=0.5").page
    settled(page)
    page.click("text=Add to comparison")
    drag(page, "sanctions.us_threat", [1.0])
    settled(page)
    page.click("text=Add to comparison")
    page.select_option("#lv-first", label="A")
    page.click("#lv-comparison button")
    page.wait_for_selector("#lv-comparison table")
    _, body = next(one for one in mock.asked if one[0] == "/api/compare")
    assert body == {"a": {"sanctions.us_threat": 0.5}, "b": {"sanctions.us_threat": 1.0}}
    told = text(page, "#lv-comparison table")
    assert "More likely than A on average: +4.0 points" in told
    assert "truce compare baseline" in text(page, "#lv-comparison")


def test_one_world_and_its_neighbours_are_told(open_page, live):
    page = open_page(live).page
    settled(page)
    page.wait_for_selector(".lv-days rect")
    assert "World 17, a typical one: a truce holds." in text(page, ".lv-world")
    page.click("text=Next world")
    page.wait_for_selector(".lv-world:has-text('World 18')")
    page.fill("#lv-world", "1234")
    page.keyboard.press("Enter")
    page.wait_for_selector(".lv-world:has-text('1,234')")
    days = [one.get_attribute("class") for one in page.query_selector_all(".lv-days rect")]
    assert days == ["lv-of-war", "lv-of-pause", "lv-of-war", "lv-of-partial", "lv-of-truce"]


def test_a_setting_is_saved_and_a_refusal_is_told_in_its_place(open_page, live, mock):
    one = open_page(live + "#sanctions.us_threat=0.5")
    page = one.page
    settled(page)
    page.click("text=Save as scenario")
    page.fill("#lv-save-name", "mine")
    page.fill("#lv-save-title", "Mine")
    page.fill("#lv-save-question", "Does it help?")
    mock.refuse = {"where": "name", "what": "there is such a file.", "todo": "Choose another."}
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog [role=alert]:visible")
    assert text(page, "dialog [role=alert]") == "name: there is such a file. Choose another."
    mock.refuse = None
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog [role=status] code")
    assert mock.asked[-1][1] == {"name": "mine", "title": "Mine", "question": "Does it help?",
                                 "levers": {"sanctions.us_threat": 0.5}}  # fmt: skip
    assert "scenarios/mine.toml" in text(page, "dialog [role=status]")
    assert page.is_hidden("dialog [role=alert]")
    page.keyboard.press("Escape")
    assert page.is_hidden("dialog")
    one.errors[:] = [told for told in one.errors if "400" not in told]


def test_an_error_of_the_server_is_told_and_the_next_move_mends_it(open_page, live, mock):
    one = open_page(live)
    page = one.page
    settled(page)
    mock.refuse = {"where": "aid.level", "what": "it is out of range.", "todo": "Set it lower."}
    drag(page, "aid.level", [1.5])
    page.wait_for_selector(".lv-right [role=alert]:visible")
    assert text(page, ".lv-right [role=alert]") == "aid.level: it is out of range. Set it lower."
    mock.refuse = None
    drag(page, "aid.level", [1.4])
    settled(page)
    page.wait_for_selector(".lv-right [role=alert]", state="hidden")
    one.errors[:] = [told for told in one.errors if "400" not in told]


def test_without_a_server_the_page_says_what_to_do(open_page, mock):
    with serving(mock) as address:
        one = open_page(address)
        settled(one.page)
    drag(one.page, "aid.level", [1.5])
    one.page.wait_for_selector(".lv-right [role=alert]:visible")
    assert "Start it again with `truce explore`" in text(one.page, ".lv-right [role=alert]")
    one.errors[:] = [told for told in one.errors if "ERR_CONNECTION" not in told]


def test_what_the_server_sends_is_shown_and_not_run(open_page):
    odd = "<img src=x onerror=\"document.title='run'\">"
    start = json.loads(json.dumps(Mock().start))
    for lever in start["levers"]:
        lever |= {"meaning": odd, "source": odd}
    start |= {"title": odd, "limits": odd, "outcomes": dict.fromkeys(start["outcomes"], odd)}
    with serving(Mock(**start)) as address:
        one = open_page(address)
        settled(one.page)
        assert one.page.query_selector_all("img") == []
        assert re.search("<img src=x", one.page.inner_text("#lv-kind"))
        assert not one.page.title().endswith("run")
