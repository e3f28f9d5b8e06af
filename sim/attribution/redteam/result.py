"""What came of looking for the worst move against a scenario: saved, opened, tabulated."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from sim.attribution.redteam.moves import Candidate
from sim.engine.domain import Side
from sim.estimates import Odds
from sim.experiments.differences import Difference, PriceDifference
from sim.experiments.sensitivity.jackknife import Estimate
from sim.experiments.setting import OfSetting, Setting
from sim.frames import interval_columns, write_parquet
from sim.request import python_command
from sim.store import key_of

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/redteam/1"
MOTIVES = {"ahead": "gains by it", "behind": "loses by it", "tied": "cannot be told"}
"""What the change of the actor's own worth says of its motive."""
NO_WORTH = "not in the model"


class Exploit(NamedTuple):
    """The move of an actor that takes most, or most of those by which it gains.

    Attributes
    ----------
    actor
        Its id.
    move
        The name of the kind of move, as in `sim.attribution.redteam.moves.KINDS`.
    day
        Days after the as-of day.
    words
        What the actor does, to stand after its name.
    made
        In which share of worlds the move was made: the rules may forbid it on its day, or the
        world may have ended. Of a yes that is meant to fail, of the yes and of walking out.
    odds
        With the move.
    difference
        From the odds without it. The 95 % interval of the dice holds for all moves told together.
    worth
        By actor of a side, the difference in what a world is worth to it, in stakes; likewise.
    """

    actor: str
    move: str
    day: int
    words: str
    made: tuple[float, ...]
    odds: Odds
    difference: Difference
    worth: Mapping[str, PriceDifference]

    @property
    def claimed(self) -> bool:
        """Whether the interval says that the move takes anything."""
        return self.difference.dice == "behind"

    @property
    def motive(self) -> str:
        """Whether the actor gains by it: one of `MOTIVES`, or `NO_WORTH`."""
        own = self.worth.get(self.actor)
        return NO_WORTH if own is None else MOTIVES[own.dice]

    @property
    def loss(self) -> Estimate:
        """What the move takes from the odds."""
        low, high = self.difference.mc
        return Estimate(-self.difference.mean, (-high, -low))

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; ``mean`` and ``mc`` are those of the difference."""
        return {
            "actor": self.actor,
            "move": self.move,
            "day": self.day,
            "words": self.words,
            "claimed": self.claimed,
            "motive": self.motive,
            "made": list(self.made),
            **self.difference.as_dict(),
            "odds": self.odds.as_dict(),
            "worth": {actor: one.as_dict() for actor, one in self.worth.items()},
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Exploit:
        """Return what `as_dict` gave."""
        worth = document["worth"].items()
        return cls(
            str(document["actor"]),
            str(document["move"]),
            int(document["day"]),
            str(document["words"]),
            tuple(float(share) for share in document["made"]),
            Odds.from_dict(document["odds"]),
            Difference.from_dict(document),
            {actor: PriceDifference.from_dict(one) for actor, one in worth},
        )


@dataclass(frozen=True, repr=False, eq=False)
class RedTeam(OfSetting):
    """Which single move of which actor takes most from a scenario.

    Attributes
    ----------
    setting
        The scenario, the members, the luck, and how many worlds of the last leg.
    outcome
        What is asked of a world, one of `sim.outcomes.OUTCOMES`.
    odds
        Without a move.
    exploits
        By actor the move that takes most; for a belligerent also the one that takes most of those
        by which it gains, if that is another. The largest loss first.
    screened
        Every move that was tried, with the change of the odds on the screen: from fewer worlds,
        and chosen from by the same luck, so that the largest is likely too large.
    ruled_out
        What the scenario rules out, a sentence or more each.
    made_by
        The command line that made it, if one did.
    """

    setting: Setting
    outcome: str
    odds: Odds
    exploits: tuple[Exploit, ...]
    screened: tuple[tuple[Candidate, float], ...]
    ruled_out: tuple[str, ...] = ()
    made_by: str = field(default="", compare=False)
    kind: ClassVar[str] = "redteam"

    @property
    def worst(self) -> Exploit | None:
        """The move of anyone that takes most, if any is seen to take something."""
        return next((one for one in self.exploits if one.claimed), None)

    @property
    def worst_with_motive(self) -> Exploit | None:
        """The same of those by which the actor itself is seen to gain."""
        gains = (one for one in self.exploits if one.claimed and one.motive == MOTIVES["ahead"])
        return next(gains, None)

    @property
    def exploitability(self) -> Estimate:
        """What the worst move takes from the odds.

        If none is seen to take anything it is 0, and the interval reaches to the most that the
        worst move may yet take.
        """
        if self.worst is not None:
            return self.worst.loss
        return Estimate(0.0, (0.0, max(0.0, *(one.loss.mc[1] for one in self.exploits))))

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {**self.setting.request, "outcome": self.outcome}

    @functools.cached_property
    def id(self) -> str:
        """A hash of all that decides it."""
        return key_of({**self.setting.deciding, "asked": self.kind, "outcome": self.outcome})

    @property
    def command(self) -> str:
        """The line that makes it again."""
        setting = self.setting
        call = f"sim.redteam({setting.in_python}, outcome={self.outcome!r}"
        line = f"print({call}, worlds={setting.worlds}, seed={setting.seed}))"
        return self.made_by or python_command(line)

    def __repr__(self) -> str:
        label, worst = self.setting.first.label, self.worst
        if worst is None:
            return f"<RedTeam of {label}: no move is seen to lower the odds of {self.outcome}>"
        return (
            f"<RedTeam of {label}: {worst.actor} {worst.words} on day {worst.day}, "
            f"{100.0 * worst.difference.mean:+.1f} points of {self.outcome}>"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data (schema `truce/redteam/1`)."""
        worst, motive = self.worst, self.worst_with_motive
        return {
            "schema": SCHEMA,
            "id": self.id,
            **self.setting.as_dict(),
            "outcome": self.outcome,
            "odds": self.odds.as_dict(),
            "exploitability": self.exploitability.as_dict(),
            "worst": None if worst is None else self.exploits.index(worst),
            "worst_with_motive": None if motive is None else self.exploits.index(motive),
            "moves": [one.as_dict() for one in self.exploits],
            "screened": [
                {
                    "actor": one.actor,
                    "side": None if one.side is None else int(one.side),
                    "move": one.move,
                    "day": one.day,
                    "words": one.words,
                    "change": change,
                }
                for one, change in self.screened
            ],
            "ruled_out": list(self.ruled_out),
            "command": self.command,
        }

    def table(self) -> pd.DataFrame:
        """Return a row a move of the last leg, the largest loss first.

        Columns: ``actor``, ``move``, ``day``, ``words``; the change of the odds (``mean``) with its
        intervals (``mc_low``, ``mc_high``, for all rows together; ``members_low``,
        ``members_high``) and ``verdict``; ``claimed``; ``motive``; ``made``, the share of worlds in
        which it was made, and ``walked_out`` of a yes that is meant to fail; and for each side the
        change of its worth in stakes (``worth.<actor>`` with ``.mc_low`` and ``.mc_high``).
        """
        import pandas as pd

        return pd.DataFrame([_row(one) for one in self.exploits])

    def write_data(self, folder: Path) -> None:
        """Write `table` as Parquet."""
        write_parquet(self.table(), folder / "moves.parquet")

    @classmethod
    def from_document(cls, setting: Setting, document: Mapping[str, Any], made_by: str) -> RedTeam:
        """Return the result whose plain data `as_dict` gave; see `OfSetting.from_document`."""
        return cls(
            setting,
            str(document["outcome"]),
            Odds.from_dict(document["odds"]),
            tuple(Exploit.from_dict(one) for one in document["moves"]),
            tuple(_screened(one) for one in document["screened"]),
            tuple(map(str, document["ruled_out"])),
            made_by=made_by,
        )


def _row(one: Exploit) -> dict[str, Any]:
    made, *later = one.made
    worth = {f"worth.{actor}": interval_columns(found) for actor, found in one.worth.items()}
    return {
        "actor": one.actor,
        "move": one.move,
        "day": one.day,
        "words": one.words,
        **interval_columns(one.difference),
        "verdict": one.difference.verdict,
        "claimed": one.claimed,
        "motive": one.motive,
        "made": made,
        "walked_out": later[0] if later else None,
        **{
            name if part == "mean" else f"{name}.{part}": found[part]
            for name, found in worth.items()
            for part in ("mean", "mc_low", "mc_high")
        },
    }


def _screened(document: Mapping[str, Any]) -> tuple[Candidate, float]:
    given = {**document}
    change = float(given.pop("change"))
    side = given.pop("side")
    return Candidate(side=None if side is None else Side(side), **given), change
