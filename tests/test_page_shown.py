"""The page with levers as one file, in a browser: its numbers, keyboard, links and looks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.browser import BROWSER_TESTS, MOVED, chromium, open_page, shown, text, unfold
from helpers.levers import DOUBTS, LEVERS, explored, monomials
from scipy import special, stats

from sim import page as pages
from sim.page import levers_part, page_of
from sim.page.pack import digest, one_script

__all__ = ["chromium", "open_page"]
pytestmark = BROWSER_TESTS
FOLDER = Path(pages.__file__).with_name("assets")


@pytest.fixture(scope="module")
def one_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "levers.html"
    path.write_bytes(page_of(explored()))
    return path.as_uri()


def levers_of(page):
    return page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.lv-row')].map("
        "row => [row.dataset.lever, row.querySelector('input, select').id]))"
    )


# ------------------------------------------------------------------ the emulator's arithmetic


@pytest.fixture(scope="module")
def numbers(chromium):
    """The functions of `numbers.js`, as Python calls them."""
    entry = ('import { betaQuantile, betaShare, emulate, membersInterval, polynomial, terms } '
             'from "./numbers.js";\nglobalThis.numbers = { betaQuantile, betaShare, emulate, '
             'membersInterval, polynomial, terms };\n')  # fmt: skip
    read = {"entry.js": entry, "numbers.js": (FOLDER / "numbers.js").read_text()}
    page = chromium.new_page()
    page.evaluate(one_script("entry.js", read.__getitem__))
    yield lambda name, many: page.evaluate(f"many => many.map(one => numbers.{name}(...one))", many)
    page.close()


def test_quantiles_of_beta_distributions_are_those_of_scipy(numbers):
    sizes = [0.02, 0.1, 0.5, 1.0, 1.7, 5.0, 40.0, 900.0, 3e4, 4e5]
    grid = [(p, a, b) for p in (0.001, 0.05, 0.5, 0.95) for a in sizes for b in sizes]
    ours = np.array(numbers("betaQuantile", grid))
    theirs = np.array([stats.beta.ppf(*one) for one in grid])
    assert np.abs(ours - theirs).max() < 1e-8
    places = [(x, a, b) for x in (1e-6, 0.01, 0.3, 0.5, 0.9) for a in sizes for b in sizes]
    shares = np.array(numbers("betaShare", places))
    assert np.abs(shares - [special.betainc(a, b, x) for x, a, b in places]).max() < 1e-9


def test_the_members_interval_is_that_of_the_beta_with_their_mean_and_variance(numbers):
    cases = [(m, m * m + share * m * (1 - m)) for m in (0.004, 0.11, 0.5, 0.97)
             for share in (1e-7, 1e-5, 0.01, 0.15, 0.6, 0.99)]  # fmt: skip
    for (mean, both), found in zip(cases, numbers("membersInterval", cases), strict=True):
        size = mean * (1 - mean) / (both - mean * mean) - 1
        wanted = stats.beta.ppf([0.05, 0.95], mean * size, (1 - mean) * size)
        assert found == pytest.approx(wanted, abs=2e-6)


def test_a_member_variance_out_of_its_range_is_clipped(numbers):
    low, high = numbers("membersInterval", [(0.2, 0.01), (0.2, 0.9)])
    assert low == [0.2, 0.2]
    assert high == pytest.approx([0.0, 1.0], abs=1e-9)


def test_terms_are_in_the_graded_order_of_python(numbers):
    luck = np.random.default_rng(5)
    for k in range(1, 7):
        for degree in (2, 3):
            t = luck.uniform(-1, 1, k)
            rows = monomials(t, degree)
            coefficients = luck.normal(size=len(rows))
            found = numbers("polynomial", [(list(coefficients), list(t), degree)])
            assert found[0] == pytest.approx(rows @ coefficients, rel=1e-12)


def emulated(document, values):
    """What a page must show, written anew."""
    deferred = [name for name in document["toggles"] if values[name] == "deferred"]
    fit = next(one for one in document["fits"] if one["deferred"] == deferred)
    ends = {one["lever"]: (one["low"], one["high"]) for one in document["levers"]}
    low, high = np.array([ends[name] for name in fit["levers"]]).T
    t = 2 * (np.array([values[name] for name in fit["levers"]]) - low) / (high - low) - 1
    held, both, agreed = (special.expit(monomials(t, 3) @ fit[name])
                          for name in ("held", "both", "agreed"))  # fmt: skip
    size = held * (1 - held) / (both - held**2) - 1
    return {"held": held, "agreed": agreed, "half": np.exp(monomials(t, 2) @ fit["error"]),
            "members": stats.beta.ppf([0.05, 0.95], held * size, (1 - held) * size),
            "worth": {side: monomials(t, 3) @ row for side, row in fit["worth"].items()},
            }  # fmt: skip


def points_to_try():
    luck = np.random.default_rng(9)
    for _ in range(40):
        values = {one["lever"]: luck.uniform(one["low"], one["high"]) for one in LEVERS}
        for name in ("offer.territory", "offer.force_limits"):
            if luck.random() < 0.5:
                values[name] = "deferred"
        yield values


def test_the_emulator_is_evaluated_as_the_contract_says(numbers):
    document = explored(fits=explored()["fits"][::-1])  # in whatever order they come
    points = list(points_to_try())
    found = numbers("emulate", [(document, one) for one in points])
    for values, ours in zip(points, found, strict=True):
        wanted = emulated(document, values)
        for name in ("held", "agreed", "half", "worth"):
            assert ours[name] == pytest.approx(wanted[name], rel=1e-10)
        assert ours["members"] == pytest.approx(wanted["members"], abs=1e-7)


# ------------------------------------------------------------------ one file


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("state", ["", MOVED])
def test_one_file_in_a_browser_without_a_network(open_page, one_file, width, colours, state):
    from axe_playwright_python.sync_playwright import Axe

    one = open_page(one_file + state, width=width, colours=colours, offline=True)
    unfold(one.page)
    assert [found["id"] for found in Axe().run(one.page).response["violations"]] == []
    assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert all(url.startswith("file:") for url in one.asked)
    assert len(one.asked) == 1


def test_the_page_shows_what_the_emulator_says(open_page, one_file):
    page = open_page(one_file + MOVED).page
    values = {one["lever"]: one["today"] for one in LEVERS}
    wanted = emulated(explored(), {**values, "offer.territory": 0.85, "aid.level": 0.6})
    low, high = 100 * wanted["members"]
    assert shown(page) == round(100 * wanted["held"], 1)
    assert shown(page, "agreed") == round(100 * wanted["agreed"], 1)
    assert f"Nine in ten members: {low:.0f} to {high:.0f} %." in text(page, '[data-odds="held"]')
    told = text(page, '[data-side="ukraine"]')
    assert f"{wanted['worth']['ukraine']:.2f}" in told


def test_as_it_stands_it_shows_the_scenario_s_own_worlds(open_page, one_file):
    page = open_page(one_file).page
    assert shown(page) == 10.9
    assert page.inner_text("h1") == "As it stands, a truce holds in 11 of 100 worlds"
    assert "Dice: 10.6 to 11.3 %" in text(page, '[data-odds="held"]')
    assert page.title() == "As it stands, a truce holds in 11 of 100 worlds: Baseline"


@pytest.mark.parametrize(("today", "note"), [(None, "As it stands it has no one value"),
                                              (7.0, "As it stands: × 7")])  # fmt: skip
def test_a_lever_that_cannot_stand_as_it_does_is_never_as_it_stands(
    open_page, tmp_path, today, note
):
    levers = [{**one, "today": today} if one["lever"] == "aid.level" else one for one in LEVERS]
    path = tmp_path / "one.html"
    path.write_bytes(page_of(explored(levers=levers)))
    page = open_page(path.as_uri()).page
    assert text(page, '[data-lever="aid.level"] .lv-value') == "× 1"
    assert note in text(page, '[data-lever="aid.level"] .lv-note')
    assert page.inner_text("h1").startswith("With these levers")
    assert "From the emulator" in text(page, ".lv-how")


def test_a_difference_within_the_error_is_none(open_page, tmp_path):
    """The same change is told or not, by the emulator's error alone."""
    found = {}
    for error in (1e-5, 0.5):
        document = explored()
        for fit in document["fits"]:
            fit["error"] = [np.log(error)] + [0.0] * (len(fit["error"]) - 1)
        path = tmp_path / "one.html"
        path.write_bytes(page_of(document))
        page = open_page(path.as_uri() + MOVED).page
        found[error] = (page.inner_text("h1"), text(page, '[data-odds="held"] .lv-change'))
        assert shown(page) == 11.4
    assert found[0.5][0] == "With these levers a truce holds in 11 of 100 worlds: no clear change"
    assert found[0.5][1].startswith("No difference from as it stands can be told: +0.5 points")
    assert found[1e-5][0].endswith("11.4\u00a0% of worlds, up from 10.9\u00a0%")
    assert found[1e-5][1].startswith("More likely than as it stands, on average over the members")


