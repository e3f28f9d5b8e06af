"""Checks what an attribution is asked for, before anything is run."""

from __future__ import annotations

import datetime as dt

from sim.calibrate.particles import BLOCK_PARTICLES
from sim.calibrate.prior import check_as_of
from sim.engine.domain import MAX_SEED
from sim.errors import check_whole
from sim.inputs.conflict import Conflict
from sim.inputs.scenario_file import check_date
from sim.montecarlo import default_workers

MAX_PARTICLES = 100_000_000


def check_settings(
    as_of: dt.date, particles: int, seed: int, workers: int | None, conflict: Conflict
) -> int:
    """Check day, particles, seed and workers, and return the number of threads.

    Raises
    ------
    SimError
        If one of them cannot be used.
    """
    check_date(as_of)
    check_as_of(as_of, conflict)
    check_whole("particles", particles, 2 * BLOCK_PARTICLES, MAX_PARTICLES)
    check_whole("seed", seed, 0, MAX_SEED)
    return default_workers() if workers is None else check_whole("workers", workers, 1, 4096)
