"""The pages with levers as they are made: what they hold and forbid, how they are packed."""

from __future__ import annotations

import html
import itertools
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from helpers.levers import DOUBTS, explored
from helpers.pages import Structure, amiss

from sim import page
from sim.page import ASSETS, error_of, levers_part, live_page, page_of
from sim.page.pack import digest, island, one_script

FOLDER = Path(page.__file__).with_name("assets")
ODD = '</script><img src=x onerror="document.title=1">'


def code(path):
    """A module without its comments."""
    comment = r"/\*(?s:.*?)\*/|^\s*//.*|(?<=[;{},]) //.*"
    return re.sub(comment, "", path.read_text(encoding="utf-8"), flags=re.M)


class Inline(HTMLParser):
    """The texts of the styles and scripts of a page."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag in ("style", "script"):
            self.open = [tag, dict(attrs), ""]

    def handle_data(self, data):
        if self.open:
            self.open[2] += data

    def handle_endtag(self, tag):
        if self.open and tag == self.open[0]:
            self.found.append(tuple(self.open))
            self.open = None


@pytest.fixture(scope="module")
def one():
    return page_of(explored()).decode()


def test_the_same_document_gives_the_same_small_file(one):
    assert page_of(explored()) == one.encode()
    assert len(one.encode()) < 150_000


def test_the_largest_document_leaves_it_below_150_kb():
    """Six levers, three toggles and so eight fits, with seven digits a coefficient."""
    levers = [{**one, "lever": f"offer.issue_{i}"} for i, one in enumerate(explored()["levers"])]
    names = [one["lever"] for one in levers]
    fits = []
    for k in range(4):
        for deferred in itertools.combinations(names[:3], k):
            many, few = [-0.12345678] * 84, [-0.12345678] * 28
            worth = {"russia": many, "ukraine": many}
            fits.append({"deferred": deferred, "levers": names, "held": many, "both": many,
                         "agreed": many, "worth": worth, "error": few})  # fmt: skip
    doubts = [{**one, "text": one["text"] * 6} for one in DOUBTS * 4]
    document = explored(levers=levers, toggles=names[:3], fits=fits, doubts=doubts)
    assert len(page_of(document)) < 150_000


def test_the_policy_allows_the_style_and_the_script_within_and_nothing_else(one):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', one)[1]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    inline = Inline(one).found
    style, data, script = inline
    assert rules == {
        "default-src": "'none'", "style-src": f"'{digest(style[2])}'",
        "script-src": f"'{digest(script[2])}'", "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip
    assert data[1]["type"] == "application/json"
    assert json.loads(data[2]) == explored()


@pytest.mark.parametrize("make", [lambda: page_of(explored()), live_page])
def test_a_page_is_well_built_and_says_what_made_it(make):
    text = make().decode()
    assert set(amiss(text)) <= {"not one nav"}
    assert 'name="generator" content="truce-sim explore"' in text
    assert '<html lang="en">' in text
    tags = Structure(text).tags
    assert not [name for _, told, _ in tags for name in told if name.startswith("on")]
    assert not [told for _, told, _ in tags if "style" in told]


def test_the_one_file_names_no_address_and_the_live_page_only_its_own(one):
    assert not re.findall(r'(?:src|href)="', one)
    found = re.findall(r'(?:src|href)="([^"]*)"', live_page().decode())
    assert [name for name in found if name != "data:,"] == [
        "/assets/page.css", "/assets/levers.css", "/assets/live.js",
    ]  # fmt: skip
    for path in FOLDER.iterdir():
        assert re.findall(r"\w+://[^\"]+", path.read_text()) in ([], ["http://www.w3.org/2000/svg"])


def test_what_is_odd_is_shown_and_not_run():
    document = explored(
        title=ODD, scenario=ODD, command=ODD, doubts=[{**DOUBTS[0], "short": ODD, "text": ODD}],
        ensemble={"id": ODD, "kind": "posterior", "doubt": ODD}, sides={"russia": ODD},
    )  # fmt: skip
    text = page_of(document).decode()
    assert Structure(text).named("img") == []
    assert text.count("</script>") == 2
    data = next(body for _, told, body in Inline(text).found if told.get("type"))
    assert json.loads(data)["title"] == ODD


def test_it_says_how_well_it_repeats_the_simulation(one):
    told = "On 64 fresh points it errs by .16 points (root mean square), at most .4; its 95 %"
    assert told in one
    assert "fitted to 8,388,608 simulated worlds" in one
    assert "members' interval are off by .6 points on average, at most 2.13." in html.unescape(one)
    check = {"points": 8, "rmse": 0.02, "largest": 0.123456, "coverage": 0.5}
    assert error_of(check) == (
        "On 8 fresh points it errs by 2 points (root mean square), at most 12.35; "
        "its 95 % interval covered 50 % of them."
    )


def test_a_part_shares_no_name_with_the_page_that_it_stands_in():
    part = levers_part(explored())
    tags = Structure(part.html).tags
    names = [str(told[key]) for _, told, _ in tags for key in ("id", "class") if key in told]
    assert {name for name in " ".join(names).split() if name[:3] != "lv-"} == {"answer"}
    selectors = re.findall(r"^\s*([^@{}]+)\{", re.sub(r"/\*.*?\*/", "", part.css), flags=re.M)
    alone = [one for one in selectors if ".lv-" not in one]
    assert alone == []
    assert "<h3>What this is and is not</h3>" in part.html


def test_every_asset_is_there_and_imports_only_assets():
    kept = {path.name for path in FOLDER.iterdir()}
    assert kept - set(ASSETS) == {"one.js", "numbers.js"}
    for name, path in ASSETS.items():
        imported = re.findall(r'from "\./(.*?)"', path.read_text())
        assert set(imported) <= set(ASSETS), name


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.js")), ids=lambda path: path.name)
def test_no_module_reads_data_as_markup(path):
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(|\.cssText"
    handlers = r"\bon(?:click|input|change|submit|load|error|(?:key|mouse|pointer)\w+)\b|\bstyle: "
    assert not re.findall(f"{forbidden}|{handlers}", code(path))
    assert len(path.read_text().splitlines()) <= 400


def test_modules_are_packed_in_the_order_of_their_imports():
    texts = {
        "a.js": 'import { two } from "./b.js";\nimport {\n  three,\n} from "./c.js";\nrun(two);\n',
        "b.js": 'import { three } from "./c.js";\nexport const two = three - 1;\n',
        "c.js": "export const three = 3;\nexport async function other() {}\nexport class One {}\n",
    }
    packed = one_script("a.js", texts.__getitem__)
    places = [packed.index(f'modules["{name}"] = ') for name in ("c.js", "b.js", "a.js")]
    assert places == sorted(places)
    assert packed.count('modules["c.js"] = ') == 1
    assert "return { three, other, One };" in packed
    assert not re.search(r"^\s*(import|export)", packed, re.M)


@pytest.mark.parametrize(
    "line",
    ['import * as all from "./b.js";', 'import one from "./b.js";', "export default 3;",
     'export { one } from "./b.js";', "export let one = 1;", 'import { a } from "elsewhere";'],
)  # fmt: skip
def test_what_the_packer_does_not_know_is_an_error(line):
    with pytest.raises(ValueError, match=r"a\.js: .* cannot be packed"):
        one_script("a.js", {"a.js": f"{line}\n", "b.js": ""}.__getitem__)


def test_modules_that_import_each_other_are_an_error():
    texts = {"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'}
    with pytest.raises(ValueError, match=r"a\.js: it imports itself by way of b\.js"):
        one_script("a.js", texts.__getitem__)


def test_numbers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        island({"held": float("nan")})


def test_a_title_does_not_turn_the_direction_of_what_follows():
    page = page_of(explored(title="a\u202eb")).decode()
    assert "\u202e" not in page
    assert r"a\u202eb" in page
