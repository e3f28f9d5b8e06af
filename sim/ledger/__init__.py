"""Forecasts that one is held to: `seal`, `entries`, `resolve`, `score`, `verify`.

>>> import sim
>>> sim.ledger.score().hindcasts.n > 0
True
"""

from sim.ledger.ask import entries, resolve, score, verify
from sim.ledger.book import Forecast, Ledger
from sim.ledger.score import Score
from sim.ledger.sealing import seal, seal_watch

__all__ = [
    "Forecast",
    "Ledger",
    "Score",
    "entries",
    "resolve",
    "score",
    "seal",
    "seal_watch",
    "verify",
]
