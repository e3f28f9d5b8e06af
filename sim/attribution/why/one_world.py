"""Why one world ended as it did: which levers, and which single throws of the dice, decide it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import factorial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.attribution.why.worlds import EXACT_LEVERS
from sim.engine.agenda import Agendas, together
from sim.engine.cases import new_cases
from sim.engine.domain import NONE, TRUCE_DAYS, WORLDS_PER_MEMBER, Outcome
from sim.errors import check_whole
from sim.experiments.dice import DICE, GROUPS, Die, purposes
from sim.experiments.kernel import Batch, Kernel
from sim.experiments.mixtures import (
    ABSENT,
    Mixtures,
    course_text,
    without_block,
)
from sim.experiments.setting import OfSetting, Setting
from sim.experiments.shapley import all_sets, chain_shares, chains, share_weights
from sim.frames import write_parquet
from sim.inputs.block_numbers import set_by
from sim.inputs.ends import lever_ends
from sim.inputs.levers import LEVERS, value_text
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario, load_scenario
from sim.outcomes import check_outcome, hits_of
from sim.reacted import block_text
from sim.request import python_command
from sim.results import Results
from sim.store import key_of

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/world/1"
FIRST_THROWS, THROWS = 8, 256
"""Each throw is thrown anew so often to find those that decide; these then so often."""
_ORDERS = 256
_PART = 4_096
_LARGEST = 2**62


class Decisive(NamedTuple):
    """A throw of one day that decides a world, or a whole kind of luck.

    Attributes
    ----------
    day
        Days after the as-of day; None for all days.
    words
        What it decides.
    chance
        The chance that another throw, all else alike, turns the outcome.
    """

    day: int | None
    words: str
    chance: float


class Turn(NamedTuple):
    """A lever that alone, moved to an end of its range, turns the world; or a block left out."""

    lever: str
    stands: str
    moved: str
    outcome: str


@dataclass(frozen=True, repr=False, eq=False)
class OneWorld(OfSetting):
    """Why one world of a run ended as it did.

    Attributes
    ----------
    setting
        The scenario of the run and the baseline of its day; the members and the luck.
    world, member
        Which world, and whose.
    outcome
        What is asked of it, one of `sim.outcomes.OUTCOMES`.
    ended, ended_before
        How it ended, and how it ends under the baseline.
    shares
        By lever that the scenario moves, and by block that it has, what it adds to whether the
        outcome comes, averaged over the orders in which they change; they sum to 1, 0 or -1.
    levers_matter
        Whether the outcome differs between any mixtures of the levers that were run. Shares may
        cancel to 0 where it does.
    turns
        Levers that alone turn the world if moved to an end of their range, and blocks that do so
        if left out.
    dice
        Throws of one day that decide it, the most decisive first.
    groups
        The same of whole kinds of luck, all days thrown anew at once.
    """

    setting: Setting
    world: int
    member: int
    outcome: str
    ended: str
    ended_before: str
    shares: dict[str, float]
    levers_matter: bool
    turns: tuple[Turn, ...]
    dice: tuple[Decisive, ...]
    groups: tuple[Decisive, ...]
    made_by: str = field(default="", compare=False)
    kind: ClassVar[str] = "world"

    @property
    def in_short(self) -> str:
        """What was asked beside scenario and day, for the folder's name."""
        return f"world-{self.world}"

    @property
    def happened(self) -> bool:
        """Whether the outcome came."""
        return Outcome[self.ended.upper()] in check_outcome(self.outcome)

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {**self.setting.request, "world": self.world, "outcome": self.outcome}

    @property
    def id(self) -> str:
        """A hash of all that decides it."""
        return key_of({**self.setting.deciding, "world": self.world, "outcome": self.outcome})

    @property
    def command(self) -> str:
        """The line that makes it again."""
        setting = self.setting
        run = f"sim.run({setting.in_python}, worlds={setting.worlds}, seed={setting.seed})"
        call = f"sim.why({run}, world={self.world}, outcome={self.outcome!r})"
        return self.made_by or python_command(f"print({call})")

    def __repr__(self) -> str:
        first = (
            f"; most decisive: day {self.dice[0].day}, {self.dice[0].words}" if self.dice else ""
        )
        return f"<World {self.world} of {self.setting.first.label}: {self.ended}{first}>"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data (schema `truce/world/1`)."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            **self.setting.as_dict(),
            "world": self.world,
            "member": self.member,
            "outcome": self.outcome,
            "ended": self.ended,
            "ended_under_baseline": self.ended_before,
            "shares": self.shares,
            "levers_matter": self.levers_matter,
            "turns": [turn._asdict() for turn in self.turns],
            "dice": [one._asdict() for one in self.dice],
            "groups": [one._asdict() for one in self.groups],
            "command": self.command,
        }

    def table(self) -> pd.DataFrame:
        """Return a row a throw that decides: ``day`` (empty for all days), ``what``, ``chance``."""
        import pandas as pd

        rows = [
            {"day": one.day, "what": one.words, "chance": one.chance}
            for one in (*self.groups, *self.dice)
        ]
        table = pd.DataFrame(rows, columns=["day", "what", "chance"])
        return table.astype({"day": "Int64"})

    def write_data(self, folder: Path) -> None:
        """Write `table` as Parquet."""
        write_parquet(self.table(), folder / "dice.parquet")

    @classmethod
    def from_document(cls, setting: Setting, document: Mapping[str, Any], made_by: str) -> OneWorld:
        """Return the result whose plain data `as_dict` gave; see `OfSetting.from_document`."""
        return cls(
            setting,
            int(document["world"]),
            int(document["member"]),
            str(document["outcome"]),
            str(document["ended"]),
            str(document["ended_under_baseline"]),
            {str(name): float(share) for name, share in document["shares"].items()},
            bool(document["levers_matter"]),
            tuple(Turn(**one) for one in document["turns"]),
            tuple(Decisive(**one) for one in document["dice"]),
            tuple(Decisive(**one) for one in document["groups"]),
            made_by=made_by,
        )