def test_every_lever_is_reached_and_moved_by_the_keyboard_alone(open_page, one_file):
    page = open_page(one_file + "#offer.territory=0.5&offer.force_limits=0.5").page
    levers, reached = levers_of(page), {}
    for _ in range(40):
        page.keyboard.press("Tab")
        where = page.evaluate("document.activeElement.id + '|' + document.activeElement.type")
        name, kind = where.split("|")
        if kind != "range":
            continue
        before, odds = page.input_value(f"#{name}"), page.get_attribute(".lv-now", "cx")
        page.keyboard.press("ArrowRight")
        assert float(page.input_value(f"#{name}")) > float(before)
        page.keyboard.press("End")
        end, said = page.input_value(f"#{name}"), page.get_attribute(f"#{name}", "aria-valuetext")
        moved = page.get_attribute(".lv-now", "cx")
        page.keyboard.press("Home")
        assert float(page.input_value(f"#{name}")) < float(end)
        reached[name] = (moved != odds, said)
    ranges = {page.eval_on_selector(f'[data-lever="{lever}"] [type=range]', "one => one.id")
              for lever in levers}  # fmt: skip
    assert set(reached) == ranges
    assert {name for name, (moved, _) in reached.items() if not moved} == set()
    said = {words for _, words in reached.values()}
    assert "100\u00a0% of the fullest package in the issuer's hands" in said
    assert "2 times that of 10 March" in said
    assert "90 days" in said


