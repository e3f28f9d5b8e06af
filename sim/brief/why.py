"""The parts that say why: who blocks, the story of one world, the news, and what is not known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sim import plots
from sim.attribution.arrived import label
from sim.attribution.timeline import LINES as LINES_OF_ODDS
from sim.attribution.timeline import Point
from sim.attribution.why.one_world import OneWorld
from sim.brief.content import Block, Cell, Part, Picture, Span, say, table
from sim.brief.inputs import Material
from sim.brief.titles import sentence, title_of
from sim.diary import Diary, Entry
from sim.estimates import Odds
from sim.inputs.conflict import Conflict
from sim.plots.blockers import finding as blocking
from sim.plots.compare import points
from sim.plots.ignorance import finding as apart
from sim.plots.influence import caption as influence_caption
from sim.plots.influence import finding as influence_finding
from sim.plots.strip import ENDS, ending
from sim.plots.timeline import caption as timeline_caption
from sim.plots.timeline import finding as timeline_finding
from sim.plots.waterfall import world_caption, world_finding
from sim.plots.words import PER_CENT, caption
from sim.results import Results
from sim.text import date_words, days_word

LINES = 5
"""In how many lines the story of a world is written."""
_NOT_WHO = (
    "To block last is to give the last no. It does not say that this side alone stood in the way, "
    "that its yes would have brought a truce, or that it is to blame."
)
_WEIGHT = {
    "held": 10.0,
    "truce_ends": 9.0,
    "agreed": 8.0,
    "mediator_leaves": 8.0,
    "backstop": 7.0,
    "lever": 7.0,
    "partial": 6.0,
    "threat": 6.0,
    "partial_ends": 5.0,
    "pause": 3.0,
    "extension": 2.0,
    "review": 1.0,
    "round": 1.0,
    "direct_talk": 0.5,
    "incidents": 0.1,
}
"""Which days of a world come first in it; its first and last round weigh more, see `five_lines`."""


# ------------------------------------------------------------------ 5. why


def why(m: Material) -> Part:
    """Who blocks, on what; one world in five lines."""
    results, diary = m.results, m.diary
    said = sentence(blocking(results))
    world = (
        f"World {diary.world}, member {diary.member}, is typical of the commonest ending: "
        f"{ENDS[diary.outcome]}. Day by day: truce replay {m.results.run_id} --world {diary.world}"
    )
    blocks: list[Block] = [
        Picture(
            "blockers",
            said,
            f"Bars of who blocked last, by issue. {_blockers_in_words(results)}",
            caption(results),
            lambda size: plots.blockers(results, size=size, bare=True),
        ),
        say(Span("What that does not say. ", strong=True), _NOT_WHO),
        say(Span("One world in five lines. ", strong=True), world),
        *(say(line, kind="point") for line in five_lines(diary)),
        *(_turned(one, number) for number, one in enumerate(m.worlds)),
    ]
    return Part("why", "Why: who blocks, and on what", tuple(blocks), said)


def _turned(one: OneWorld, number: int) -> Picture:
    """What decided a world that was asked about."""
    said = sentence(world_finding(one))
    luck = "; ".join(
        f"{'all days' if throw.day is None else f'day {throw.day}'}, {throw.words}: "
        f"{_part(throw.chance)}"
        for throw in (*one.groups, *one.dice[:LINES])
    )
    return Picture(
        f"turned-{number}",
        said,
        f"Bars of the chance that another draw of luck would have changed the outcome. {luck}.",
        world_caption(one),
        lambda size: plots.turning_points(one, size=size, bare=True),
    )


def _blockers_in_words(results: Results) -> str:
    sides = []
    for actor, one in results.blockers().items():
        issues = ", ".join(
            f"{issue.replace('_', ' ')} {_part(share)}" for issue, share in one["issues"].items()
        )
        name = results.scenario.conflict.names[actor]
        sides.append(f"{name}: {_part(one['share'] or 0.0)} ({issues or 'never'}).")
    return " ".join(sides)


def _part(share: float) -> str:
    return f"{100.0 * share:.0f}{PER_CENT}"


def five_lines(diary: Diary) -> list[str]:
    """Tell a world in at most five lines: its first and last round, what turned it, its end."""
    by_day: dict[int, list[Entry]] = defaultdict(list)
    for entry in diary.entries[:-1]:
        by_day[entry.day].append(entry)
    rounds = [day for day, entries in by_day.items() if any(e.what == "round" for e in entries)]
    weight = {day: max(_WEIGHT.get(e.what, 0.0) for e in es) for day, es in by_day.items()}
    for day in (rounds[0], rounds[-1]) if rounds else ():
        weight[day] = max(weight[day], 8.5)
    chosen = sorted(sorted(by_day, key=lambda day: (-weight[day], day))[: LINES - 1])
    end = diary.entries[-1]
    conflict = diary.scenario.conflict
    told = [by_day[day][0].date for day in chosen]
    dates = date_words([*told, end.date, diary.scenario.as_of])
    lines = [
        _line(f"Day {day} ({date})", by_day[day], conflict)
        for day, date in zip(chosen, dates, strict=False)
    ]
    return [*lines, f"Day {end.day} ({dates[len(told)]}): the end, {ending(diary)}."]


def _line(day: str, entries: list[Entry], conflict: Conflict) -> str:
    shown = (entry for entry in entries if entry.what not in ("incidents", "review"))
    package: dict[str, float | str] = next(
        (e.numbers["package"] for e in entries if e.what == "round"), {}
    )
    text = " ".join(_short(entry, conflict, package) for entry in shown)
    return f"{day}: {text or entries[0].text}"


def _short(entry: Entry, conflict: Conflict, package: Mapping[str, float | str]) -> str:
    """An entry without its reasons, on a day with talks about a package."""
    if entry.what != "answer":
        return entry.text
    issue = entry.numbers["blocked_issue"]
    later = ", for what a later settlement would bring" if package.get(issue) == "deferred" else ""
    blocked = f" (on {str(issue).replace('_', ' ')}{later})" if issue else ""
    said = entry.numbers["answer"]
    chance = _part(float(entry.numbers["odds"]["yes"]))
    name = conflict.names[entry.numbers["actor"]]
    return f"{name}: {said}{blocked}; the odds of a yes were {chance}."


# ------------------------------------------------------------------ 6. the news


def news(m: Material) -> Part | None:
    """How the odds moved as the news came in."""
    timeline = m.timeline
    if timeline is None:
        return None
    said = sentence(timeline_finding(timeline))
    picture = Picture(
        "timeline",
        said,
        f"Lines of odds by day. {said}",
        timeline_caption(timeline),
        lambda size: plots.timeline(timeline, size=size, bare=True),
    )
    rows = [
        (
            Cell(str(point.news.day)),
            *(Cell(_odds_text(point.odds[name]), point.odds[name].mean) for name in LINES_OF_ODDS),
            label(point.news, timeline.conflict, _fits, _shares(m, before, point)),
        )
        for before, point in zip((None, *timeline.points), timeline.points, strict=False)
    ]
    header = ("As of", "Any mutual pause", "Full truce agreed", "Held", "What arrived")
    note = (
        f"Odds for the {days_word(timeline.horizon_days)} after each day, ± error of the estimate, "
        "from what was public on it. Of what arrived answers and levers come first, and what does "
        "not fit is counted (the timeline's own table names all). How much of a move is due to "
        "which is known only where it is said, from an update between the same two days."
    )
    whose = say(
        f"These are odds of the baseline, {days_word(timeline.horizon_days)} ahead of each day, as "
        "they were before the levers of any other scenario: read the moves, not the level."
    )
    every = table("days", said, header, rows, caption=note, numeric=NUMBERS, slide=False)
    return Part("news", "How the odds moved as the news came in", (whose, picture, every), said)


NUMBERS = frozenset({1, 2, 3})
_LONGEST = 260
"""Letters of what arrived on a day."""


def _fits(text: str) -> bool:
    return len(text) <= _LONGEST


def _shares(m: Material, before: Point | None, point: Point) -> dict[str, str]:
    """What rows clearly add to the odds of a full truce, if an update tells it of this step."""
    assert m.timeline is not None
    for update in m.updates:
        new = update.setting.first
        step = (update.before.day, new.as_of, new.horizon_days)
        if before and step == (before.news.day, point.news.day, m.timeline.horizon_days):
            rows = sorted(update.rows, key=lambda row: -abs(row.adds["agreed"].mean))
            adds = {row.id: row.adds["agreed"] for row in rows if row.day == point.news.day}
            return {
                name: f"{points(one.mean, one.half_width)} points of agreed by itself"
                for name, one in adds.items()
                if abs(one.mean) > one.half_width
            }
    return {}


def _odds_text(odds: Odds) -> str:
    return f"{100.0 * odds.mean:.0f} ± {100.0 * max(odds.half_width, 0.005):.0f}{PER_CENT}"


# ------------------------------------------------------------------ 7. not knowing


def ignorance(m: Material) -> Part:
    """How much is not knowing, how much is dice; which evidence moves it most."""
    results = m.results
    said = sentence(apart(results))
    blocks: list[Block] = [
        Picture(
            "members",
            said,
            f"The members' own odds against the error of the estimate. {said}",
            caption(results),
            lambda size: plots.ignorance(results, size=size, bare=True),
        ),
    ]
    if m.influence is not None:
        blocks += _evidence(m)
    return Part("ignorance", "How much is not knowing, how much is dice", tuple(blocks), said)


def _evidence(m: Material) -> Iterator[Block]:
    influence = m.influence
    assert influence is not None
    said = sentence(influence_finding(influence))
    yield Picture(
        "influence",
        said,
        f"Bars of the change of the odds when evidence is left out. {said}",
        influence_caption(influence),
        lambda size: plots.influence(influence, size=size, bare=True),
    )
    if title_of(m.results) != "Baseline":
        yield say("This was reckoned for the baseline; other scenarios lean on the same evidence.")
    rows = [_moved(row) for row in influence.rows[:12]]
    header = ("What is left out or changed", "Kind", "Change of held, points", "of agreed, points")
    yield table("moved", said, header, rows, numeric=frozenset({2, 3}), slide=False,
                caption="± error of the paired difference")  # fmt: skip


def _moved(row: Any) -> tuple[Any, ...]:
    cells = [
        Cell(f"{100 * shift.change:+.1f} ± {196 * shift.error:.1f}".replace("-", "−"), shift.change)
        for shift in (row.shifts["held"], row.shifts["agreed"])
    ]
    return (row.label, row.kind, *cells)
