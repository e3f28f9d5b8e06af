"""Fill the tables of numbers in the pages: `make tables`.

A page marks a table by two comments, and what stands between them is written by this script::

    <!-- table: ensembles -->
    ...
    <!-- end -->

`python docs/tables.py` fills all tables, which takes minutes; with names it fills those; with
`--check` it changes nothing, and exits with 1 if a table that is quickly computed is out of date.
Tables that take longer than these are not filled: they stand in the pages, each below the command
that prints its numbers.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

import sim
from sim.brief.words import SURE, scale_rows
from sim.cli import app
from sim.engine.domain import Outcome
from sim.estimates import Odds
from sim.glossary import GLOSSARY
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import load_ensemble
from sim.inputs.kinds import EVENT_KINDS
from sim.inputs.levers import LEVERS, value_text
from sim.inputs.variants import variants_of
from sim.montecarlo import Plan, collect, stream

FOLDER = Path(__file__).parent
DATA = FOLDER.parent / "calibration"
MARKED = re.compile(r"<!-- table: ([a-z-]+) -->\n(.*?)<!-- end -->\n", re.DOTALL)
SEED = 1


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def command(*words: str) -> str:
    """Return what a `truce` command prints."""
    done = CliRunner().invoke(app, words)
    if done.exit_code:
        raise SystemExit(f"truce {' '.join(words)}: {done.output}")
    return done.stdout


# ------------------------------------------------------------------ quick tables


def parameters() -> str:
    """Every parameter with its prior and its source."""
    lines = command("parameters", "--markdown").splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith("|"))


def events() -> str:
    """Every kind of event, and what the calibration makes of it."""
    effects = {"paid": "imposed, and paid for", "set": "imposed, and not paid for"}
    return markdown(
        ("kind", "what happened", "what is made of it"),
        (
            (f"`{name}`", kind.meaning, effects.get(kind.effect) or f"nothing: {kind.why}")
            for name, kind in EVENT_KINDS.items()
        ),
    )


def hindcasts() -> str:
    """The page of hindcasts that ships, with what was said and what came."""
    page = sim.ledger.entries(DATA / "ledger.jsonl")
    return markdown(
        ("asked from", "question", "odds", "base rate", "prior", "frequency", "answer"),
        (
            (
                one.as_of,
                one.text,
                _share(one.odds.mean),
                *(_share(one.others.get(name)) for name in ("base_rate", "prior", "frequency")),
                one.state,
            )
            for one in page
        ),
    )


def _share(odds: float | None) -> str:
    return "none" if odds is None else f"{100.0 * odds:.1f} %"


def hindcast_scores() -> str:
    """The scores of that page; voids left out, and as if silence were a no."""
    page = sim.ledger.entries(DATA / "ledger.jsonl")
    score = sim.ledger.score(DATA / "ledger.jsonl").hindcasts
    rows = []
    for name, told in score.told.items():
        said = [one.odds.mean if name == "model" else one.others.get(name) for one in page]
        there = [(o, one.came is True) for o, one in zip(said, page, strict=True) if o is not None]
        as_no = sum((odds - came) ** 2 for odds, came in there) / len(there)
        lead = "" if told.lead is None else f"{told.lead.mean:+.3f}"
        if told.lead is not None and told.lead.interval is not None:
            lead += " ({:+.3f} to {:+.3f})".format(*told.lead.interval)
        rows.append((name.replace("_", " "), told.n, f"{told.brier:.3f}", f"{told.log:.2f}", lead,
                     f"{as_no:.3f} ({len(there)})"))  # fmt: skip
    header = ("forecaster", "questions", "Brier", "log", "model ahead by (95 %)",
              "Brier if silence were a no (questions)")  # fmt: skip
    return markdown(header, rows)


def power() -> str:
    """What a number of questions can show."""
    from sim.ledger.scoring import power

    sizes = (10, 14, 20, 40, 80, 160, 320)
    rows = [["chance", *(f"{power(n):.2f}" for n in sizes)]]
    return markdown(["questions", *map(str, sizes)], rows)


def words() -> str:
    """The word for each class of odds."""
    return markdown(("odds", "word"), ((odds, word) for word, odds in scale_rows()))


def confidence() -> str:
    """How wide the interval of a level is for each word of confidence."""
    rows, above = [], 0.0
    for width, word in SURE:
        below, beyond = f"below {100 * width:.0f} points", f"{100 * above:.0f} points or more"
        rows.append((beyond if width > 1 else below, word))
        above = width
    return markdown(("width", "confidence"), rows)


def doubts() -> str:
    """What the authors would not lean on."""
    found = tomllib.loads((DATA / "doubts.toml").read_text("utf-8"))["doubt"]
    return "".join(f"- **{one['name'].capitalize()}.** {one['text']}\n" for one in found)


def glossary() -> str:
    """The words of the results."""
    return "".join(
        f"- **{one.word}**: {one.meaning} ([{one.page.partition('.')[0]}]({one.page}))\n"
        for one in GLOSSARY
    )


OF_DAYS = 16_384
"""Worlds from each day's ensemble: four of each member."""
OF_VARIANTS = 20_480
"""Worlds from each variant's ensemble: five of each member."""


