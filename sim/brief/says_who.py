"""The part that says who: what matters most, its sources, and what would change it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim import plots
from sim.attribution.explain import Explanation, Reason
from sim.attribution.references import cited, place
from sim.brief.content import Block, Cell, Part, Picture, Table, say, table
from sim.brief.inputs import Material
from sim.brief.sets import settings
from sim.brief.titles import sentence
from sim.evidence.articles import Article
from sim.evidence.positions import Pull
from sim.evidence.statements import Statement, load_evidence
from sim.inputs.conflict import Conflict
from sim.inputs.facts import Facts
from sim.plots.drivers import caption as drivers_caption
from sim.plots.drivers import finding as leaning
from sim.plots.drivers import meaning
from sim.plots.words import PER_CENT
from sim.words import spelled

NUMBERS = 6
"""How many of the numbers that the odds lean on are shown."""
ROWS = 2
"""How many statements are shown behind each."""
_LASTS = "Base rate: how often a truce of a month lasts its month"
ASSUMED = "assumed"


def says_who(m: Material) -> Part:
    """The assumptions that matter most, each with value, interval and source."""
    scenario = m.scenario
    evidence = load_evidence(as_of=scenario.as_of, conflict=scenario.conflict)
    articles = {one.id: one for one in evidence.articles}
    blocks: list[Block] = []
    explanation = m.explanation
    said = "The odds cannot be led back to their numbers: too few members were used"
    if explanation is None:
        blocks.append(say(f"This run cannot be led back to its numbers: {m.why_not}"))
    else:
        said = sentence(leaning(explanation))
        blocks += [*_leaning(explanation, said, articles)]
        rows = _statements(explanation)
        if rows:
            blocks.append(_statement_table(rows, articles, scenario.conflict))
    blocks.append(settings(scenario, articles))
    return Part("says-who", "Says who", tuple(blocks), said)


def _explained(explanation: Explanation) -> str:
    assumed = sum(r.driver.share for r in explanation.reasons if r.source.standing == ASSUMED)
    return (
        f"{len(explanation.reasons)} numbers explain {_part(explanation.drivers.explained)} of "
        f"what members disagree on; {_part(assumed)} leans on what is merely assumed."
    )


def _leaning(
    explanation: Explanation, said: str, articles: Mapping[str, Article]
) -> tuple[Picture, Table]:
    shares = "; ".join(
        f"{meaning(reason, explanation.conflict)}: {_part(reason.driver.share)} "
        f"({reason.source.standing})"
        for reason in explanation.reasons[:NUMBERS]
    )
    picture = Picture(
        "drivers",
        said,
        f"Bars of the share of the members' spread. {shares}.",
        drivers_caption(explanation),
        lambda size: plots.drivers(explanation, size=size, bare=True),
    )
    return picture, _assumptions(explanation, articles)


def plain(reason: Reason, conflict: Conflict) -> str:
    """Write what a number is inside a sentence, in short."""
    text = meaning(reason, conflict).partition(";")[0]
    return text[:1].lower() + text[1:]


def _part(share: float) -> str:
    return f"{100.0 * share:.0f}{PER_CENT}"


def _assumptions(explanation: Explanation, articles: Mapping[str, Article]) -> Table:
    """The numbers that the odds lean on most and the base rate, with who says so."""
    rows: list[tuple[Any, ...]] = []
    for reason in explanation.reasons[:NUMBERS]:
        source = reason.source
        public = f" Known by {source.known_by}." if source.known_by else ""
        rows.append((
            meaning(reason, explanation.conflict),
            Cell(value(reason.after), reason.after[1]),
            Cell(source.standing, flag=source.standing in (ASSUMED, "size assumed")),
            f"{cited(source.text, articles)}.{public}{_ids(reason)}",
        ))  # fmt: skip
    facts = explanation.conflict.facts
    rate = Cell(f"{100.0 * facts.base_rate.lasts:.0f}{PER_CENT}", facts.base_rate.lasts)
    rows.append((_LASTS, rate, "assumed", _base_rate(facts)))
    anchors = [f"number-{reason.driver.name}" for reason in explanation.reasons[:NUMBERS]]
    header = ("Number", f"Value (90{PER_CENT})", "Standing", "Who says so")
    note = (
        f"Value: median and 90{PER_CENT} of members, after the record was weighed. Flagged: merely "
        "assumed, in direction or in size. truce explain tells of every number."
    )
    return table("assumptions", _explained(explanation), header, rows, caption=note, slide=False,
                 anchors=(*anchors, "base-rate"), numeric=frozenset({1}))  # fmt: skip


def _base_rate(facts: Facts) -> str:
    return (
        f"No full mutual truce since {facts.war.began}: a rate of half an event over those days "
        "(Jeffreys), times this share, the median of past conflicts."
    )


def value(interval: tuple[float, float, float]) -> str:
    """Write a median and 90 % of members, as fine as two digits of the interval's width.

    >>> value((-0.2513, -0.0024, 0.2391)), value((5.91, 12.3, 23.4)), value((0.2, 0.2, 0.2))
    ('0.00 (−0.25 to 0.24)', '12 (6 to 23)', '0.2')
    """
    low, middle, high = interval
    if low == high:
        return f"{middle:.2g}".replace("-", "−")
    digits = max(0, 1 - math.floor(math.log10(high - low)))
    ends = (_signed(end, digits) for end in (middle, low, high))
    return "{} ({} to {})".format(*ends)


def _signed(number: float, digits: int) -> str:
    text = f"{number:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def _ids(reason: Reason) -> str:
    rows = [row.id for row, _ in reason.source.statements[:ROWS]]
    return f" Statements: {', '.join(rows)}." if rows else ""


def _statements(explanation: Explanation) -> dict[str, tuple[Statement, Pull | None]]:
    return {
        row.id: (row, pull)
        for reason in explanation.reasons[:NUMBERS]
        for row, pull in reason.source.statements[:ROWS]
    }


def _statement_table(
    rows: Mapping[str, tuple[Statement, Pull | None]],
    articles: Mapping[str, Article],
    conflict: Conflict,
) -> Table:
    cells = [
        (
            Cell(row.id),
            Cell(place(articles, row.article, row.paragraph)),
            Cell(str(row.date)),
            conflict.names.get(row.holder, row.holder),
            spelled(row.paraphrase, conflict),
            Cell(f"{pull.pull:+.2f}".replace("-", "−") if pull else "weight only",
                 pull.pull if pull else None),
        )
        for row, pull in rows.values()
    ]  # fmt: skip
    header = ("Statement", "Article", "Said on", "By", "In our words", "Pull, logits")
    note = "Pull: by how much the statement moved the estimate of the position, in logits."
    return table("statements", "What was said, and where", header, cells, caption=note,
                 anchors=tuple(f"statement-{row}" for row in rows), numeric=frozenset({5}),
                 slide=False)  # fmt: skip
