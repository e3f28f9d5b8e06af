"""Made-up answers to draw and to brief: why scenarios differ, a world, what matters, moves."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np

from helpers.figures import difference
from sim import discover
from sim.attribution.discover.result import Discovery
from sim.attribution.discover.words import Condition
from sim.attribution.groups import groups_of
from sim.attribution.redteam.moves import Candidate
from sim.attribution.redteam.result import Exploit, RedTeam
from sim.attribution.sensitivity.result import Sensitivity
from sim.attribution.sensitivity.tornado import Bar, Moved
from sim.attribution.update.result import Update
from sim.attribution.update.told import Before, Foretold, Row, Watched
from sim.attribution.watch.parts import Against, Branch, Event, Split, Turning
from sim.attribution.watch.result import Watch
from sim.attribution.why.one_world import Decisive, OneWorld, Turn
from sim.attribution.why.result import Flipped, LeverShare, Pair, Why
from sim.engine.domain import Public
from sim.estimates import Odds
from sim.experiments.dice import DICE, GROUPS
from sim.experiments.differences import PriceDifference
from sim.experiments.sensitivity.jackknife import Estimate
from sim.experiments.setting import Setting
from sim.inputs.ends import lever_ends
from sim.inputs.ensemble import load_ensemble
from sim.inputs.events import sentence
from sim.inputs.levers import LEVERS
from sim.inputs.scenario import load_scenario

SIDES = ("russia", "ukraine")
CONDITION = Condition("the odds that a truce holds are below 5%", "%")


def setting_of(*names: str, title: str = "", worlds: int = 4096) -> Setting:
    """Scenarios by name, the last with another title if one is given, of the day's members."""
    scenarios = [load_scenario(name) for name in names]
    if title:
        scenarios[-1] = dataclasses.replace(scenarios[-1], title=title)
    ensemble = load_ensemble(scenarios[0].as_of)
    return Setting.of(tuple(scenarios), ensemble, 1, worlds)


def estimate(mean: float, half: float) -> Estimate:
    """An estimate with such dice."""
    return Estimate(mean, (mean - half, mean + half))


def odds_of(mean: float) -> Odds:
    """Odds known to a point."""
    return Odds(mean, (max(0.0, mean - 0.01), mean + 0.01), (0.01, 0.6), mean)


def a_why(
    shares: tuple[float, ...] = (0.04, -0.01, 0.005),
    *,
    members: tuple[float, float] = (0.001, 0.2),
    title: str = "",
    start: float = 0.12,
) -> Why:
    """A lever a share, in the order in which levers are shown; the first two work together."""
    levers = tuple(
        LeverShare(
            lever,
            "deferred",
            f"0.{n}, 0.9 from day 14",
            estimate(share, 0.002),
            dict.fromkeys(SIDES, estimate(-0.05, 0.001)),
            0.5,
            0.25,
            17,
            None,
        )
        for n, (lever, share) in enumerate(zip(LEVERS, shares, strict=False))
    )
    total = sum(shares)
    names = [one.lever for one in levers]
    pairs = (
        (
            Pair((names[0], names[1]), estimate(-0.007, 0.001)),
            Pair((names[1], names[2]), estimate(0.001, 0.002)),
        )
        if len(levers) > 2
        else ()
    )
    ahead, behind = (0.64, 0.31) if members[0] < 0.0 else (0.97, 0.02)
    return Why(
        setting_of("baseline", "joint-ultimatum", title=title),
        "held",
        len(levers) <= 6,
        (odds_of(start), odds_of(start + total)),
        difference(total, members, ahead, behind, half=0.004),
        levers,
        pairs,
        Flipped(0.07, 0.01, 0.56, 0.19, 3, 49),
        262_144,
    )


def a_world(*, dice: int = 8) -> OneWorld:
    """A world of the ultimatum that collapsed, decided by so many throws."""
    throws = tuple(
        Decisive(3 * n, die.words.format(r="R", u="U", mediator="M", blocs="B"), 0.9 / (n + 1))
        for n, die in enumerate(DICE[:dice], 1)
    )
    groups = tuple(Decisive(None, words, 0.2) for words in GROUPS.values())
    turn = Turn("aid.level", "1", "0", "held")
    shares = {"sanctions.us_threat": -1.0, "sanctions.commitment": 0.0}
    where = setting_of("joint-ultimatum")
    return OneWorld(
        where, 17, 4, "held", "collapsed", "held", shares, True, (turn,), throws, groups
    )


