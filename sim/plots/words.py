"""The words of a figure: its finding as a title, its provenance as a caption, its numbers."""

from __future__ import annotations

from datetime import timedelta

from sim.estimates import Odds
from sim.paths import days_word
from sim.plots.page import Words, one_line, titled
from sim.plots.style import TITLE, WIDTH, drawable
from sim.results import Results
from sim.scenario import Scenario

PRIOR = "not yet conditioned on the record"
PER_CENT = "\u00a0%"


def percent(odds: Odds, worlds: int) -> str:
    """Write odds with no more digits than the interval of the estimate supports.

    Parameters
    ----------
    odds
        The odds, with their mc interval.
    worlds
        How many worlds they were counted in.

    Returns
    -------
    str
        Tenths of a per cent if the half-width of the mc interval is at most half a point, whole
        per cents up to 10 points, and beyond that the plain count, such as ``13 of 40``.
    """
    count = round(odds.mean * worlds)
    if odds.half_width > 0.10:
        return f"{count:,} of {worlds:,}"
    if count in (0, worlds):
        return f"{100 if count else 0}{PER_CENT}"
    digits = 0 if odds.half_width > 0.005 else 1
    text = f"{100.0 * odds.mean:.{digits}f}"
    if float(text) == 0.0:
        text = "<0.1" if digits else "<1"
    elif float(text) == 100.0:
        text = ">99.9" if digits else ">99"
    return text + PER_CENT


def _in_words(odds: Odds, worlds: int) -> str:
    text = percent(odds, worlds)
    return text.replace("<", "less than ").replace(">", "more than ")


def finding(results: Results) -> str:
    """Say in one sentence what came of a run, without the scenario's title."""
    worlds = results.tally.worlds
    held, agreed = results.odds["held"], results.agreed
    if worlds == 1:
        ends = "no 30-day truce is agreed"
        if agreed.mean > 0.0:
            ends = f"a 30-day truce is agreed and {'holds' if held.mean else 'collapses'}"
        return f"in the one world that was run, {ends}"
    if agreed.mean == 0.0:
        return f"no 30-day truce is agreed in any of {worlds:,} worlds"
    share = _in_words(agreed, worlds)
    if " of " in share:
        share = f"{share} worlds"
    else:
        about = "about " if share[0].isdigit() else ""
        share = f"{about}{share} of worlds"
    holds = _in_words(held, worlds) if held.mean else "none"
    return f"a 30-day truce is agreed in {share} and holds in {holds}"


def _settings(scenario: Scenario) -> list[str]:
    """What was set beside the scenario's file, such as ``aid.level=0.5``."""
    options = scenario.options.items()
    return sorted(
        f"{option.removeprefix('--set ')}={value}"
        for option, value in options
        if option.startswith("--set ")
    )


def _title_of(scenario: Scenario) -> str:
    """The scenario's title, or its name where the font lacks most of it, and what was varied."""
    title = one_line(scenario.title)
    if title.count("□") > len(title) / 2:
        title = drawable(scenario.name)
    settings = _settings(scenario)
    if len(settings) == 1:
        return f"{title} with {drawable(settings[0])}"
    return f"{title} with {len(settings)} levers changed" if settings else title


def words_of(results: Results, said: str) -> Words:
    """Put the words of a run around a finding.

    Parameters
    ----------
    said
        The finding, without the scenario's title.
    """
    scenario = results.scenario
    prior = results.ensemble_kind == "prior"
    return Words(
        said,
        caption(results),
        within(scenario),
        _title_of(scenario),
        f"PRIOR ODDS: {PRIOR}" if prior else "",
    )


def within(scenario: Scenario) -> str:
    """Say which days the odds are about."""
    return f"within {days_word(scenario.horizon_days)} of {scenario.as_of}"


def headline(results: Results) -> list[str]:
    """Return the title of a slide: scenario and finding, in at most two lines.

    A long scenario title is shortened; the finding never is.
    """
    width = WIDTH - 2.0 * 67
    return titled(_title_of(results.scenario), finding(results), width, TITLE)


def caption(results: Results) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    scenario, tally = results.scenario, results.tally
    used = int((tally.outcomes.sum(1) > 0).sum())
    last = scenario.as_of + timedelta(days=scenario.horizon_days)
    kind = results.ensemble_kind
    told = PRIOR if kind == "prior" else "conditioned on the record"
    settings = _settings(scenario)
    parts = [
        f"Conditional on model and evidence to {scenario.as_of}",
        f"{tally.worlds:,} world{'s' if tally.worlds > 1 else ''}, "
        f"{used:,} of {tally.members:,} members used, seed {results.seed}",
        f"ensemble {results.ensemble_id} ({kind}: {told})",
        f"horizon {days_word(scenario.horizon_days)} to {last}",
        *([f"set: {', '.join(settings)}"] if settings else []),
    ]
    return drawable(" · ".join(parts))
