"""Figures: results in, a Matplotlib figure out, or its files.

>>> import sim
>>> figure = sim.plots.odds(sim.run("baseline"))  # doctest: +SKIP
"""

from sim.plots.compare import differences, outcomes, write_comparison
from sim.plots.odds import odds, write_odds
from sim.plots.surface import surface, write_surface

__all__ = [
    "differences",
    "odds",
    "outcomes",
    "surface",
    "write_comparison",
    "write_odds",
    "write_surface",
]
