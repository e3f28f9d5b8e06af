"""The part that says who: what matters most, its sources, and what would change it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from sim import plots
from sim.attribution.explain import Explanation, Reason
from sim.attribution.references import cited, place, reference
from sim.brief.answer import sentence, short, title_of
from sim.brief.content import Block, Cell, Part, Picture, Table, say, table
from sim.brief.inputs import Material
from sim.brief.sets import settings
from sim.brief.watch import would_tell
from sim.brief.words import change
from sim.evidence.articles import Article
from sim.evidence.positions import Pull
from sim.evidence.statements import Statement, load_evidence
from sim.inputs.conflict import Conflict
from sim.inputs.facts import Facts
from sim.plots.compare import points
from sim.plots.drivers import caption as drivers_caption
from sim.plots.drivers import finding as leaning
from sim.plots.drivers import meaning
from sim.plots.panels import word
from sim.plots.words import PER_CENT
from sim.words import spelled

NUMBERS = 10
"""How many of the numbers that the odds lean on are shown."""
ROWS = 3
"""How many statements are shown behind each."""
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
        blocks += [
            say(_explained(explanation)),
            *_leaning(explanation, said),
            _sources(explanation, articles),
        ]
        rows = _statements(explanation)
        if rows:
            blocks.append(_statement_table(rows, articles, scenario.conflict))
    blocks.append(settings(scenario, articles))
    blocks.append(_base_rate(scenario.conflict.facts))
    blocks.append(_articles(articles))
    return Part("says-who", "Says who", tuple(blocks), said)


def _explained(explanation: Explanation) -> str:
    assumed = sum(r.driver.share for r in explanation.reasons if r.source.standing == ASSUMED)
    return (
        f"{len(explanation.reasons)} numbers explain {_part(explanation.drivers.explained)} of "
        f"what members disagree on; {_part(assumed)} leans on what is merely assumed."
    )


def _leaning(explanation: Explanation, said: str) -> tuple[Picture, Table]:
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
    return picture, _assumptions(explanation, _explained(explanation))


def plain(reason: Reason, conflict: Conflict) -> str:
    """Write what a number is inside a sentence, in short."""
    text = meaning(reason, conflict).partition(";")[0]
    return text[:1].lower() + text[1:]


def _part(share: float) -> str:
    return f"{100.0 * share:.0f}{PER_CENT}"


def _assumptions(explanation: Explanation, said: str) -> Table:
    rows = []
    anchors = []
    for reason in explanation.reasons[:NUMBERS]:
        driver, source = reason.driver, reason.source
        flagged = source.standing in (ASSUMED, "size assumed")
        to = f"source-{driver.name}"
        rows.append((
            meaning(reason, explanation.conflict),
            Cell(value(reason.after), reason.after[1], to=to),
            Cell(value(reason.before), reason.before[1], to=to),
            Cell(_part(driver.share), driver.share),
            Cell(f"{100.0 * driver.slope:+.0f}".replace("-", "−"), driver.slope),
            Cell(source.standing, to=to, flag=flagged),
        ))  # fmt: skip
        anchors.append(f"number-{driver.name}")
    header = ("Assumption", f"Value (90{PER_CENT})", "Before the record", "Share of the spread",
              "Low to high, points", "Who says so")  # fmt: skip
    note = (
        "Value: median and 90 % of members, after the record was weighed. Low to high: how far "
        "the odds that a truce holds differ between members in the number's low and high tenth, "
        "with all that goes with it. Flagged: merely assumed, in direction or in size."
    )
    return table("assumptions", said, header, rows, caption=note,
                 anchors=tuple(anchors), numeric=frozenset({1, 2, 3, 4}))  # fmt: skip


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


def _sources(explanation: Explanation, articles: Mapping[str, Article]) -> Table:
    rows = []
    for reason in explanation.reasons[:NUMBERS]:
        source = reason.source
        public = f" Known by {source.known_by}." if source.known_by else ""
        behind = _ids(reason)
        rows.append((
            Cell(meaning(reason, explanation.conflict), to=f"number-{reason.driver.name}"),
            Cell(source.standing, flag=source.standing == ASSUMED),
            f"{cited(source.text, articles)}.{public}{behind}",
        ))  # fmt: skip
    anchors = tuple(f"source-{reason.driver.name}" for reason in explanation.reasons[:NUMBERS])
    return table("sources", "Where each number comes from", ("Assumption", "Standing", "Source"),
                 rows, anchors=anchors, slide=False)  # fmt: skip


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
            Cell(place(articles, row.article, row.paragraph), to=f"article-{row.article[:3]}"),
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


# ------------------------------------------------------------------ sources


def _base_rate(facts: Facts) -> Table:
    lasts = f"{facts.base_rate.lasts:.2f}".lstrip("0")
    text = (
        f"No full mutual truce since {facts.war.began}: a rate of half an event over those days "
        f"(Jeffreys), times {lasts}, the median chance in past conflicts that a truce of a month "
        "lasts its month."
    )
    return table("base-rates", "Where the base rate comes from", ("Number", "Source"),
                 [("Base rate", text)], anchors=("base-rate",), slide=False)  # fmt: skip


def _articles(articles: Mapping[str, Article]) -> Table:
    rows = [
        (one.id[:3], reference(one), Cell(str(one.day)))
        for one in sorted(articles.values(), key=lambda one: one.day)
    ]
    anchors = tuple(
        f"article-{one.id[:3]}" for one in sorted(articles.values(), key=lambda one: one.day)
    )
    return table("articles", "The articles behind the statements",
                 ("Article", "Title, outlet and day", "Day"), rows, anchors=anchors,
                 caption="In square brackets: our words, where the text gives none.",
                 slide=False)  # fmt: skip


# ------------------------------------------------------------------ what would change this


def would_change(m: Material) -> Part:
    """What would move the odds: what one may learn, and what one may do."""
    points = [*_learning(m), *_doing(m)]
    blocks: list[Block] = [say(text, kind="point") for text in points]
    if not points:
        blocks = [say("Nothing among the inputs says what would change the odds.")]
    return Part("change", "What would change this", tuple(blocks), _most(m))


def _most(m: Material) -> str:
    if m.explanation is None or not m.explanation.reasons:
        return "What would change the odds"
    first = m.explanation.reasons[0]
    named = plain(first, m.explanation.conflict)
    return (
        f"Of the model's numbers, the odds lean most on one that may be learnt: {named} "
        f"({abs(100.0 * first.driver.slope):.0f} points from its low tenth to its high)"
    )


def _learning(m: Material) -> Iterator[str]:
    if m.explanation is not None:
        for reason in m.explanation.reasons[:3]:
            slope = 100.0 * reason.driver.slope
            verb = "raise" if slope > 0.0 else "lower"
            yield (
                f"To learn that this number is in its high tenth, not its low tenth, would {verb} "
                f"the odds that a truce holds by {abs(slope):.0f} points: "
                f"{plain(reason, m.explanation.conflict)}."
            )
    if m.influence is not None:
        rows = [row for row in m.influence.rows if row.kind in ("article", "event")]
        rows.sort(key=lambda row: -abs(row.shifts["held"].change))
        for row in rows[:2]:
            moved = row.shifts["held"]
            half = 196.0 * moved.error
            by = f"{100.0 * moved.change:+.1f} ± {half:.1f}".replace("-", "−")
            yield f"Without the {row.kind} “{row.label}”, the odds would move by {by} points."
    for found in m.watches:
        yield from would_tell(found)


def _doing(m: Material) -> Iterator[str]:
    if m.comparison is not None:
        pairs = zip(m.comparison.results[1:], m.comparison.differences["held"], strict=True)
        for other, found in pairs:
            if found.dice != "tied":
                first = title_of(m.comparison.results[0])
                yield f"{title_of(other)} in place of {first}: {change(found)}."
    for study in m.studies:
        best = study.summary["best"]
        if best and best["gain"] and best["gain"]["mc"][0] > 0.0:
            half = (best["gain"]["mc"][1] - best["gain"]["mc"][0]) / 2.0
            low, high = (points(end, half).lstrip("+") for end in best["gain"]["mc"])
            where = ", ".join(f"{lever} {word(value)}" for lever, value in best["levers"].items())
            more = f"{low} to {high} points more than as it stands"
            if best["gain"]["split"]:
                more = "more than as it stands on average; the members disagree on the sign"
            yield f"{short(study.scenario.title)} with {where}: {more}."
