"""Figures: results in, a Matplotlib figure out, or its files.

>>> import sim
>>> figure = sim.plots.odds(sim.run("baseline"))  # doctest: +SKIP
"""

from sim.plots.odds import odds, write_odds

__all__ = ["odds", "write_odds"]
