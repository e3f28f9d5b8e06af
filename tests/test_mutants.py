"""Bad input by the thousand: a mutant of a real scenario file runs, or is refused cleanly.

And whatever is typed on the command line ends in output or in one clear message.
"""

from __future__ import annotations

import re
import string
from pathlib import Path

import numpy as np
from helpers.command import truce
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.inputs.ensemble import load_ensemble
from sim.inputs.levers import LEVERS
from sim.inputs.scenario import load_scenario
from sim.montecarlo import Plan

SHIPPED = sorted((Path(__file__).parent.parent / "scenarios").glob("*.toml"))
FILES = [path for path in SHIPPED if path.stem != "history"]
MUTANTS = 2000
ODD = [
    "nan", "inf", "-inf", "-0.0", "1e400", "0x1F", "1_000", "true", '"deferred"', '"Deferred"',
    '"0.5"', "[]", "[0.5]", "{}", '""', "2025-05-20", "2025-02-30", "1979-05-27T07:32:00Z",
    "9" * 400,
    "-1", "0", "1", "1.0000001", "365", "366", '"\\u001b[2J"', "'''x'''", '"""', "0.3.1", "\x00",
    "\x1b[31m", "é", "\ufeff", "= =", "[levers]", "[[changes]]", '"a.b" = 1', "#",
]  # fmt: skip


def mutant(text, rng):
    """A scenario file with one to three things wrong with it, or merely other."""
    for _ in range(rng.integers(1, 4)):
        text = STEPS[rng.integers(len(STEPS))](text, rng)
    return text


def other_value(text, rng):
    places = list(re.finditer(r"= (.+)$", text, re.M))
    if not places:
        return text
    place = places[rng.integers(len(places))]
    return text[: place.start(1)] + ODD[rng.integers(len(ODD))] + text[place.end(1) :]


def other_number(text, rng):
    """Another share in place of one: mostly fine."""
    places = list(re.finditer(r"(?<== )0\.\d+$", text, re.M))
    if not places:
        return text
    place = places[rng.integers(len(places))]
    return text[: place.start()] + f"{rng.random():.2f}" + text[place.end() :]


def other_key(text, rng):
    places = list(re.finditer(r'^("?[\w.]+"?) =', text, re.M))
    if not places:
        return text
    place = places[rng.integers(len(places))]
    names = [*LEVERS, "title", "day", "date", "lever", "as_of", "levers", "x.y", "schema"]
    name = names[rng.integers(len(names))]
    return text[: place.start(1)] + (f'"{name}"' if "." in name else name) + text[place.end(1) :]


def on_lines(change):
    def step(text, rng):
        lines = text.split("\n")
        change(lines, int(rng.integers(len(lines))), int(rng.integers(len(lines))))
        return "\n".join(lines)

    return step


def drop(lines, here, there):
    del lines[here]


def double(lines, here, there):
    lines.insert(there, lines[here])


def swap(lines, here, there):
    lines[here], lines[there] = lines[there], lines[here]


def other_letter(text, rng):
    here = int(rng.integers(len(text) + 1))
    letter = [*string.printable, *ODD][rng.integers(len(string.printable) + len(ODD))]
    return text[:here] + letter + text[here + 1 :]


def cut(text, rng):
    return text[: int(rng.integers(len(text) + 1))]


STEPS = [other_value, other_value, other_number, other_number, other_key, other_letter, cut,
         on_lines(drop), on_lines(double), on_lines(swap)]  # fmt: skip


def clean(message):
    return message.isprintable() and "Traceback" not in message and len(message) < 2000


def loaded(path):
    """The scenario, or what is said against it."""
    try:
        return load_scenario(path), ""
    except ScenarioError as error:
        return None, str(error)


def test_a_mutant_of_a_scenario_runs_or_is_refused_cleanly(tmp_path):
    rng = np.random.default_rng(20250520)
    members = load_ensemble(load_scenario("baseline").as_of)
    path = tmp_path / "mutant.toml"
    fates = {"runs": 0, "refused": 0}
    for number in range(MUTANTS):
        text = mutant(FILES[number % len(FILES)].read_text(encoding="utf-8"), rng)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        scenario, said = loaded(path)
        if scenario is None:
            assert "mutant.toml" in said or "history.toml" in said, text
            assert clean(said), text
            fates["refused"] += 1
            continue
        rows = Plan(scenario, members, 1, number).block(0, 2)
        assert set(rows["outcome"]) <= set(range(5)), text
        fates["runs"] += 1
    print(fates)
    assert min(fates.values()) > MUTANTS // 10


WORDS = st.one_of(
    st.sampled_from(
        ["run", "scenarios", "show", "check", "list", "evidence", "replay", "runs", "parameters",
         "baseline", "last", "--world", "--worlds", "--seed", "--set", "--as-of", "--horizon",
         "--precision", "--workers", "--json", "--help", "-1", "0", "1", "0.5", "nan",
         "sanctions.us_threat=0.5", "sanctions.us_threat=2", "=", "2025-05-20", "history"]
    ),
    st.text(max_size=12).filter(lambda word: "\x00" not in word),
)  # fmt: skip


@settings(
    deadline=None,
    max_examples=80,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(WORDS, max_size=6))
def test_whatever_is_typed_ends_in_output_or_in_one_message(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    if "run" in words:
        words = [*words, "--worlds", "4"]
    done = truce(*words)
    assert done.returncode in (0, 2), (words, done.stderr)
    assert "Traceback" not in done.stderr
    if done.returncode == 2:
        assert done.stderr.strip() or done.stdout.strip(), words
