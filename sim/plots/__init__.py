"""Figures: results in, a Matplotlib figure out, or its files.

>>> import sim
>>> figure = sim.plots.odds(sim.run("baseline"))  # doctest: +SKIP
"""

from sim.plots.compare import differences, outcomes, write_comparison
from sim.plots.odds import odds, write_odds

__all__ = ["differences", "odds", "outcomes", "write_comparison", "write_odds"]
