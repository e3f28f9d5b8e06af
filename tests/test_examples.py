"""The commands that README, pages and helps show: each is one that there is, and it works."""

from __future__ import annotations

import re

import pytest
from helpers.command import truce
from helpers.examples import PAGES, of_helps, of_page, parsed, tree

EXAMPLES = [*(one for page in PAGES for one in of_page(page)), *of_helps(tree())]
FEW = {
    **dict.fromkeys(("run", "compare", "why", "watch"), ("--worlds", 4096)),
    **dict.fromkeys(("optimise", "sensitivity"), ("--worlds", 256)),
    "sweep": ("--worlds", 64),
    "update": ("--worlds", 512),
}
"""What is added to a command that README shows, so that it takes seconds."""
READ = {
    ("levers",), ("parameters",), ("variants",), ("runs",),
    ("scenarios", "list"), ("scenarios", "show"), ("scenarios", "new"), ("scenarios", "check"),
    ("scenarios", "schema"), ("evidence", "list"), ("evidence", "show"), ("evidence", "new"),
    ("evidence", "template"),
}  # fmt: skip
"""Commands that simulate nothing and need no file of a reader's own."""
THEIR_OWN = {("variants", "my-doubt")}
"""Examples that name what a reader has made."""
FEWER = {
    **FEW,
    "redteam": ("--worlds", 256),
    "brief": ("--format", "html"),
    "timeline": ("--as-of", "2025-03-13", "--particles", 8192, "--worlds", 400),
}
"""What is added to a command that simulates and that a page or a help shows."""
NOT_RUN = {
    r"my-desk|anna\.toml": "the sheet of an analyst, which a reader fills in",
    r"question\.toml|^ledger resolve|3f2a9c": "a question or a result of a reader's own",
    r"news/|second/": "articles that a reader codes",
    r"my-doubt|--data|--cluster|costs\.toml": "a variant or such of a reader's own",
    r"last-(discovery|influence|timeline)": "results that take minutes",
    r"^calibrate|^evidence influence|^update": "pasts are weighed, minutes whatever the worlds",
    r"^discover": "64 worlds of each member, whatever is asked",
    r"^sensitivity .*(--vary|--rank)": "hundreds of scenarios, a minute whatever the worlds",
    r"^evidence check calibration": "a clone, not an empty folder",
}
"""Examples that are not run, as patterns, and why: a reader's own input, or they take minutes."""
REFUSED = {("ledger", "seal"): "is over"}
"""Examples that are refused once their day is over, with what is then said."""
FIRST = (
    *(("run", "baseline"), ("compare", "baseline", "us-backstop"), ("watch", "baseline")),
    ("sweep", "baseline", "--vary", "offer.territory=0.5:1:3"),
)
"""What examples take up that say `last` and the like."""


def test_every_example_is_a_command_that_there_is():
    assert len(EXAMPLES) > 150
    wrong = []
    for example in EXAMPLES:
        try:
            parsed(example.words)
        except Exception as error:  # all are told at once
            wrong.append(f"{example}: {error}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "words",
    [
        ("runn", "baseline"),
        ("run", "baseline", "--worldz", "3"),
        ("run", "baseline", "--worlds", "many"),
        ("run",),
        ("evidence", "nothing"),
        ("evidence", "show", "russia", "territory", "more"),
        ("--dat", "other", "run", "baseline"),
    ],
)
def test_what_is_no_command_is_found(words):
    with pytest.raises(
        Exception, match=r"no command|No such|not a valid|Missing|unexpected|valid integer"
    ):
        parsed(words)


@pytest.mark.long
def test_the_commands_of_readme_work_in_order_in_an_empty_folder(tmp_path):
    readme = list(of_page(PAGES[0]))
    assert len(readme) >= 12
    wrong = []
    for example in readme:
        done = truce(*example.words, *FEW.get(example.words[0], ()), cwd=tmp_path)
        if done.returncode:
            wrong.append(f"{example}\n{done.stderr}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
def test_examples_that_simulate_nothing_work_in_order_in_an_empty_folder(tmp_path):
    seen = set()
    for example in EXAMPLES:
        words = example.words
        removes = "--remove" in words  # there is nothing yet
        if words in seen | THEIR_OWN or removes or not {words[:1], words[:2]} & READ:
            continue
        seen.add(words)
        if words[:2] == ("scenarios", "check"):
            truce("scenarios", "new", words[2].split("/")[-1].removesuffix(".toml"), cwd=tmp_path)
        done = truce(*words, cwd=tmp_path)
        assert done.returncode == 0, f"{example}\n{done.stderr}"
    assert len(seen) > 15


def _alike(words):
    """What examples share of which one is run: the command, its options, and what it takes up."""
    options = tuple(sorted({word for word in words if word.startswith("--")}))
    last = tuple(word for word in words if word.startswith("last"))
    return words[0], words[1:2] if words[0] == "ledger" else (), options, last


@pytest.mark.long
def test_examples_that_simulate_work_in_an_empty_folder_with_few_worlds(tmp_path):
    shown = [one for one in EXAMPLES if one.where != PAGES[0].name and one.words]
    asked = [one for one in shown if not {one.words[:1], one.words[:2]} & READ]
    texts = [" ".join(one.words) for one in asked]
    assert all(any(re.search(one, text) for text in texts) for one in NOT_RUN)
    for words in FIRST:
        assert truce(*words, *FEWER[words[0]], cwd=tmp_path).returncode == 0, words
    seen, wrong = set(), []
    for example, text in zip(asked, texts, strict=True):
        words = example.words
        if _alike(words) in seen or any(re.search(one, text) for one in NOT_RUN):
            continue
        seen.add(_alike(words))
        done = truce(*words, *_fewer(words), cwd=tmp_path)
        refused = REFUSED.get(words[:2])
        if done.returncode != (2 if refused else 0) or (refused or "") not in done.stderr:
            wrong.append(f"{example}: {done.returncode}\n{done.stderr}")
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 25


def _fewer(words):
    if "--precision" in words:
        return ("--precision", 0.03)
    return () if "--world" in words or "--template" in words else FEWER.get(words[0], ())
