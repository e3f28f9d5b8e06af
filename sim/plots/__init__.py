"""Figures: results in, a Matplotlib figure out, or its files.

Every function takes ``size``: `slide` (1920 by 1080 pixels), `page` (to be set 17 cm wide) or
`column` (8.5 cm), and ``bare`` to leave title and caption to the text around it.

>>> import sim
>>> figure = sim.plots.odds(sim.run("baseline"), size="page")  # doctest: +SKIP
"""

from sim.plots.analysts import analyst, write_analyst
from sim.plots.blockers import blockers
from sim.plots.compare import differences, outcomes, write_comparison
from sim.plots.discovery import discovery, write_discovery
from sim.plots.drivers import drivers
from sim.plots.explore import explore, write_explore
from sim.plots.ignorance import ignorance
from sim.plots.incidence import incidence
from sim.plots.influence import influence, write_influence
from sim.plots.odds import endings, odds, write_odds
from sim.plots.optimise import optimise, write_optimise
from sim.plots.redteam import redteam, write_redteam
from sim.plots.roads import roads
from sim.plots.scores import scores, write_scores
from sim.plots.shares import figures as sensitivity_figures
from sim.plots.shares import ranking, shares, write_sensitivity
from sim.plots.strip import strip
from sim.plots.surface import surface, write_surface
from sim.plots.timeline import timeline, write_timeline
from sim.plots.tornado import tornado, unknowns
from sim.plots.update import update, write_update
from sim.plots.views import views, write_views
from sim.plots.watch import watch, write_watch
from sim.plots.waterfall import turning_points, waterfall, write_turning_points, write_waterfall

__all__ = [
    "analyst",
    "blockers",
    "differences",
    "discovery",
    "drivers",
    "endings",
    "explore",
    "ignorance",
    "incidence",
    "influence",
    "odds",
    "optimise",
    "outcomes",
    "ranking",
    "redteam",
    "roads",
    "scores",
    "sensitivity_figures",
    "shares",
    "strip",
    "surface",
    "timeline",
    "tornado",
    "turning_points",
    "unknowns",
    "update",
    "views",
    "watch",
    "waterfall",
    "write_analyst",
    "write_comparison",
    "write_discovery",
    "write_explore",
    "write_influence",
    "write_odds",
    "write_optimise",
    "write_redteam",
    "write_scores",
    "write_sensitivity",
    "write_surface",
    "write_timeline",
    "write_turning_points",
    "write_update",
    "write_views",
    "write_watch",
    "write_waterfall",
]