def a_redteam(
    changes: tuple[float, ...] = (-0.156, -0.049, -0.042, -0.007, 0.001),
    *,
    gains: float = 0.008,
    members: tuple[float, float] = (-0.2, 0.05),
    title: str = "",
) -> RedTeam:
    """Moves of all actors, the largest loss first; side R has ``gains`` by its second."""
    moves = (
        ("us", "leaving", 3, "leaves the talks"),
        ("russia", "false yes", 21, "says yes, and walks out 5 days later"),
        ("russia", "false yes", 13, "says yes, and walks out 5 days later"),
        ("ukraine", "false yes", 29, "says yes, and walks out 5 days later"),
        ("europe", "sanctions", 3, "alone imposes half of its fullest sanctions"),
    )
    exploits = tuple(
        Exploit(
            *move,
            (0.93, 0.47) if move[1] == "false yes" else (0.99,),
            odds_of(0.18 + change),
            difference(change, members, 0.1, 0.8, half=0.003),
            {side: _worth(own) for side, own in zip(SIDES, (worth, -0.01), strict=True)},
        )
        for move, change, worth in zip(moves, changes, (0.0, -0.009, gains, 0.0, 0.0), strict=True)
    )
    screened = tuple(
        (Candidate(actor, None, move, day, words), -0.01) for actor, move, day, words in moves
    )
    setting = setting_of("joint-ultimatum", title=title)
    return RedTeam(setting, "held", odds_of(0.18), exploits, screened)


def _worth(mean: float) -> PriceDifference:
    return PriceDifference(mean, (mean - 0.001, mean + 0.001), (mean, mean), None, None)


def a_sensitivity(title: str = "", *, many: bool = True) -> Sensitivity:
    """All parts that there are, with bars of every shape; or levers that move nothing, alone."""
    names = ("joint-ultimatum", "baseline", "us-backstop") if many else ("baseline",)
    setting = setting_of(*names)
    if title:
        first = dataclasses.replace(setting.first, title=title)
        setting = dataclasses.replace(setting, scenarios=(first, *setting.scenarios[1:]))
    asked = {
        "vary": [
            {"lever": "aid.level", "low": 0.0, "high": 1.5},
            {"lever": "offer.nato", "values": [False, True]},
        ],
        "unknowns": ["otherwise", "learned", "worth"],
        "dice": many,
        "rank": list(names[1:]),
        "outcome": "held",
        "worlds": setting.worlds,
        "runs": 8192,
    }
    bars = tuple(_bar(setting, n, lever, many) for n, lever in enumerate(LEVERS))
    parts = _parts(setting) if many else {}
    return Sensitivity(setting, "held", odds_of(0.18), bars, parts, asked)


def _bar(setting: Setting, n: int, lever: str, moves: bool) -> Bar:
    size = 0.17 / (n + 1) if moves else 0.0
    members = (-0.2, 0.3) if n == 0 and moves else (0.0, 0.3)

    def at(value: Any, mean: float) -> Moved:
        worth = {
            side: PriceDifference(-0.05, (-0.051, -0.049), (-0.1, 0.0), 0.02, 0.97)
            for side in SIDES
        }
        found = difference(mean, members, 0.64, 0.31, half=0.006 if moves else 0.0002)
        return Moved(value, odds_of(0.18 + mean), found, worth)

    low, high = lever_ends(setting.first.conflict)[lever]
    deferred = at("deferred", -0.1 * size) if n % 5 == 1 else None
    stands = setting.first.levers[lever]
    return Bar(lever, stands, at(low, -size), at(high, 0.8 * size), deferred)


def share(mean: float, half: float = 0.01) -> dict[str, Any]:
    """A share with its interval, as plain data."""
    return {"mean": mean, "mc": [mean - half, mean + half]}


def _number(n: int) -> dict[str, Any]:
    meaning = f"Cost number {n} of a war, in many words {'of it ' * 12}; lowers a gain"
    return {"name": f"number{n}", "meaning": meaning, "standing": "size assumed"}


