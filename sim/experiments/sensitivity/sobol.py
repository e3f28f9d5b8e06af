"""Sobol indices and Shapley shares of the levers of any runs, or of any function."""

from __future__ import annotations

import numpy as np

from sim.errors import ScenarioError, check_whole
from sim.experiments.sensitivity.basis import MOST_TERMS, basis_of
from sim.experiments.sensitivity.draws import (
    Axes,
    Function,
    Members,
    Progress,
    Run,
    Vary,
    call,
    choices_of,
    draw_pairs,
    run_of,
)
from sim.experiments.sensitivity.jackknife import FEWEST_BLOCKS, Jackknife
from sim.experiments.sensitivity.regression import SET, Sets, Sobol, fit_sobol

FEWEST_RUNS = 2**13
MOST_RUNS = 2**24
_RUNS_A_TERM = 64
"""With fewer runs for each term, a fit without one of the blocks would be too loose."""


def sobol(
    run: Run,
    axes: Axes,
    *,
    runs: int = 2**17,
    seed: int = 1,
    members: Members | None = None,
    progress: Progress | None = None,
) -> Sobol:
    """Return what part of the variance of the odds is due to each axis.

    Parameters
    ----------
    run
        Makes the outcomes; called once for each group of samples.
    axes
        By name, the number of choices, 0 for a range. Shares hold for these ranges only, and for
        axes that move independently.
    runs
        How many; half of them meet points that the other half meets too. From 128 runs a member on,
        intervals hold for these members; with fewer, members count as a sample of more, which
        makes them wider.
    seed
        Of the draws.
    members
        Members in blocks; without them each world is a member of its own.

    Raises
    ------
    ScenarioError
        If there are too few runs, members or axes, or an outcome is neither 0 nor 1.
    """
    if not axes:
        raise ScenarioError("vary", "nothing is varied.", "Give a range for each lever.")
    check_whole("runs", runs, FEWEST_RUNS, MOST_RUNS)
    basis = basis_of(tuple(axes.values()), min(MOST_TERMS, runs // _RUNS_A_TERM))
    rng = np.random.default_rng(seed)
    samples = runs // (2 * SET)
    by_turns = False
    if members is not None:
        Jackknife(np.bincount(members.block))  # refuses too few blocks
        by_turns = samples >= FEWEST_BLOCKS * len(members.block)
        samples -= samples % len(members.block) if by_turns else 0
    pairs = draw_pairs(rng, members, samples, by_turns=by_turns)
    shares = rng.random((samples, SET, len(axes)))
    outcomes = np.empty((samples, 2, SET), np.int8)
    for span in pairs.spans():
        points = np.repeat(shares[span, None], 2, axis=1)
        both = np.stack([pairs.first[span], pairs.second[span]], axis=1)
        world = np.arange(2 * span.start, 2 * span.stop)
        found = call(
            run,
            points.reshape(-1, len(axes)),
            np.repeat(both.ravel(), SET),
            np.repeat(world, SET),
        )
        outcomes[span] = found.reshape(-1, 2, SET)
        if progress:
            progress(2 * SET * span.stop, 2 * SET * samples)
    return fit_sobol(tuple(axes), basis, Sets(shares, outcomes, pairs.sizes))


def sobol_of_function(function: Function, vary: Vary, *, runs: int = 2**17, seed: int = 1) -> Sobol:
    """Return the same of any vectorised function of points and luck.

    Parameters
    ----------
    function
        Called with points in the units of the axes, shape (n, axes), and luck, shape (n,), uniform
        in (0, 1); returns outcomes, 0 or 1, shape (n,).
    vary
        By name, a tuple ``(low, high)`` or a list of values, equally likely.

    Raises
    ------
    ScenarioError
        As `sobol`, or if an axis has no two values.

    Examples
    --------
    >>> def coin(points, luck):
    ...     return luck < 0.2 + 0.6 * points[:, 0]
    >>> found = sobol_of_function(coin, {"bias": (0.0, 1.0), "idle": (0.0, 1.0)}, runs=2**15)
    >>> round(found.axes["bias"].shapley.mean, 2)
    1.0
    """
    return sobol(run_of(function, vary, seed), choices_of(vary), runs=runs, seed=seed)
