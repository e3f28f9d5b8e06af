"""Members of whom one number is otherwise: the same value for all, what depends on it in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import SIDE_SIGN, VALUED
from sim.engine.records import Member, Start
from sim.inputs.ensemble import slots


class Otherwise(NamedTuple):
    """One number of the members, set to the same value for all of them.

    Attributes
    ----------
    name
        Its column, as `sim.inputs.ensemble.columns_of` names it.
    field, place
        Where it stands in the records; ``place`` may have a side and an issue.
    of_start
        Whether it is a number of the state on the as-of day, not of the member.
    """

    name: str
    field: str
    place: tuple[int, ...]
    of_start: bool
    value: float

    def applied(
        self, members: NDArray[np.void], starts: NDArray[np.void]
    ) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Return members and starts with it; those given stay as they are.

        What must go together still does: a side's issue weights sum to 1, and no red line is more
        demanding than the ideal.
        """
        index: Any = (slice(None), *self.place)
        if self.of_start:
            starts = starts.copy()
            starts[self.field][index] = self.value
            return members, starts
        members = members.copy()
        members[self.field][index] = self.value
        if self.field == "weight":
            _weigh(members["weight"], *self.place)
        elif self.field in ("ideal", "red_line"):
            _keep_in_order(members, self.field, *self.place)
        return members, starts


def _weigh(weights: NDArray[Any], side: int, issue: int) -> None:
    """Scale a side's other weights, so that those of the valued issues sum to 1 as before."""
    if issue >= VALUED:
        return
    others = [n for n in range(VALUED) if n != issue]
    left = 1.0 - weights[:, side, issue]
    there = weights[:, side, others].sum(axis=1)
    scale = np.divide(left, there, out=np.zeros_like(there), where=there > 0.0)
    weights[:, side, others] *= scale[:, np.newaxis]


def _keep_in_order(members: NDArray[np.void], field: str, side: int, issue: int) -> None:
    """Move the red line, or the ideal, to the other if the line would ask for more."""
    sign = SIDE_SIGN[side]
    ideal, line = (members[name][:, side, issue] for name in ("ideal", "red_line"))
    beyond = sign * line > sign * ideal
    if field == "ideal":
        line[beyond] = ideal[beyond]
    else:
        ideal[beyond] = line[beyond]


def numbers_to_move(
    members: NDArray[np.void], starts: NDArray[np.void], blocs: Sequence[str]
) -> list[tuple[Otherwise, Otherwise]]:
    """Return each real number that differs between members, at its tenth and ninetieth percentile.

    Codes, days of a clock and yes or no have no percentiles and are left out, as is what is not
    known of some members.
    """
    found = []
    for kind, records, prefix in ((Member, members, ""), (Start, starts, "start.")):
        for name, field, place in slots(kind, blocs):
            values = records[field][place]
            if values.dtype.kind != "f" or not np.isfinite(values).all():
                continue
            low, high = np.quantile(values, [0.1, 0.9]).tolist()
            if low < high:
                at = tuple(int(n) for n in place[1:])
                one, two = (
                    Otherwise(prefix + name, field, at, bool(prefix), end) for end in (low, high)
                )
                found.append((one, two))
    return found
