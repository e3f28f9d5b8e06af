"""The part that says how the briefing was made, and what it does not say."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from sim.brief.content import Block, Part, Span, say, table
from sim.brief.inputs import Material
from sim.brief.titles import titled
from sim.brief.words import SURE, scale_rows, worlds_word
from sim.checkout import commit_of, made_with
from sim.plots.words import PER_CENT
from sim.read_back import sha256_of
from sim.text import counted, days_word
from sim.world_table import WORLDS_FILE

LIMITS = (
    "The odds are conditional on a model and on what news articles report up to the as-of day. "
    "Nothing dated later has reached them. Another model would give others. "
    "The agents stand for governments as reported, not for persons, and no person's mind is "
    "forecast. What is not in the model (elections, accidents, a front that breaks) is not in the "
    "odds. This is no advice: it says what follows from stated assumptions."
)
"""In plain words, the same in every briefing."""
_DOUBTS = 3
"""So many doubts are told in full, the weightiest first."""


def method(m: Material) -> Part:
    """Seed, worlds, ensemble, hashes, versions, the command that rebuilds it; limits; the scale."""
    command = _command(m)
    rows = [(name, value) for name, value in _facts(m)]
    results = m.results
    worlds = worlds_word(results.tally.worlds)
    said = f"This rests on {worlds}, seed {results.seed}, and on the ensemble "
    said += results.ensemble_id
    blocks: list[Block] = [
        table("facts", said, ("What", "Value"), rows, slide=False),
        say(Span(_rebuilds(m), strong=True), command, kind="command"),
        *_doubts(m),
        say(Span("What it does not say. ", strong=True), LIMITS),
        say(Span("Words for odds. ", strong=True), _scale()),
        say(Span("Words for how sure they are. ", strong=True), _sure()),
    ]
    return Part("method", "How it was made, and its limits", tuple(blocks), said)


_DIFFERS = "the program, the evidence or the record differs from what is committed"


def _rebuilds(m: Material) -> str:
    """What the command does; where all is as committed, the commit beside it is enough."""
    said = "The one command that rebuilds it"
    return f"{said}." if _as_committed(m) else f"{said} here; {_DIFFERS}."


def _as_committed(m: Material) -> bool:
    """Whether nothing that decides it is known to differ from what is committed."""
    folder = m.scenario.conflict.folder
    own = commit_of(Path(folder), (".",))[1] if folder else None
    return False not in (made_with()["inputs_as_committed"], own)


def _doubts(m: Material) -> Iterator[Block]:
    """What the authors would not believe of these levers, in full."""
    every, of_levers = m.scenario.conflict.doubts, m.scenario.doubts
    shown = [doubt for doubt in every if doubt in of_levers or not doubt.levers][:_DOUBTS]
    if shown:
        yield say(Span("What the authors would not believe. ", strong=True))
    for doubt in shown:
        name = f"{doubt.name[0].upper()}{doubt.name[1:]}. "
        yield say(Span(name, strong=True), doubt.text, kind="point")
    if len(every) > len(shown):
        yield say(f"{counted(len(every) - len(shown), 'more doubt')} concern other levers or weigh "
                  "less; the page on calibration has all.")  # fmt: skip


def _facts(m: Material) -> Iterator[tuple[str, str]]:
    scenario, results, maker = m.scenario, m.results, made_with()
    yield "Scenario", f"{titled(scenario)} ({scenario.name})"
    yield "As of", f"{scenario.as_of}, {days_word(scenario.horizon_days)} ahead"
    yield "Worlds", f"{results.tally.worlds:,}, seed {results.seed}"
    members = f"{results.tally.members_used:,} of {results.tally.members:,} members used"
    told = "; ".join(filter(None, (members, results.ensemble_doubt)))
    yield "Ensemble", f"{results.ensemble_id} ({results.ensemble_kind}), {told}"
    for run in m.runs:
        digest = sha256_of(run.folder / WORLDS_FILE)[:16] if run.folder else ""
        file = f"; {WORLDS_FILE} sha256 {digest}" if digest else ""
        yield f"Run {run.id}", f"{titled(run.scenario)}{file}"
    for study in m.studies:
        points, worlds = study.summary["points"], study.summary["worlds"]
        size = f"{points:,} points by {worlds:,} worlds, seed {study.summary['seed']}"
        yield f"Study {study.id}", f"{titled(study.scenario)}; {size}"
    if m.comparison is not None:
        yield "Comparison", f"{m.comparison.id}, {m.comparison.worlds:,} worlds of each scenario"
    if m.timeline is not None:
        yield "Timeline", f"{m.timeline.particles:,} pasts and {m.timeline.worlds:,} worlds a day"
    if m.influence is not None:
        yield "Influence", f"{m.influence.particles:,} weighed pasts"
    yield from _answers(m)
    source = f"sha256 {results.source[:16]}, commit {maker['git_commit'] or 'unknown'}"
    yield "Source", source if _as_committed(m) else f"{source}; {_DIFFERS}"
    yield "Version", f"truce-sim {maker['version']}, {maker['platform']}"


def _answers(m: Material) -> Iterator[tuple[str, str]]:
    for why in m.whys:
        one, two = map(titled, why.setting.scenarios)
        how = "every mixture" if why.exact else "sampled orders"
        size = f"{why.setting.worlds:,} worlds, {how} of {len(why.levers)} levers"
        yield f"Why {why.id}", f"{two} against {one}; {size}, seed {why.setting.seed}"
    for world in m.worlds:
        yield f"World {world.id}", f"world {world.world} of {titled(world.setting.first)}"
    for found in m.sensitivities:
        assert found.setting is not None
        size = f"{found.setting.worlds:,} worlds at each end of each lever"
        about = f"{titled(found.setting.first)}; {size}, seed {found.setting.seed}"
        yield f"Sensitivity {found.id}", about
    for seen in m.watches:
        titles = " against ".join(map(titled, seen.setting.scenarios))
        size = f"{seen.setting.worlds:,} worlds of each, to {seen.last_day}"
        yield f"Watch {seen.id}", f"{titles}; {size}, seed {seen.setting.seed}"
    for tried in m.redteams:
        size = f"{len(tried.screened)} moves, the worst in {tried.setting.worlds:,} worlds"
        about = f"{titled(tried.setting.first)}; {size}, seed {tried.setting.seed}"
        yield f"Redteam {tried.id}", about
    for best in m.optimised:
        size = f"{best.screened} packages, the last {len(best.packages)} in "
        size += f"{best.setting.worlds:,} worlds each"
        about = f"{titled(best.setting.first)}; {size}, seed {best.setting.seed}"
        yield f"Optimise {best.id}", about
    for where in m.discoveries:
        assert where.setting is not None
        titles = " against ".join(titled(one) for one in reversed(where.setting.scenarios))
        size = f"{where.setting.worlds:,} worlds on each half of the luck"
        about = f"{titles}, where {where.asked['where']}; {size}, seed {where.setting.seed}"
        yield f"Discovery {where.id}", about
    for moved in m.updates:
        size = f"{moved.before.day} to {moved.setting.first.as_of}; {len(moved.rows)} rows"
        about = f"{size}, {moved.weighed:,} weighed pasts, {moved.setting.worlds:,} worlds"
        yield f"Update {moved.id}", f"{about}, seed {moved.setting.seed}"
    for other in m.views:
        titles = " against ".join(titled(one) for one in reversed(other.setting.scenarios))
        size = ", ".join(one.ensemble for one in other.seen if one.kind == "variant")
        about = f"{titles}; {other.setting.worlds:,} worlds of each, seed {other.setting.seed}"
        yield f"Views {other.id}", f"{about}{'; variants: ' + size if size else ''}"


def _command(m: Material) -> str:
    """One line of a shell that makes the inputs again, and the briefing of them."""
    brief = [
        "truce",
        "brief",
        *m.given,
        "--format",
        "html,pdf,pptx",
        *m.marking.words,
        *m.cover.words,
    ]
    return " && ".join([*m.commands, shlex.join(brief)])


def _scale() -> str:
    words = "; ".join(f"{word} {odds}" for word, odds in scale_rows())
    return (
        "Those of the US Intelligence Community Directive 203 (2015), where two stand if the error "
        f"of the estimate reaches into the next: {words}."
    )


def _sure() -> str:
    wide = "; ".join(
        f"{word} below {100 * end:.0f} points" if end < 1.0 else f"{word} beyond"
        for end, word in SURE
    )
    return (
        f"Confidence in a level goes by the width that holds 90{PER_CENT} of the members' own "
        f"odds, or by the dice if wider: {wide}; a prior ensemble is never more than low."
    )
