"""What a briefing is about: its question, its title, and the figure of its first page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sim.attribution.discover.result import Discovery
from sim.attribution.influence_result import Influence
from sim.attribution.optimise.result import Optimised
from sim.attribution.redteam.result import RedTeam
from sim.attribution.sensitivity.result import Sensitivity
from sim.attribution.timeline import Timeline
from sim.attribution.update.result import Update
from sim.attribution.views.result import Views
from sim.attribution.watch.result import Watch
from sim.attribution.why.result import Why
from sim.brief.content import Part, Picture
from sim.brief.inputs import Material
from sim.brief.titles import short, titled
from sim.experiments.sweep.study import Study
from sim.inputs.levers import LEVERS
from sim.inputs.scenario import Scenario
from sim.outcomes import HAPPENING
from sim.text import counted, days_word


class Lead(NamedTuple):
    """What is asked first, and where it is answered.

    Attributes
    ----------
    question
        In words, if the reader has not said it otherwise.
    part
        The name of the part that answers it.
    figure
        What the name of its figure begins with.
    title
        Of the briefing.
    """

    question: str
    part: str
    figure: str
    title: str


def lead(m: Material) -> Lead:
    """Say what a briefing is about: the runs that were given, or else the first other result."""
    found = None if m.runs else next(_asked(m), None)
    if found is not None:
        return found
    scenario = m.scenario
    if m.comparison is None:
        return Lead(scenario.question, "odds", "endings", scenario.title)
    others = len(m.comparison.results) - 1
    what = short(scenario.title) if others == 1 else counted(others, "scenario")
    title = f"{what} against {titled(m.comparison.results[0].scenario)}"
    return Lead(scenario.question, "comparison", "differences", title)


def figure_of(parts: Sequence[Part], one: Lead) -> Picture | None:
    """Return the figure of the first page, if the part that answers has it."""
    for part in parts:
        if part.name == one.part:
            shown = [block for block in part.blocks if isinstance(block, Picture)]
            return next((each for each in shown if each.name.startswith(one.figure)), None)
    return None


# ------------------------------------------------------------------ what else can be asked


def _study(study: Study) -> Lead:
    meanings = " and of ".join(_meaning(study.scenario, name) for name in study.design.levers)
    levers = ", ".join(study.design.levers)
    question = (
        f"How do the odds that {HAPPENING['held']} move with the setting of {meanings}, all else "
        f"as in {titled(study.scenario)}?"
    )
    title = f"{short(study.scenario.title)}, over {levers}"
    return Lead(question, "surface", "surface-", title)


def _meaning(scenario: Scenario, name: str) -> str:
    if name not in LEVERS:
        return name
    return f"“{scenario.conflict.lever(name).meaning.partition(';')[0]}”"


def _why(why: Why) -> Lead:
    one, two = map(titled, why.setting.scenarios)
    return Lead(f"Why do the odds under {two} differ from those under {one}?", "differ", "steps-",
                f"{two} against {one}")  # fmt: skip


def _optimised(found: Optimised) -> Lead:
    moved = len(found.asked["vary"])
    question = (
        f"Which package of {moved} levers gives the best odds that {HAPPENING[found.aims.outcome]},"
        f" and at what price, starting from {titled(found.setting.first)}?"
    )
    return Lead(question, "optimise", "optimise-", _about(found.setting.first, "best packages"))


def _about(scenario: Scenario, what: str) -> str:
    return f"{short(scenario.title)}: {what}"


def _matters(found: Sensitivity) -> Lead:
    assert found.setting is not None
    first = found.setting.first
    question = f"What matters most for the odds that {HAPPENING['held']} under {titled(first)}?"
    return Lead(question, "matters", "tornado-", _about(first, "what matters"))


def _watch(found: Watch) -> Lead:
    first = found.setting.first
    question = (
        f"Which public event of the next {days_word(found.days)} tells most of whether "
        f"{HAPPENING[found.outcome]} under {titled(first)}?"
    )
    return Lead(question, "watch", "watch-", _about(first, "what to watch"))


def _redteam(found: RedTeam) -> Lead:
    first = found.setting.first
    question = f"Which single move of which actor takes most from {titled(first)}?"
    return Lead(question, "redteam", "redteam-", _about(first, "the worst move against it"))


def _discovery(found: Discovery) -> Lead:
    assert found.setting is not None
    last = found.setting.scenarios[-1]
    question = f"Where does {found.asked['where']} hold under {titled(last)}?"
    return Lead(question, "discovery", "discovery-", _about(last, f"where {found.asked['where']}"))


def _update(found: Update) -> Lead:
    question = f"What moved the odds since {found.before.day}?"
    return Lead(question, "update", "update-", f"What moved the odds since {found.before.day}")


def _views(found: Views) -> Lead:
    last = found.setting.scenarios[-1]
    question = f"Do others’ models say the same of {titled(last)}?"
    return Lead(question, "views", "views-", _about(last, "by others’ models"))


def _timeline(found: Timeline) -> Lead:
    question = "How have the odds moved as the news came in?"
    return Lead(question, "news", "timeline", f"How the odds moved until {found.as_of}")


def _influence(_: Influence) -> Lead:
    question = "Which evidence do the odds rest on?"
    return Lead(question, "ignorance", "influence", "What the odds rest on")


def _asked(m: Material) -> Iterator[Lead]:
    """What is asked of each result that is no run, in the order in which one leads."""
    yield from map(_study, m.studies)
    yield from map(_optimised, m.optimised)
    yield from map(_why, m.whys)
    yield from map(_matters, m.sensitivities)
    yield from map(_watch, m.watches)
    yield from map(_redteam, m.redteams)
    yield from map(_discovery, m.discoveries)
    yield from map(_update, m.updates)
    yield from map(_views, m.views)
    if m.timeline is not None:
        yield _timeline(m.timeline)
    if m.influence is not None:
        yield _influence(m.influence)
