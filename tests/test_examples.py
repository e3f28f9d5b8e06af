"""The commands that README, pages and helps show: each is one that there is, and it works."""

from __future__ import annotations

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
