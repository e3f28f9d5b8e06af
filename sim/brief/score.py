"""The part that says how the model's forecasts have fared so far, and how little that shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim import plots
from sim.brief.content import Block, Cell, Part, Picture, Span, Table, say, table
from sim.brief.inputs import Material
from sim.brief.titles import sentence
from sim.errors import SimError
from sim.inputs.conflict import Conflict
from sim.ledger.ask import stale
from sim.ledger.book import HINDCAST, SEALED, read_ledger, shipped_page
from sim.ledger.score import NAMES, PageScore, Score, scored
from sim.ledger.scoring import CLAIM, power
from sim.ledger.words import NOTES, power_sentence
from sim.plots.scores import caption, finding
from sim.plots.words import PER_CENT
from sim.text import counted, of_hundred

HEADING = "How its forecasts have fared"
_WHAT = {SEALED: "Sealed before the answer. ", HINDCAST: "Hindcasts. "}


def score(m: Material) -> Part:
    """What was sealed before its answer, and apart from it the hindcasts, with their power."""
    try:
        found = _found(m)
    except SimError as error:
        said = f"The ledger of forecasts cannot be read, so that there is no score: {error}"
        return Part("score", HEADING, (say(said, kind="warning"),), "There is no score")
    blocks = [*_blocks(found, m.scenario.conflict)]
    return Part("score", HEADING, tuple(blocks), _said(found), slides=bool(found.sealed.n))


def _found(m: Material) -> Score:
    """The scores of what was sealed and of the hindcasts that ship."""
    page = shipped_page(m.scenario.conflict)
    return scored([*read_ledger(m.ledger).forecasts, *(page.forecasts if page else ())])


def score_sentence(m: Material) -> str:
    """Say in a sentence or two how the model's forecasts have fared, and what that can show."""
    try:
        found = _found(m)
    except SimError:
        return "The ledger of its forecasts cannot be read."
    told = found.pages[SEALED if found.sealed.n else HINDCAST]
    before = "" if found.sealed.n else "Its record: no forecast made beforehand has come due yet. "
    base = told.told["base_rate"]
    if not told.n or base.brier is None or base.model is None:
        return before.strip()
    what = "forecasts that came due" if found.sealed.n else "questions about earlier days"
    said = (
        f"{before}On {base.n} {what} it scored {base.model:.2f}, base rates alone "
        f"{base.brier:.2f} (Brier score, 0 is perfect)"
    )
    if told.n > 1 and (chance := power(told.n)) < CLAIM:
        said += ": too few to show skill, which even a perfect forecaster would show in only "
        said += f"{of_hundred(chance)} such records"
    return f"{said}."


def _said(found: Score) -> str:
    page = SEALED if found.sealed.n else HINDCAST
    if not found.pages[page].n:
        return "No forecast of this model has been settled yet"
    return sentence(finding(found.pages[page], page)).rstrip(".")


def _blocks(found: Score, conflict: Conflict) -> Iterator[Block]:
    for page, told in found.pages.items():
        yield say(Span(_WHAT[page], strong=True), " ".join(_sentences(told, page)))
    if outdated := stale(found.hindcasts.forecasts, conflict):
        yield say(outdated, kind="warning")
    for page, told in found.pages.items():
        if told.n and page == SEALED:
            yield _picture(found, page)
        if told.n:
            yield _table(told, page)


def _sentences(told: PageScore, page: str) -> Iterator[str]:
    if page == HINDCAST:
        if not told.forecasts:
            yield "None come with this conflict."
            return
        yield (
            "Asked of past days and settled by the coded articles, from odds that used nothing "
            "later; but the model was built by people who knew what came, so that they are no "
            "test of foresight."
        )
    elif not told.forecasts:
        yield "Nothing has been sealed yet, so that foresight has not been tested at all."
        return
    yield (
        f"{counted(told.n, 'question')} settled, {told.yes} of them yes; {told.void} void, "
        f"{told.open} open."
    )
    if not told.n:
        return
    base = told.told["base_rate"]
    scores = f"Brier score of the model {told.told['model'].brier:.2f}"
    if base.brier is not None:
        scores += f"; of the base rate {base.brier:.2f}, and of the model on the same questions "
        scores += f"{base.model:.2f}"
    yield f"{scores}."
    yield power_sentence(told.n)


def _picture(found: Score, page: str) -> Picture:
    told = found.pages[page]
    rows = "; ".join(
        f"{one.text} {100.0 * one.odds.mean:.0f}{PER_CENT}, {'yes' if one.came else 'no'}"
        for one in told.asked
    )
    return Picture(
        f"scores-{page}",
        sentence(finding(told, page)),
        f"Odds that the model gave to each settled question, and whether it came. {rows}",
        caption(told),
        lambda size: plots.scores(found, size=size, bare=True, page=page),
    )


def _table(told: PageScore, page: str) -> Table:
    header = ("Forecaster", "Questions", "Brier", "Log", "Model on these", "Model ahead by",
              f"95{PER_CENT}", "Verdict")  # fmt: skip
    rows = [_row(told, name) for name in told.told]
    titles = {SEALED: "Scores of what was sealed", HINDCAST: "Scores of the hindcasts"}
    return table(f"score-{page}", titles[page], header, rows, slide=False, caption=NOTES[0],
                 numeric=frozenset(range(1, 7)))  # fmt: skip


def _row(told: PageScore, name: str) -> tuple[Any, ...]:
    one = told.told[name]
    lead = one.lead
    text = NAMES.get(name, name)
    cells: list[Any] = [
        f"{text[:1].upper()}{text[1:]}",
        Cell(str(one.n), one.n),
        _number(one.brier),
        _number(one.log),
        _number(one.model if lead else None),
    ]
    if lead is None:
        return (*cells, "", "", "")
    between = " to ".join(map(_signed, lead.interval)) if lead.interval else ""
    return (*cells, Cell(_signed(lead.mean), lead.mean), between, told.verdict(name))


def _number(value: float | None) -> Cell:
    return Cell("" if value is None else f"{value:.2f}", value)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")