def test_what_is_deferred_is_a_toggle_that_the_keyboard_turns(open_page, one_file):
    page = open_page(one_file).page
    row = '[data-lever="offer.territory"]'
    assert page.is_disabled(f"{row} [type=range]")
    page.focus(f"{row} [type=checkbox]")
    page.keyboard.press("Space")
    assert not page.is_disabled(f"{row} [type=range]")
    assert page.inner_text(f"{row} .lv-value") == "0.7"
    assert page.evaluate("location.hash") == "#offer.territory=0.7"
    page.keyboard.press("Space")
    assert page.inner_text(f"{row} .lv-value") == "deferred"
    assert shown(page) == 10.9


def test_a_link_restores_the_state_and_back_undoes_it(open_page, one_file):
    one = open_page(one_file + MOVED)
    page = one.page
    odds = shown(page)
    assert odds != 10.9
    assert text(page, '[data-lever="aid.level"] .lv-value') == "× 0.6"
    page.wait_for_timeout(900)
    page.click('[data-lever="aid.level"] button')
    assert page.evaluate("location.hash") == "#offer.territory=0.85"
    page.wait_for_timeout(900)
    page.click("text=Put all back")
    assert page.evaluate("location.hash") == ""
    assert shown(page) == 10.9
    page.go_back()
    assert page.evaluate("location.hash") == "#offer.territory=0.85"
    page.go_back()
    assert shown(page) == odds
    page.go_forward()
    assert text(page, '[data-lever="aid.level"] .lv-value') == "× 1"


def test_a_link_to_a_place_on_the_page_moves_no_lever(open_page, one_file):
    page = open_page(one_file + MOVED).page
    page.evaluate("location.hash = 'lv-about'")
    page.wait_for_timeout(100)
    assert shown(page) == 11.4


def test_settings_that_the_page_does_not_have_are_left_out_and_told(open_page, one_file):
    page = open_page(one_file + "#aid.level=7&offer.territory=0.85&made.up=1&aid.level=").page
    told = text(page, '[role="alert"]')
    assert "aid.level=7, made.up=1, aid.level=" in told
    assert text(page, '[data-lever="offer.territory"] .lv-value') == "0.85"
    assert text(page, '[data-lever="aid.level"] .lv-value') == "× 1"


