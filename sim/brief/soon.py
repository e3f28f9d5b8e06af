"""What to watch next, from a run's own worlds, where no watch list was given."""

from __future__ import annotations

from sim.attribution.watch.own import watched_in
from sim.brief.inputs import Material, with_worlds
from sim.brief.titles import title_of
from sim.estimates import Odds
from sim.plots.words import PER_CENT, percent


def soonest(m: Material, days: int) -> str:
    """Say which public event of the next days tells most of how it will end."""
    seen = with_worlds(m.results)
    events = watched_in(seen, days)
    first = events[0] if events else None
    if first is None or first.happens is None or first.fails is None:
        return "No public event of these days clearly tells, in these worlds, how it will end."

    worlds, chance = seen.tally.worlds, first.chance.mean
    share = percent(seen.odds["held"], worlds)

    def held(odds: Odds, share: float) -> str:
        return percent(odds, round(share * worlds))

    return (
        f"Whether this happens (chance {100.0 * chance:.0f}{PER_CENT}): “{first.words}”. Under "
        f"{title_of(m.results)} a truce holds in {held(first.happens, chance)} of worlds if so, in "
        f"{held(first.fails, 1.0 - chance)} if not, in {share} of all; it is a sign, not "
        "a cause."
    )
