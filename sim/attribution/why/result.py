"""What came of asking why two scenarios differ: shares of the levers, saved, opened, tabulated."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from sim.attribution.why.worlds import Alone
from sim.estimates import Odds
from sim.experiments.differences import Difference, Flips
from sim.experiments.mixtures import ABSENT
from sim.experiments.sensitivity.jackknife import Estimate
from sim.experiments.setting import OfSetting, Setting
from sim.frames import write_parquet
from sim.inputs.levers import LEVERS
from sim.request import python_command
from sim.store import key_of

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/why/1"


class LeverShare(NamedTuple):
    """What a lever, or a block, adds to the difference of two scenarios.

    Attributes
    ----------
    lever
        The name of the lever, or of the block, such as ``when.1``.
    first, second
        Its values under the first and under the second scenario, in words; of a block what it
        does, or ``not there``.
    share
        What it adds to the odds, averaged over the orders in which the levers change.
    worth
        By actor of a side, what it adds to the worth of a world, in stakes.
    suffices, needed
        Of the worlds that flip, the shares that flip with this lever alone, and that do not flip
        if it stays; None if no world flips.
    world_suffices, world_needed
        The first world of each kind, to be replayed; None if there is none.
    """

    lever: str
    first: str
    second: str
    share: Estimate
    worth: Mapping[str, Estimate]
    suffices: float | None = None
    needed: float | None = None
    world_suffices: int | None = None
    world_needed: int | None = None

    @property
    def change(self) -> str:
        """How it differs, in words, such as ``0.2 → 0.9``."""
        if self.lever in LEVERS or ABSENT not in (self.first, self.second):
            return f"{self.first} → {self.second}"
        return f"{self.lever}: only in the {'second' if self.first == ABSENT else 'first'} scenario"

    def as_dict(self) -> dict[str, Any]:
        """Return the share as plain data."""
        return {
            **self.share.as_dict(),
            "from": self.first,
            "to": self.second,
            "worth": {actor: mean.as_dict() for actor, mean in self.worth.items()},
            **{name: getattr(self, name) for name in self._fields[5:]},
        }

    @classmethod
    def from_dict(cls, lever: str, document: Mapping[str, Any]) -> LeverShare:
        """Return the share whose plain data `as_dict` gave."""
        worth = {actor: Estimate.from_dict(one) for actor, one in document["worth"].items()}
        alone = (document[name] for name in cls._fields[5:])
        share = Estimate.from_dict(document)
        return cls(lever, document["from"], document["to"], share, worth, *alone)


class Pair(NamedTuple):
    """What two levers add together beyond what each adds alone."""

    levers: tuple[str, str]
    together: Estimate


class Flipped(NamedTuple):
    """The worlds that end otherwise under the second scenario.

    Attributes
    ----------
    gain, lose
        Shares of all worlds in which the outcome comes under the second scenario only, and under
        the first only.
    one_lever_suffices
        Of the worlds that flip, the share in which some lever alone makes them flip.
    pushed_back
        Of those, the share in which some lever pushes the other way at some point; None if orders
        of the levers were sampled.
    world_gain, world_lose
        The first world of each kind, to be replayed.
    """

    gain: float
    lose: float
    one_lever_suffices: float | None
    pushed_back: float | None
    world_gain: int | None
    world_lose: int | None

    @classmethod
    def of(cls, alone: Alone, flips: Flips, worlds: int) -> Flipped:
        """Count what was seen of worlds that flip."""
        some = len(alone.gain) > 0
        back = alone.pushed_back
        return cls(
            float(flips.gained.sum() / worlds),
            float(flips.lost.sum() / worlds),
            float(alone.suffices.any(axis=1).mean()) if some else None,
            float(back.mean()) if some and back is not None else None,
            _first(alone, alone.gain),
            _first(alone, ~alone.gain),
        )


def with_flips(share: LeverShare, alone: Alone, lever: int) -> LeverShare:
    """Return a share with what the lever does alone in the worlds that flip."""
    if not len(alone.gain):
        return share
    suffices, needed = alone.suffices[:, lever], alone.needed[:, lever]
    return share._replace(
        suffices=float(suffices.mean()),
        needed=float(needed.mean()),
        world_suffices=_first(alone, suffices),
        world_needed=_first(alone, needed),
    )


def _first(alone: Alone, which: Any) -> int | None:
    found = np.flatnonzero(which)
    return int(alone.world[found[0]]) if len(found) else None


@dataclass(frozen=True, repr=False, eq=False)
class Why(OfSetting):
    """Why the odds differ under two scenarios.

    Attributes
    ----------
    setting
        The two scenarios, the members, the luck, and how many worlds.
    outcome
        What is asked of a world, one of `sim.outcomes.OUTCOMES`.
    exact
        Whether every mixture of the levers was run; else orders of them were sampled.
    odds
        Under each scenario.
    total
        The difference of the odds, as `sim.compare` tells it of the same worlds.
    levers
        What each lever adds; the shares sum to the difference.
    pairs
        What each two levers add together beyond what each adds alone; none if orders were sampled.
    worlds_run
        Worlds run of all mixtures.
    made_by
        The command line that made it, if one did.
    """

    setting: Setting
    outcome: str
    exact: bool
    odds: tuple[Odds, ...]
    total: Difference
    levers: tuple[LeverShare, ...]
    pairs: tuple[Pair, ...]
    flips: Flipped
    worlds_run: int
    made_by: str = field(default="", compare=False)
    kind: ClassVar[str] = "why"

    @property
    def ranked(self) -> list[LeverShare]:
        """The levers, the largest share first, whatever its sign."""
        return sorted(self.levers, key=lambda one: -abs(one.share.mean))

    def meaning(self, name: str) -> str:
        """Return what a lever means, or what a block that differs does, by its name."""
        if name in LEVERS:
            return self.setting.first.conflict.lever(name).meaning
        (block,) = (one for one in self.levers if one.lever == name)
        return block.first if block.second == ABSENT else block.second

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {**self.setting.request, "outcome": self.outcome}

    @functools.cached_property
    def id(self) -> str:
        """A hash of all that decides it."""
        return key_of({**self.setting.deciding, "outcome": self.outcome})

    @property
    def command(self) -> str:
        """The line that makes it again."""
        setting = self.setting
        call = f"sim.why({setting.in_python}, outcome={self.outcome!r}, worlds={setting.worlds}"
        return self.made_by or python_command(f"print({call}, seed={setting.seed}))")

    def __repr__(self) -> str:
        one, two = (scenario.label for scenario in self.setting.scenarios)
        shares = ", ".join(f"{s.lever} {100 * s.share.mean:+.1f}" for s in self.ranked[:3])
        return (
            f"<Why {self.outcome} differs from {one} to {two}: "
            f"{100.0 * self.total.mean:+.1f} points, of which {shares}>"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data (schema `truce/why/1`)."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            **self.setting.as_dict(),
            "outcome": self.outcome,
            "odds": [odds.as_dict() for odds in self.odds],
            "total": self.total.as_dict(),
            "shares": {one.lever: one.as_dict() for one in self.levers},
            "interactions": [
                {"levers": list(pair.levers), **pair.together.as_dict()} for pair in self.pairs
            ],
            "flips": {
                **self.flips._asdict(),
                "needed": {one.lever: one.needed for one in self.levers},
            },
            "worlds_run": self.worlds_run,
            "exact": self.exact,
            "command": self.command,
        }

    def table(self) -> pd.DataFrame:
        """Return a row a lever or block that differs, the largest share first.

        Columns: ``lever``, its values ``from`` and ``to``, what it adds to the odds (``mean``) with
        the 95 % interval of the estimate (``mc_low``, ``mc_high``), ``suffices`` and ``needed``
        (shares of the worlds that flip), the worlds to replay, and what it adds to the worth to
        each side in stakes (``worth.<actor>``).
        """
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "lever": one.lever,
                    "from": one.first,
                    "to": one.second,
                    "mean": one.share.mean,
                    "mc_low": one.share.mc[0],
                    "mc_high": one.share.mc[1],
                    "suffices": one.suffices,
                    "needed": one.needed,
                    "world_suffices": one.world_suffices,
                    "world_needed": one.world_needed,
                    **{f"worth.{actor}": mean.mean for actor, mean in one.worth.items()},
                }
                for one in self.ranked
            ]
        )

    def write_data(self, folder: Path) -> None:
        """Write `table` as Parquet."""
        write_parquet(self.table(), folder / "levers.parquet")

    @classmethod
    def from_document(cls, setting: Setting, document: Mapping[str, Any], made_by: str) -> Why:
        """Return the result whose plain data `as_dict` gave; see `OfSetting.from_document`."""
        found = document["flips"]
        return cls(
            setting,
            str(document["outcome"]),
            bool(document["exact"]),
            tuple(Odds.from_dict(one) for one in document["odds"]),
            Difference.from_dict(document["total"]),
            tuple(LeverShare.from_dict(*pair) for pair in document["shares"].items()),
            tuple(
                Pair((one["levers"][0], one["levers"][1]), Estimate.from_dict(one))
                for one in document["interactions"]
            ),
            Flipped(**{name: found[name] for name in Flipped._fields}),
            int(document["worlds_run"]),
            made_by=made_by,
        )