def test_markup_in_a_title_is_shown_and_not_run(open_page, tmp_path):
    odd = (
        "<img src=x onerror=\"document.title='run'\"></script><script>document.title='run'</script>"
    )
    doubt = {"name": odd, "short": odd, "text": odd, "levers": []}
    levers = [{**one, "meaning": odd} for one in LEVERS]
    document = explored(title=odd, levers=levers, sides={"russia": odd, "ukraine": odd},
                        doubts=[doubt])  # fmt: skip
    path = tmp_path / "odd.html"
    path.write_bytes(page_of(document))
    page = open_page(path.as_uri()).page
    assert "run" not in page.title().replace("'run'", "")
    assert page.query_selector_all("img") == []
    for place in ("#lv-kind", ".lv-name", "[data-side]", ".lv-doubt"):
        assert "<img src=x" in page.inner_text(place).replace("<Img", "<img")


def test_doubts_that_bear_on_a_moved_lever_come_first(open_page, one_file):
    page = open_page(one_file + "#aid.level=0.6").page
    level, terms, arms = (f"{one['short'][0].upper()}{one['short'][1:]}." for one in DOUBTS)
    seen = [one.text_content() for one in page.query_selector_all(".lv-doubt > summary")]
    mark = "Bears on what you moved. "
    assert seen == [mark + arms, mark + level, mark + terms]
    visible = [one.inner_text() for one in page.query_selector_all(".lv-doubt > summary")
               if one.is_visible()]  # fmt: skip
    assert visible == [mark + arms, level]
    page.click("text=Put all back")
    assert page.inner_text(".lv-doubts >> nth=0") == level


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_to_be_hit_is_large_enough(open_page, one_file, width):
    page = open_page(one_file + MOVED, width=width).page
    small = page.evaluate(
        "[...document.querySelectorAll('button, input, select, summary')].filter(one => {"
        "const at = one.getBoundingClientRect();"
        "return at.width && (at.width < 24 || at.height < 24)}).map(one => one.outerHTML)"
    )
    assert small == []


def test_on_a_phone_the_answer_stays_in_sight(open_page, one_file):
    page = open_page(one_file + MOVED, width=390).page
    page.evaluate("scrollTo(0, 900)")
    place = page.eval_on_selector(".lv-summary", "one => one.getBoundingClientRect().top")
    assert place == 0
    assert "11.4" in page.inner_text(".lv-summary")


def test_as_part_of_a_briefing_it_changes_nothing_else_there(open_page, tmp_path):
    """The style and the policy of a briefing, a heading and a table of it, and levers below."""
    from axe_playwright_python.sync_playwright import Axe

    part = levers_part(explored())
    own = (Path(pages.__file__).parents[1] / "brief/forms/brief.css").read_text()
    rest = (
        "<section><h2>Odds</h2><p>Text</p><ul><li>One</li></ul><table><thead><tr><th scope=col>A"
        "</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table></section>"
    )
    looks = (
        "[...document.querySelectorAll('main > section:first-child *')].map(one => "
        "JSON.stringify([...getComputedStyle(one)].map(name => getComputedStyle(one)[name])))"
    )
    found = []
    for fragment, more, script in (("", "", ""), part):
        style = own + more
        policy = f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'"
        path = tmp_path / "brief.html"
        path.write_text(
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A briefing</title>'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{style}</style>'
            f"</head><body><header><h1>A briefing</h1></header><main>{rest}<section>"
            f"<h2>Levers</h2>{fragment}</section></main><script>{script}</script></body></html>",
            encoding="utf-8",
        )
        page = open_page(path.as_uri() + MOVED).page
        found.append(page.evaluate(looks))
    assert found[0] == found[1]
    assert len(found[0]) > 8
    assert shown(page) == 11.4
    assert page.inner_text("p.answer").startswith("With these levers a truce holds in 11.4")
    assert page.title() == "A briefing"
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []


def test_nothing_moves_for_who_wants_no_motion_and_paper_shows_no_buttons(open_page, one_file):
    page = open_page(one_file + MOVED).page
    duration = "getComputedStyle(document.querySelector('.lv-now')).transitionDuration"
    assert page.evaluate(duration) != "0s"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(duration) == "0s"
    page.emulate_media(media="print")
    assert not [one for one in page.query_selector_all("button") if one.is_visible()]
    assert page.is_visible('[data-lever="aid.level"] .lv-value')