def ensembles() -> str:
    """The ensembles that ship, how they were made, and the baseline's odds from each."""
    header = ("as of", "statements", "scored events", "particles", "effective size", "k",
              "log evidence", "distinct parents", "`held`", "agreed")  # fmt: skip
    rows = []
    for path in sorted((DATA / "ensembles").glob("*.json")):
        made = json.loads(path.read_text("utf-8"))
        day = dt.date.fromisoformat(made["as_of"])
        results = sim.run(sim.load_scenario("baseline", day), worlds=OF_DAYS, seed=SEED, keep=False)
        rows.append((
            day, made["statements"], len(made["events"]), f"{made['particles']:,}",
            f"{made['effective_size']:,.0f}", f"{made['k']:.2f}", f"{made['log_evidence']:.2f}",
            f"{made['distinct_parents']:,}", share(results.odds["held"]), share(results.agreed),
        ))  # fmt: skip
    return markdown(header, rows)


def variant_ensembles() -> str:
    """The ensembles of variants that ship, and the baseline's odds from each on the same luck."""
    conflict = shipped()
    day = max(one.day for one in conflict.facts.ensemble)
    scenario = sim.load_scenario("baseline", day)
    chosen = [(one.title, one.view) for one in variants_of(conflict).values() if one.ships]
    rows, model = [], 0.0
    for title, view in [("the model", None), *chosen]:
        ensemble = load_ensemble(day, view=view)
        plan = Plan(scenario, ensemble, OF_VARIANTS, SEED)
        results = collect(plan, stream(plan), keep=False)
        evidence, size = (ensemble.manifest[key] for key in ("log_evidence", "effective_size"))
        model = evidence if view is None else model
        rows.append((
            title, f"`{view.name}`" if view else "", f"{evidence:.2f}",
            f"{evidence - model:+.2f}" if view else "", f"{size:,.0f}",
            share(results.odds["held"]), share(results.agreed),
        ))  # fmt: skip
    header = ("what is otherwise", "variant", "log evidence", "less the model's, nats",
              "effective size", "`held`", "agreed")  # fmt: skip
    return markdown(header, rows)


def share(odds: Odds) -> str:
    """Write odds in per cent with the half-width of their interval."""
    return f"{100 * odds.mean:.1f} ± {100 * odds.half_width:.1f} %"


# ------------------------------------------------------------------ tables of minutes

OF_LEVERS = 40_960
"""Worlds from each end of a lever's range: ten of each member."""
ENDS = {"sanctions.deadline_days": (7.0, 90.0)}
"""Ends of a range that are not the lever's own."""


def levers() -> str:
    """What each lever moves from one end of its range to the other, all others as they are."""
    baseline = sim.load_scenario("baseline")
    rows = []
    for lever in LEVERS.values():
        trial = lever.kind.trial()
        ends = ENDS.get(lever.name, (trial[0], trial[-1]))
        low, high = (
            sim.run(baseline.with_levers({lever.name: end}), worlds=OF_LEVERS, seed=SEED).rows
            for end in ends
        )
        member = low["member"]
        agreed = difference(member, high["full_truces"] > 0, low["full_truces"] > 0)
        held = difference(member, high["outcome"] == Outcome.HELD, low["outcome"] == Outcome.HELD)
        rows.append((f"`{lever.name}`", *map(value_text, ends), agreed, held))
    return markdown(("lever", "from", "to", "agreed", "`held`"), rows)


