"""Makes a briefing of results of any kind and writes it in its forms."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from sim.brief.answer import answer
from sim.brief.content import Briefing, Part, Picture, checked
from sim.brief.cover import PLAIN, Cover
from sim.brief.differ import differ
from sim.brief.discovery import discovery
from sim.brief.inputs import Material, gather
from sim.brief.lead import figure_of, lead
from sim.brief.levers import levers
from sim.brief.marking import Marking
from sim.brief.matters import matters
from sim.brief.method import method
from sim.brief.optimise import optimise
from sim.brief.outcomes import comparison, odds
from sim.brief.price import price
from sim.brief.redteam import redteam
from sim.brief.says_who import says_who
from sim.brief.score import score
from sim.brief.surface import surface
from sim.brief.update import update
from sim.brief.views import views
from sim.brief.watch import watch
from sim.brief.why import ignorance, news, why
from sim.brief.write import check_folder, check_forms, check_own, write_forms
from sim.folders import folder_name
from sim.inputs.levers import value_text
from sim.progress import Progress, reported
from sim.runs import OUTPUTS
from sim.store import Storable, key_of
from sim.text import date_word, days_word

PARTS = (
    *(comparison, odds, views, price, differ, surface, levers, matters, watch, redteam),
    *(optimise, discovery, why, news, update, ignorance, says_who, score, method),
)
"""The parts after the first page in their order; one that has nothing to tell returns None."""


def brief(
    *things: Storable | str | Path,
    forms: str = "html",
    out: Path | str | None = None,
    runs: Path | str = OUTPUTS,
    marking: str | Marking = "",
    cover: Cover = PLAIN,
    progress: bool | Progress = False,
) -> list[Path]:
    """Write a briefing of whatever was made: the answer with how sure, why, and who says so.

    Parameters
    ----------
    *things
        Runs, comparisons, studies, timelines, influences, explanations, and what `sim.why`,
        `sim.sensitivity`, `sim.watch`, `sim.redteam`, `sim.optimise`, `sim.explore`,
        `sim.discover`, `sim.update` and `sim.views` found; or their folders, ids, or `last`.
        Several runs are compared with the first, a single one with the baseline.
    forms
        `html`, `pdf`, `pptx`, or several of them with commas between.
    out
        The folder of the files; if None, one below ``briefs`` in ``runs``.
    runs
        Where ids are looked up.
    marking
        What is to stand on every page, slide and figure; as a `sim.brief.Marking` with who made it
        and when.
    cover
        The reader's question, a title, for whom it is, and whether one page is enough; as a
        `sim.brief.Cover`.
    progress
        True to see how far the comparison has come, in one line; or a function that is called
        with the worlds done and their total.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    SimError
        If something cannot be used or written, or a package is missing.

    Examples
    --------
    >>> import sim
    >>> results = sim.run("joint-ultimatum")  # doctest: +SKIP
    >>> sim.brief(results, "last-timeline", forms="html,pdf")  # doctest: +SKIP
    """
    asked = check_forms(forms)
    marked = (marking if isinstance(marking, Marking) else Marking(marking)).checked()
    briefs = Path(runs) / "briefs"
    check_folder(briefs if out is None else Path(out), asked)
    if out is not None:
        check_own(Path(out), asked)
    with reported(progress, "worlds") as report:
        material = gather(things, Path(runs), report or False)
    material = dataclasses.replace(material, marking=marked, cover=cover.checked())
    return write_brief(material, asked, out, briefs)


def write_brief(
    material: Material, forms: list[str], out: Path | str | None, briefs: Path
) -> list[Path]:
    """Write a briefing of gathered material into ``out``, or below ``briefs`` by `briefs_name`."""
    if out is None:
        folder = briefs / briefs_name(material)
        return write_forms(briefing(material), forms, folder, briefs.parent)
    return write_forms(briefing(material), forms, Path(out))


def briefs_name(material: Material) -> str:
    """Return what the folder of a briefing is called: one of another question has another."""
    runs = material.runs or (material.results,)
    asked = [*material.given, *material.marking.words, *material.cover.words]
    names, day = [run.scenario.label for run in runs], material.scenario.as_of.isoformat()
    return folder_name(names, day, material.given[0], key_of({"asked": asked})[:8])


def briefing(material: Material) -> Briefing:
    """Write the content of a briefing, not yet in any form."""
    scenario, cover = material.scenario, material.cover
    asked = lead(material)
    parts = [part for make in PARTS if (part := make(material)) is not None]
    figure = figure_of(parts, asked)
    first = answer(material, asked, figure)
    parts.sort(key=lambda part: part.name != asked.part)  # what answers comes first
    rest = () if cover.one_page else (_without(part, figure) for part in parts)
    subtitle = f"For {cover.reader} · " if cover.reader else ""
    subtitle += f"As of {date_word(scenario.as_of)}, {days_word(scenario.horizon_days)} ahead"
    settings = [f"{lever} = {value_text(value)}" for lever, value in scenario.overrides.items()]
    if settings:
        few = ", ".join(settings)
        subtitle += f", with {few if len(settings) < 3 else f'{len(settings)} levers changed'}"
    marking = material.marking
    made = marking.made(scenario.as_of, material.results.ensemble_id)
    told = tuple(part for part in (first, *rest) if part.blocks)
    head = (cover.title or asked.title, subtitle, scenario.as_of)
    sides = " and ".join(scenario.conflict.names[side] for side in scenario.conflict.side_ids)
    kind = f"Odds of a 30-day truce between {sides}"
    return checked(Briefing(*head, told, marking.text, made, marking.by, kind))


def _without(part: Part, figure: Picture | None) -> Part:
    """A part without the figure of the first page, so that it is shown once."""
    left = tuple(block for block in part.blocks if block is not figure)
    return dataclasses.replace(part, blocks=left)