# ------------------------------------------------------------------ asking


def why_world(results: Results, world: int, outcome: str = "held") -> OneWorld:
    """Say which levers, and which single throws of the dice, decide one world of a run.

    Parameters
    ----------
    results
        Of a run; its worlds need not be kept.
    world
        The number of the world in the run.
    outcome
        What is asked of it: one of the five outcomes, or `agreed`.

    Raises
    ------
    ScenarioError
        If there is no such outcome or world.
    StoreError
        If the model or the ensemble has changed since the run.
    """
    check_outcome(outcome)
    check_whole("world", world, 0, results.tally.worlds - 1)
    ensemble = results.ensemble()
    scenario = results.scenario
    asked = _Asked(Kernel(ensemble, results.seed), scenario, world, outcome)
    base = load_scenario(
        "baseline", scenario.as_of, scenario.horizon_days, conflict=scenario.conflict
    )
    mixtures = Mixtures(base, scenario)
    ended, ended_before = asked.under(together([agenda(scenario), agenda(base)]))
    setting = Setting.of((scenario,), ensemble, results.seed, results.tally.worlds)
    return OneWorld(
        setting,
        world,
        asked.member,
        outcome,
        ended,
        ended_before,
        *asked.shares(mixtures),
        tuple(asked.turns()),
        tuple(asked.dice()),
        tuple(asked.groups()),
    )


