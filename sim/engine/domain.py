"""The words of the field: sides, issues, answers, outcomes.

The engine knows roles, never names. Two belligerents face each other: side R, on whom sanctions
press, whose best settlement is 1 on every issue, and side U, whom others arm and guarantee, whose
best is 0. Who they are today is data (``calibration/actors.toml``).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

NONE = -1
"""The code of 'nobody', 'nothing', 'not yet' in integer fields."""
REVIEW, HOLIDAY, DATED_ROUND = 1, 2, 4
"""Bits of a calendar day."""
TRUCE_DAYS = 30
"""A full truce is planned for this many days, and `held` if it holds them all."""
LUCK_DAYS = 24
"""The luck of each day is drawn for so many days at once."""
MAX_HORIZON_DAYS = 365
MAX_SEED = 2**63 - 1
MAX_REACTIONS = 12
"""Blocks of a scenario that react to public events, or impose one."""
WORLDS_PER_MEMBER = 4
"""World w uses member (w // 4) mod the ensemble's size."""


class Side(IntEnum):
    """The two belligerents."""

    R = 0
    U = 1


SIDE_SIGN = np.array([1.0, -1.0])
"""The pole of a side on the issue scales: R wants 1, U wants 0."""


class Issue(IntEnum):
    """What is negotiated. The first five are offered, two are computed, the last is procedure."""

    TERRITORY = 0
    RECOGNITION = 1
    NATO = 2
    FORCE_LIMITS = 3
    NUCLEAR_PLANT = 4
    GUARANTEES = 5
    SANCTIONS = 6
    TRUCE_TERMS = 7


ISSUES = len(Issue)
OFFERED = 5
"""Issues below this index can be offered or deferred in a package."""
VALUED = 7
"""Issues below this index have a value in war and in peace; `truce_terms` has none."""


class Answer(IntEnum):
    """What a belligerent says to a proposed truce."""

    ACCEPT = 0
    CONDITION = 1
    REJECT = 2


class Outcome(IntEnum):
    """How a world ends; the first that applies."""

    HELD = 0
    COLLAPSED = 1
    WALKED_AWAY = 2
    PARTIAL_ONLY = 3
    NO_TRUCE = 4


class Threat(IntEnum):
    """Who threatens what: sanctions on R by the mediator or the blocs, cut-off of arms to U."""

    MEDIATOR_SANCTIONS = 0
    BLOCS_SANCTIONS = 1
    AID = 2


class FollowThrough(IntEnum):
    """Whether an issuer keeps its threats against refusal: as its rule draws, always, never."""

    DRAWN = 0
    KEPT = 1
    BROKEN = 2


class Issuer(IntEnum):
    """Whose word is believed or not; the mediator's backstop is a word of its own."""

    MEDIATOR = 0
    BLOCS = 1
    BACKSTOP = 2


class Scope(IntEnum):
    """What a partial truce covers."""

    ENERGY = 0
    SEA = 1
    CIVILIAN = 2


class Domain(IntEnum):
    """Where incidents happen."""

    GROUND = 0
    LONG_RANGE = 1


class TruceEnd(IntEnum):
    """How a full truce ended."""

    INCIDENT = 0
    EXIT = 1
    EXPIRY = 2


class Public(IntEnum):
    """What the rules can bring about and the press would tell; words in `sim.engine.public`."""

    ACCEPTS_R = 0
    ACCEPTS_U = 1
    CONDITIONS_R = 2
    CONDITIONS_U = 3
    REJECTS_R = 4
    REJECTS_U = 5
    BOTH_REFUSE = 6
    DIRECT_TALKS = 7
    TRUCE_BEGINS = 8
    TRUCE_HOLDS = 9
    R_BREAKS_TRUCE = 10
    U_BREAKS_TRUCE = 11
    PARTIAL_BEGINS = 12
    PARTIAL_ENDS_EARLY = 13
    PARTIAL_ENDS_AT_TERM = 14
    PAUSE_R = 15
    MEDIATOR_SANCTIONS = 16
    BLOCS_SANCTIONS = 17
    ARMS_PAUSE = 18
    MEDIATOR_LETS_PASS = 19
    BLOCS_LET_PASS = 20
    ARMS_LET_PASS = 21
    NEW_SANCTIONS = 22
    RELIEF = 23
    STRIKES_R = 24
    STRIKES_U = 25
    PATIENCE_THIN = 26
    MEDIATOR_LEAVES = 27


STRIKES_RISE = 0.5
"""Rise of the log of a side's strikes since the as-of day that the press would tell; assumed."""
PATIENCE_THIN = 0.5
"""The mediator's patience below which it would warn that it may leave; assumed."""

AXES = {
    "side": len(Side),
    "issue": len(Issue),
    "valued issue": VALUED,
    "offered issue": OFFERED,
    "threat": len(Threat),
    "issuer": len(Issuer),
    "sanctioner": 2,
    "scope": len(Scope),
    "candidate": 4,
    "domain of side": 4,
    "day ago": 7,
    "public event": len(Public),
    "reaction": MAX_REACTIONS,
}
"""How long the axes of arrays in records are; that of the blocs is as long as there are blocs.

The sanctioners are the issuers of sanctions: the mediator and the blocs.
"""
