"""Members weighed by an analyst's beliefs: the density of these over that of the shipped priors.

Members stand for the posterior. Multiplied by the ratio of two priors they stand for the posterior
that the other prior would have given: the record weighs the same on both sides and cancels. No
world has to be run again. Where the two lie far apart, few members carry all the weight.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.analysts.numbers import weighable
from sim.engine.dtypes import Floats
from sim.engine.records import Member
from sim.errors import CalibrationError
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import Ensemble, load_ensemble, slots
from sim.inputs.views import View

FEWEST, LONGEST_TAIL = 400.0, 0.7
"""Below this effective size, or above this k, weighed members are not trusted; for k see Vehtari et
al. 2024, 'Pareto smoothed importance sampling'."""


class Shares(NamedTuple):
    """What each member weighs.

    Attributes
    ----------
    values
        By member, summing to 1.
    effective
        The number of equal weights that would be worth as much.
    k
        Shape of the tail of the weights; -infinity if all are alike.
    """

    values: Floats
    effective: float
    k: float

    @property
    def trusted(self) -> bool:
        """Whether averages over members so weighed can be trusted."""
        return self.effective >= FEWEST and self.k <= LONGEST_TAIL


class Believing(NamedTuple):
    """Members that stand for what somebody believes.

    Attributes
    ----------
    ensemble
        The model's, or their own.
    shares
        What each weighs; of their own members all alike, with the effective size and the k of the
        calibration.
    ratios
        By number, the log ratio of its belief to the prior, by member; None if the members are
        their own.
    """

    ensemble: Ensemble
    shares: Shares
    ratios: dict[str, Floats] | None


def members_for(
    view: View, model: Ensemble, conflict: Conflict, folder: Path | None = None
) -> Believing:
    """Return members that stand for a view: a good ensemble of its own, or the model's, weighed.

    An ensemble of its own that is weak is taken only where the model's members will not do.

    Parameters
    ----------
    model
        The ensemble of the model.
    folder
        Of ensembles; looked up if None.

    Raises
    ------
    CalibrationError
        If neither will do, with the command that calibrates; or if the view has an ensemble that
        is out of date.
    """
    day = model.as_of
    folders = conflict.ensemble_folders if folder is None else (folder,)
    there = any((one / view.folder / f"{day}.parquet").is_file() for one in folders)
    made = load_ensemble(day, folder, conflict, view) if there else None
    if made and not made.doubt:
        return _of_their_own(made)
    try:
        ratios = log_ratios(view, model, conflict)
        shares = shares_of(np.sum([np.zeros(len(model)), *ratios.values()], axis=0))
        check_trusted(shares, view, ratios, str(day), conflict.truce)
    except CalibrationError as refused:
        if made is None:
            raise
        found = _of_their_own(made)
        if not found.shares.trusted:
            what = f"{refused.what} Its own ensemble is too weak as well: {made.doubt}."
            todo = f"{refused.todo.removesuffix('.')} --temper."
            raise CalibrationError(refused.where, what, todo) from None
        return found
    return Believing(model, shares, ratios)


def _of_their_own(made: Ensemble) -> Believing:
    """Members of a calibration, each as good as another, with how good they are together."""
    plain = np.full(len(made), 1.0 / len(made))
    size = float(made.manifest.get("effective_size", len(made)))
    return Believing(made, Shares(plain, size, float(made.manifest.get("k", 0.0))), None)


def log_ratios(view: View, ensemble: Ensemble, conflict: Conflict) -> dict[str, Floats]:
    """Return by number of a view the log ratio of its belief to the prior, by member.

    Raises
    ------
    CalibrationError
        If members cannot be weighed by one of them.
    """
    check_weighable(view, conflict, str(ensemble.as_of))
    found = {}
    for name, field, place in slots(Member, conflict.bloc_ids):
        if name in view.beliefs:
            values = ensemble.members[field][place].astype(float)
            found[name] = view.beliefs[name].log_ratio(values)
    return found


def check_weighable(view: View, conflict: Conflict, as_of: str) -> None:
    """Check that members can be weighed by all that a view takes otherwise.

    Raises
    ------
    CalibrationError
        Naming the numbers by which they cannot, and the command that calibrates.
    """
    known = weighable(conflict)
    unknown = [name for name in view.changes if name not in view.beliefs or name not in known]
    if unknown:
        what = "changes what members have left behind: the state before the record, what only the "
        what += f"weighing of the record reads, or a number that is fixed ({', '.join(unknown)})."
        todo = f"Calibrate: {conflict.truce} calibrate --as-of {as_of} {view.option}."
        raise CalibrationError(f"{view.kind} '{view.name}'", what, todo)


def shares_of(log_ratio: Floats) -> Shares:
    """Return normalised weights from their logs.

    Examples
    --------
    >>> shares_of(np.zeros(4)).values
    array([0.25, 0.25, 0.25, 0.25])
    """
    raw = np.exp(log_ratio - log_ratio.max())
    values = raw / raw.sum()
    return Shares(values, float(1.0 / (values**2).sum()), tail_index(values))


def check_trusted(
    shares: Shares, view: View, ratios: dict[str, Floats], as_of: str, truce: str
) -> None:
    """Refuse weights of which too few are left.

    Raises
    ------
    CalibrationError
        With the number that moves most, and the command that calibrates.
    """
    if shares.trusted:
        return
    worst = min(ratios, key=lambda name: shares_of(ratios[name]).effective)
    what = "lies too far from the model's own priors: weighed by it, the "
    what += f"{len(shares.values):,} members are worth {shares.effective:,.0f} equal ones "
    what += f"({FEWEST:,.0f} are needed), and the tail index k of their weights is {shares.k:.2f} "
    what += f"({LONGEST_TAIL:g} at most). {worst} moves them most."
    todo = f"Weigh the record by these beliefs: {truce} calibrate --as-of {as_of} {view.option}."
    raise CalibrationError(f"{view.kind} '{view.name}'", what, todo)


def tail_index(weights: Floats) -> float:
    """Return the shape k of a generalized Pareto distribution, fitted to the largest weights.

    The tail is the largest ``min(n / 5, 3 sqrt(n))`` of n weights. The estimate is the posterior
    mean of Zhang and Stephens 2009, 'A new and efficient estimation method for the generalized
    Pareto distribution', Technometrics 51, with the weak prior towards a half of Vehtari et al.
    2024. -infinity if the tail is all alike.
    """
    count = int(np.ceil(min(0.2 * len(weights), 3.0 * np.sqrt(len(weights)))))
    ordered = np.sort(weights)
    excess = ordered[-count:] - ordered[-count - 1]
    if count < 5 or excess[-1] <= 0.0 or excess[0] == excess[-1]:
        return float("-inf")
    points = 30 + int(np.sqrt(count))
    quarter = excess[max(int(count / 4 + 0.5) - 1, int(np.argmax(excess > 0.0)))]
    theta = 1.0 / excess[-1] + (1.0 - np.sqrt(points / (np.arange(points) + 0.5))) / 3.0 / quarter
    shape = np.log1p(-theta[:, np.newaxis] * excess).mean(axis=1)
    likelihood = count * (np.log(-theta / shape) - shape - 1.0)
    chance = np.exp(likelihood - likelihood.max())
    mean = float(chance @ theta / chance.sum())
    k = float(np.log1p(-mean * excess).mean())
    return (count * k + 10 * 0.5) / (count + 10)