@dataclass
class _Asked:
    """Runs one world again and again."""

    kernel: Kernel
    scenario: Scenario
    world: int
    outcome: str

    @property
    def member(self) -> int:
        return self.world // WORLDS_PER_MEMBER % len(self.kernel.ensemble)

    def _cases(self, count: int) -> NDArray[np.void]:
        cases = new_cases(count)
        cases["world"], cases["member"] = self.world, self.member
        return cases

    def _run(self, batch: Batch) -> NDArray[np.void]:
        firsts = range(0, len(batch.cases), _PART)
        parts = [batch._replace(cases=batch.cases[n : n + _PART]) for n in firsts]
        return np.concatenate(list(self.kernel.run(parts)))

    def under(self, agendas: Agendas) -> list[str]:
        """How the world ends under each agenda."""
        cases = self._cases(agendas.number)
        cases["agenda"] = np.arange(len(cases))
        ended = self._run(Batch(agendas, cases))
        return [Outcome(code).name.lower() for code in ended["outcome"].tolist()]

    def shares(self, mixtures: Mixtures) -> tuple[dict[str, float], bool]:
        """What each lever that the scenario moves adds, and whether any mixture ends otherwise.

        Exactly for a few levers, from sampled orders for many.
        """
        number = len(mixtures.names)
        if number <= EXACT_LEVERS:
            sets = all_sets(number)
            orders = None
        else:
            rng = np.random.default_rng([self.kernel.seed, self.world])
            orders = np.argsort(rng.random((_ORDERS, number)), axis=1)
            orders = np.concatenate([orders, orders[:, ::-1]])
            sets = chains(orders).ravel()
        different, place = np.unique(sets, return_inverse=True)
        cases = self._cases(len(different))
        cases["agenda"] = np.arange(len(different))
        hit = hits_of(self._run(Batch(mixtures.agendas(different), cases)), self.outcome)
        values = hit[place].astype(np.float64)
        if orders is None:
            weights = share_weights(number)
            found = weights @ values / factorial(number)
        else:
            found = chain_shares(orders, values.reshape(len(orders), -1)).mean(axis=0)
        return dict(zip(mixtures.names, found.tolist(), strict=True)), bool(hit.any() != hit.all())

    def turns(self) -> Iterator[Turn]:
        """Which levers turn the world if one is moved to an end, and which blocks if left out."""
        stands = self.scenario.levers
        blocks = self.scenario.blocks
        changed = {change.lever for change in self.scenario.schedule}
        changed |= {lever for lever in LEVERS if set_by(blocks, lever)}
        moves = [
            (lever, value)
            for lever, ends in lever_ends(self.scenario.conflict).items()
            for value in ends
            if value != stands[lever] or lever in changed
        ]
        tried = [(lever, course_text(self.scenario, lever), value_text(v)) for lever, v in moves]
        tried += [(name, block_text(self.scenario, name), ABSENT) for name in blocks]
        agendas = [agenda(self.scenario, dict([move])) for move in moves]
        agendas += [agenda(without_block(self.scenario, name)) for name in blocks]
        before, *after = self.under(together([agenda(self.scenario), *agendas]))
        hits = check_outcome(self.outcome)
        for words, ended in zip(tried, after, strict=True):
            if (Outcome[ended.upper()] in hits) != (Outcome[before.upper()] in hits):
                yield Turn(*words, ended)

    # -------------------------------------------------------------- dice

    def _thrown(self, throws: list[tuple[int, int, int]], times: int, salt: int) -> NDArray[Any]:
        """How often each throw (purposes as bits, part, day), thrown anew, turns the outcome."""
        cases = self._cases(1 + times * len(throws))
        anew = cases["anew"][1:]
        anew["purposes"], anew["part"], anew["day"] = np.repeat(
            np.array(throws, np.int64).reshape(-1, 3), times, axis=0
        ).T
        rng = np.random.default_rng([self.kernel.seed, self.world, salt])
        anew["seed"] = rng.integers(_LARGEST, size=len(anew))
        cases["anew"][1:] = anew
        hit = hits_of(self._run(Batch(agenda(self.scenario).alone, cases)), self.outcome)
        return np.asarray((hit[1:] != hit[0]).reshape(len(throws), times).mean(axis=1))

    def dice(self) -> Iterator[Decisive]:
        """Which throws of one day decide the world, the most decisive first."""
        days = range(1, self.scenario.horizon_days + TRUCE_DAYS + 1)
        every = [(die, day) for day in days for die in DICE]
        found = self._thrown([_throw(*one) for one in every], FIRST_THROWS, 1)
        some = [one for one, chance in zip(every, found, strict=True) if chance > 0.0]
        chances = self._thrown([_throw(*one) for one in some], THROWS, 2)
        names = self.scenario.conflict.role_names
        decisive = [
            Decisive(day, die.named(names), chance)
            for (die, day), chance in zip(some, chances.tolist(), strict=True)
            if chance > 0.0
        ]
        yield from sorted(decisive, key=lambda one: (-one.chance, one.day))

    def groups(self) -> Iterator[Decisive]:
        """How often each whole kind of luck, thrown anew on all days, turns the outcome."""
        throws = [(purposes(group), NONE, 0) for group in GROUPS]
        chances = self._thrown(throws, 4 * THROWS, 3)
        for words, chance in zip(GROUPS.values(), chances.tolist(), strict=True):
            yield Decisive(None, words, chance)


def _throw(die: Die, day: int) -> tuple[int, int, int]:
    return 1 << int(die.purpose), die.part, day
