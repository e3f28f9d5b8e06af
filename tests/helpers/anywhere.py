"""Members, starts and levers from anywhere in their ranges, for property tests."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import strategies as st

from sim.calibrate.prior import members_from, starts_from
from sim.engine.domain import ISSUES, OFFERED, VALUED
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import Ensemble
from sim.inputs.levers import DEFERRED, LEVERS

PARAMETERS = {row.name: row for row in shipped().parameters}
UNIT = st.floats(0.0, 1.0)


def within(low, high, share):
    return min(high, low + share * (high - low))


@st.composite
def ensembles(draw):
    """Eight members with every parameter in its range: somewhere, or at an end of it."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    corners = draw(st.sampled_from(["none", "some", "all"]))
    values = {}
    for name, row in PARAMETERS.items():
        shares = rng.random(8)
        if corners == "all" or (corners == "some" and rng.random() < 0.3):
            shares = shares.round()
        values[name] = np.array([within(*row.range, share) for share in shares])
    for name, share in draw(st.dictionaries(st.sampled_from(sorted(PARAMETERS)), UNIT)).items():
        values[name][:] = within(*PARAMETERS[name].range, share)
    values["exponent"] = np.round(values["exponent"])
    weight = rng.dirichlet(np.full(ISSUES, 0.7), (8, 2))
    positions = {
        "ideal": rng.random((8, 2, ISSUES)).round(int(corners != "all")),
        "red_line": rng.random((8, 2, ISSUES)),
        "weight": weight / weight[:, :, :VALUED].sum(-1, keepdims=True),
        "mediator_position": rng.random((8, OFFERED)).round(int(corners != "all")),
    }
    day = dt.date(2025, 5, 20)
    return Ensemble("any", "prior", day, members_from(values, positions), starts_from(values), {})


@st.composite
def settings_of(draw):
    """Values for any of the levers."""
    found = {}
    for name, share in draw(st.dictionaries(st.sampled_from(sorted(LEVERS)), UNIT)).items():
        kind = LEVERS[name].kind
        values = kind.trial()
        ends = [value for value in (values[0], values[-1]) if isinstance(value, float)]
        if share == 1.0:
            found[name] = values[-1]
        else:
            found[name] = kind.at(*ends, share) if ends else values[int(share * len(values))]
        if share < 0.1 and "offer." in name:
            found[name] = DEFERRED
    return found