def _parts(setting: Setting) -> dict[str, Any]:
    levers = ("aid.level", "offer.nato")
    names = ("levers", "members", "levers_by_member", "fixed_luck", "turned_luck")
    split = dict(zip(names, map(share, (0.02, 0.23, 0.04, 0.41, 0.3)), strict=True))
    kinds = ("first", "total", "shapley")
    groups = [group.name for group in groups_of(setting.first.conflict)]
    labels = [scenario.label for scenario in setting.scenarios]
    thirds = {"low": {"edge": 0.1, **share(0.03)}, "high": {"edge": 0.2, **share(-0.04)}}
    against = [
        {"scenario": label, **difference(0.05, (-0.2, 0.3), 0.6, 0.3).as_dict(),
         "turning": turning}
        for label, turning in zip(labels[1:], ({**_number(1), "turns": True, **thirds}, None),
                                  strict=True)
    ]  # fmt: skip
    return {
        "sobol": {
            lever: {kind: share(mean) for kind in kinds}
            for lever, mean in zip(levers, (0.9, 0.1), strict=True)
        },
        "sobol_method": {"agrees": False, "degree": 3, "runs": 8192},
        "split": split,
        "dice": {name: {"first": share(0.1), "total": share(0.6)} for name in GROUPS},
        "unknowns": {
            "otherwise": [
                {**_number(n), "low": -0.0031, "high": 0.26, "at_low": 0.18 + 0.3 / (n + 1),
                 "at_high": 0.18 - 0.1 / (n + 1),
                 **difference(-0.4 / (n + 1), (0.0, 0.4), 1.0, 0.0).as_dict()}
                for n in range(20)
            ],
            "learned": {
                "spread_between_members": 0.2,
                "explained": share(0.55),
                "smallest": 0.01,
                "groups": [
                    {"name": name, "meaning": name, "entered": max(0, 10 - n),
                     **share(0.24 / (n + 1) if n < 10 else 0.0)}
                    for n, name in enumerate(groups)
                ],
            },
            "worth": {
                "best_on_average": labels[0],
                "everything": [0.005, 0.01],
                "numbers": [{**_number(0), **share(0.004, 0.001)}, {**_number(1), **share(0.0)}],
            },
        },
        "ranking": {
            "scenarios": labels,
            "best": dict(zip(labels, (0.6, 0.04, 0.13), strict=True)),
            "level": 0.23,
            "leads": labels[0],
            "against": against,
        },
    }  # fmt: skip


# ------------------------------------------------------------------ what to watch


def a_watch(
    apart: float = 0.3,
    *,
    branches: bool = True,
    base: float = 0.4,
    against: str = "",
    title: str = "",
    rival: float = 0.1,
) -> Watch:
    """Two events that move the odds so far apart, and of two scenarios a choice.

    ``against`` is empty for one scenario, else `ahead`, `tied`, `turns` or `separates`.
    """
    names = ("baseline", "joint-ultimatum") if against else ("baseline",)
    setting = setting_of(*names, title=title)
    kinds = ((Public.ARMS_PAUSE, apart), (Public.ACCEPTS_U, rival), (Public.PAUSE_R, 0.0))
    events = tuple(_event(setting, event, base, one, bool(against)) for event, one in kinds)
    tree = _split(events, base, apart, 2 if branches else 1) if apart else None
    outcome = "agreed" if against else "held"
    choice = _choice(against) if against else None
    return Watch(setting, outcome, 14, odds_of(base), events, (), tree, choice, 4096)


def _event(setting: Setting, public: Public, base: float, apart: float, turned: bool) -> Event:
    happens, fails = odds_of(base + 0.5 * apart), odds_of(base - 0.5 * apart)
    both = estimate(0.03, 0.01), estimate(-0.02, 0.02)
    worth = 0.25 * apart**2
    words = sentence(public, setting.first.conflict)
    return Event(
        public, words, odds_of(0.5), happens, fails, estimate(apart, 0.02), worth,
        worth / base / (1.0 - base) if 0.0 < base < 1.0 else 0.0,
        "" if 0.0 < base < 1.0 else "settled", turned=both if turned else None,
    )  # fmt: skip


def _split(events: tuple[Event, ...], base: float, apart: float, depth: int) -> Split:
    first, *others = events
    sign = (0.5, -0.5)
    branches = (
        Branch(
            0.5**2 / depth,
            odds_of(base + one * apart),
            _split(tuple(others), base + one * apart, 0.4 * apart, 1) if depth > 1 else None,
        )
        for one in sign
    )
    return Split(first.public, *branches)