def difference(member: np.ndarray, high: np.ndarray, low: np.ndarray) -> str:
    """Return the mean difference of paired worlds, in points, with its error over members."""
    change = np.bincount(member, high.astype(float) - low) / np.bincount(member)
    half = 1.96 * change.std() / len(change) ** 0.5
    return f"{100 * change.mean():+.1f} ± {100 * half:.1f}"


def influence() -> str:
    """What the odds would be without each article."""
    words = ("evidence", "influence", "--only", "article", "--json", "--out")
    with tempfile.TemporaryDirectory() as out:
        found = json.loads(command(*words, out))
    articles = tomllib.loads((DATA / "evidence" / "articles.toml").read_text("utf-8"))["article"]
    days = {article["id"]: article["day"] for article in articles}
    rows = [
        (row["id"].split("_")[0], days[row["id"]],
         *(f"{100 * row[name]['change']:+.1f} ± {196 * row[name]['error']:.1f}"
           for name in found["odds"]))
        for row in found["rows"]
    ]  # fmt: skip
    return markdown(("left out", "of", *(f"`{name}`" for name in found["odds"])), rows)


@functools.cache
def _odds_of_variants() -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads(
        command("calibrate", "--variants", "--json")
    )
    return found


def _variants(part: str) -> str:
    """The odds under other choices in the model, with those where nothing is offered."""
    header = ("change", "log evidence", "effective size", "`held`", "agreed",
              "nothing offered: `held`", "agreed")  # fmt: skip
    found = _odds_of_variants()[part]
    return markdown(header, (
        (one["name"], f"{one['log_evidence']:.2f}", f"{one['effective']:,.0f}",
         *(f"{100 * one[name]:.1f} %" for name in
           ("held", "agreed", "held_with_nothing", "agreed_with_nothing")))
        for one in found
    ))  # fmt: skip


def steps() -> str:
    """The odds as one group of changes after the other entered the model."""
    return _variants("steps")


def variants() -> str:
    """The odds of the model with one thing changed."""
    return _variants("variants")


QUICK: dict[str, Callable[[], str]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        *(parameters, events, words, confidence, doubts, glossary, ensembles, variant_ensembles),
        *(hindcasts, hindcast_scores, power),
    )
}
SLOW: dict[str, Callable[[], str]] = {
    make.__name__: make for make in (levers, influence, steps, variants)
}


# ------------------------------------------------------------------ pages


def tables_of(page: Path) -> dict[str, str]:
    """Return the tables of a page as they stand, by name."""
    return {
        name: table.strip("\n") + "\n" for name, table in MARKED.findall(page.read_text("utf-8"))
    }


def fill(page: Path, made: dict[str, str]) -> None:
    """Write tables into their places in a page."""

    def filled(mark: re.Match[str]) -> str:
        name, table = mark.groups()
        return f"<!-- table: {name} -->\n{made.get(name, table)}<!-- end -->\n"

    text = page.read_text("utf-8")
    page.write_text(MARKED.sub(filled, text), encoding="utf-8", newline="\n")


def main(words: list[str]) -> int:
    """Fill the tables that are named, or all; with --check compare the quick ones."""
    known = QUICK | SLOW
    check = words == ["--check"]
    unknown = [name for name in words if name not in known and not check]
    if unknown:
        raise SystemExit(f"No table is called {unknown[0]!r}. There are: {', '.join(known)}.")
    names = list(QUICK) if check else words or list(known)
    made = {}
    stale = []
    for name in names:
        made[name] = known[name]()
        pages = [page for page in FOLDER.glob("*.md") if name in tables_of(page)]
        if not pages:
            raise SystemExit(f"No page has a place for the table {name!r}.")
        for page in pages:
            if tables_of(page)[name] != made[name]:
                stale.append(f"docs/{page.name}: {name}")
                if not check:
                    fill(page, made)
    for line in stale:
        print(f"{line} {'is out of date: make tables' if check else 'renewed'}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