def _choice(kind: str) -> Against:
    tied = kind in ("tied", "separates")
    whole = difference(0.0 if tied else 0.05, (0.0, 0.2), 0.9, 0.1, half=0.01)
    pair = (Public.ACCEPTS_U, Public.PAUSE_R)
    turn = Turning(pair, (True, False), 0.07, estimate(-0.03, 0.01))
    if kind == "separates":
        turn = Turning((Public.ACCEPTS_U,), (True,), 0.2, estimate(0.03, 0.01))
    return Against(whole, turn if kind in ("turns", "separates") else None, 924)


# ------------------------------------------------------------------ where it holds


def a_discovery(kind: str = "found", title: str = "") -> Discovery:
    """Members in whom odds are low: told by two numbers or one, by nothing, or by none at all."""
    rng = np.random.default_rng(4)
    x = rng.normal(0.0, 0.3, (1200, 6))
    low = {
        "found": (x[:, 0] > 0.1) & (x[:, 2] < 0.3),
        "one number": x[:, 0] > 0.4,
        "a tree": (x[:, 0] > 0.2) & (x[:, 1] > 0.0) | (x[:, 0] < -0.2) & (x[:, 2] > 0.0),
        "none": np.zeros(1200, bool),
    }.get(kind, rng.random(1200) < 0.3)
    y = low ^ ((rng.random(1200) < 0.1) & (kind != "none"))
    names = [
        *("Hidden tolerance of the cost of war of Russia", "Trust between the sides"),
        "Rate of mediated rounds on a truce when the mediator is fully engaged " * 3,
        *("three", "four", "five"),
    ]
    table = discover(x, y, names=names)
    setting = setting_of("joint-ultimatum", title=title)
    asked = {"kind": "run", "id": "0123456789ab", "where": "held<0.05", "over": "members",
             "of": None, "most": 3}  # fmt: skip
    looked = table.looked._replace(thing="member")
    return dataclasses.replace(
        table, setting=setting, asked=asked, condition=CONDITION, looked=looked
    )


# ------------------------------------------------------------------ what moved since


def a_watched(
    moved: float = -0.03,
    told: tuple[tuple[str, float], ...] = (("yes", -0.05), ("no", 0.004), ("open", 0.1)),
) -> Watched:
    """Events that came or did not, each with what it foretold; the odds moved so far since."""
    events = tuple(
        Foretold(
            *("accepts_truce", "russia", f"Russia does thing {n}", answer, "Event 004:5 of May."),
            *(0.2, (odds_of(0.2 + foretold), odds_of(0.2)), estimate(foretold, 0.01)),
        )
        for n, (answer, foretold) in enumerate(told)
    )
    first = dt.date(2025, 5, 10)
    days = (first, first + dt.timedelta(days=14), first + dt.timedelta(days=120))
    return Watched("0123456789ab", *days, "held", odds_of(0.2), odds_of(0.2 + moved), events)


def a_update(
    before: float = 0.14, after: float = 0.11, *, rows: int = 8, watched: bool = True
) -> Update:
    """A lever that moves the odds by most of the change, and further rows of less and less."""
    words = "sanctions threatened by the mediator for refusing: 0.5 to 0.2 (declined for now)"
    change = after - before
    day = dt.date(2025, 5, 19)
    adds = [(0.6 if n == 0 else -0.1 / n) * change for n in range(rows)]
    told = tuple(
        Row(
            *(("lever", "sanctions.us_threat") if n == 0 else ("event", f"002:{n}:us:talks")),
            day,
            words if n == 0 else f"Washington: a paraphrase of some event, the {n}th",
            {name: estimate(size, 0.002) for name in ("held", "agreed")},
        )
        for n, size in enumerate(adds)
    )
    both = {name: (odds_of(before), odds_of(after)) for name in ("held", "agreed")}
    old = Before(dt.date(2025, 5, 10), "posterior-2025-05-10-01234567", "posterior", "")
    return Update(
        setting_of("baseline"), old, both, told, 3, 65_536, a_watched() if watched else None,
        ("Kyiv: prisoner exchange",), ("round set for 22 May: a third meeting",),
    )  # fmt: skip
