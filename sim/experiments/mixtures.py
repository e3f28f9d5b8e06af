"""Mixtures of two scenarios: some levers and blocks as in the second, others as in the first."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.agenda import Agenda, Agendas, together
from sim.engine.domain import MAX_REACTIONS
from sim.engine.dtypes import Ints
from sim.engine.records import POLICY
from sim.errors import ScenarioError
from sim.inputs.agenda import policy_segments
from sim.inputs.block_numbers import set_by
from sim.inputs.blocks import Move, When
from sim.inputs.levers import LEVERS, Value, value_text
from sim.inputs.reactive import agenda, engine_blocks
from sim.inputs.scenario import Scenario
from sim.inputs.scenario_checks import MOST_WHEN

ABSENT = "not there"
"""What is told of a block where it does not stand."""


class DifferingBlock(NamedTuple):
    """A block that stands in one of two scenarios, or in both on other terms.

    Attributes
    ----------
    name
        As in `Scenario.blocks`; with ``(first)`` or ``(second)`` behind it where the other scenario
        has another block of that name.
    first, second
        The block in each scenario; None where it does not stand.
    """

    name: str
    first: When | Move | None
    second: When | Move | None


class _Standing(NamedTuple):
    """What a choice of blocks comes to.

    Attributes
    ----------
    plain
        The agenda with the levers of the first scenario.
    moved
        By lever that differs, the policies with that lever as in the second scenario, as bytes.
    """

    plain: Agenda
    moved: list[NDArray[np.uint8]]


@dataclass(frozen=True)
class Mixtures:
    """All mixtures of two scenarios of one day, one horizon and one conflict.

    What a block sets holds for the block as it stands, whichever scenario the lever beside it is
    from. A block that both scenarios have is in every mixture.

    Attributes
    ----------
    levers
        Those that differ on some day, in the order in which levers are shown.
    blocks
        Those that differ: of the first scenario, then of the second.

    Raises
    ------
    ScenarioError
        If more blocks would stand in a mixture than there can be.
    """

    first: Scenario
    second: Scenario
    levers: tuple[str, ...] = field(init=False)
    blocks: tuple[DifferingBlock, ...] = field(init=False)
    _alike: list[When | Move] = field(init=False, repr=False, compare=False)
    _known: dict[int, _Standing] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        one, two = (self._paths(scenario) for scenario in (self.first, self.second))
        differing = (name for name in LEVERS if one[name] != two[name])
        object.__setattr__(self, "levers", tuple(differing))
        alike, blocks = _matched(self.first, self.second)
        object.__setattr__(self, "_alike", alike)
        object.__setattr__(self, "blocks", blocks)
        every = [*alike, *(block.second or block.first for block in blocks)]
        whens = sum(isinstance(block, When) for block in every)
        if whens > MOST_WHEN or len(every) > MAX_REACTIONS:
            what = f"both together have {whens} [[when]] and {len(every) - whens} [[move]]; at "
            what += f"most {MOST_WHEN} [[when]] and {MAX_REACTIONS} blocks can stand in a mixture."
            raise ScenarioError("scenarios", what, "Name two that differ by fewer blocks.")

    @property
    def names(self) -> tuple[str, ...]:
        """All that differs: levers, then blocks."""
        return (*self.levers, *(block.name for block in self.blocks))

    @property
    def days(self) -> list[int]:
        """The days from which levers hold: 0, and each on which either scenario changes one."""
        both = (*self.first.schedule, *self.second.schedule)
        return sorted({0, *(change.day for change in both)})

    def _paths(self, scenario: Scenario) -> dict[str, list[Value]]:
        on = [scenario.levers_on(day) for day in self.days]
        return {name: [levers[name] for levers in on] for name in LEVERS}

    def told(self, name: str) -> tuple[str, str]:
        """Write what a lever or a block is under each scenario, such as ``0.3, 0.9 from day 14``.

        A block is told in its own words, or as ``not there``.
        """
        for block in self.blocks:
            if block.name == name:
                return _words(block.first, self.first), _words(block.second, self.second)
        return path_text(self.first, name), path_text(self.second, name)

    def agendas(self, sets: Ints) -> Agendas:
        """Return the agenda of each set of what differs; bit n of a set is ``names[n]``."""
        found: list[Agenda] = [self._standing(0).plain] * len(sets)
        choices = sets >> len(self.levers)
        for choice in np.unique(choices).tolist():
            there = np.flatnonzero(choices == choice)
            plain, moved = self._standing(choice)
            base = _raw(plain.policies)
            mixed = np.tile(base, (len(there), 1, 1))
            for n, other in enumerate(moved):
                chosen = (sets[there] >> n & 1).astype(bool)
                mixed[chosen] = np.where(other != base, other, mixed[chosen])
            for n, raw in zip(there.tolist(), mixed, strict=True):
                found[n] = plain._replace(policies=raw.reshape(-1).view(POLICY))
        return together(found)

    def _standing(self, choice: int) -> _Standing:
        """Return what some blocks come to; bit n of a choice is ``blocks[n]``."""
        if choice not in self._known:
            each = ((b.second if choice >> n & 1 else b.first) for n, b in enumerate(self.blocks))
            blocks = [*self._alike, *(block for block in each if block is not None)]
            self._known[choice] = self._with_blocks(blocks)
        return self._known[choice]

    def _with_blocks(self, blocks: list[When | Move]) -> _Standing:
        whens = [block for block in blocks if isinstance(block, When)]
        rows: list[dict[str, Value]] = [{}]
        for block in whens:  # bit n of a row says whether block n has set its levers
            rows += [{**row, **block.levers} for row in rows]
        first, second = ([one.levers_on(day) for day in self.days] for one in self._both)

        def policies(lever: str | None = None) -> NDArray[np.void]:
            days = first
            if lever is not None:
                pairs = zip(first, second, strict=True)
                days = [{**levers, lever: other[lever]} for levers, other in pairs]
            every = [{**levers, **row} for row in rows for levers in days]
            return np.concatenate([policy_segments(levers, (), 0)[0] for levers in every])

        plain = agenda(self.first)
        of_day = np.searchsorted(self.days, np.arange(plain.days + 1), "right") - 1
        segments = len(self.days) * np.arange(len(rows))[:, np.newaxis] + of_day
        scenario = self.first
        days = (scenario.as_of, scenario.horizon_days)
        reacting = engine_blocks(blocks, *days, scenario.conflict)
        standing = Agenda(policies(), segments, plain.calendar, reacting)
        return _Standing(standing, [_raw(policies(lever)) for lever in self.levers])

    @property
    def _both(self) -> tuple[Scenario, Scenario]:
        return self.first, self.second


def _raw(policies: NDArray[np.void]) -> NDArray[np.uint8]:
    """Policy records as bytes, shape (records, bytes of one)."""
    return policies.view(np.uint8).reshape(len(policies), POLICY.itemsize)


# ------------------------------------------------------------------ which blocks differ


def _matched(
    first: Scenario, second: Scenario
) -> tuple[list[When | Move], tuple[DifferingBlock, ...]]:
    """The blocks that both scenarios have, under whatever number, and those that differ.

    Blocks of one name that set the same levers, or impose the same event, are one that differs.
    """
    one, two = (
        {name: _by_day(block, scenario) for name, block in scenario.blocks.items()}
        for scenario in (first, second)
    )
    alike = []
    for name, block in [*one.items()]:
        twin = next((other for other, found in two.items() if found == block), None)
        if twin is not None:
            alike.append(block)
            del one[name], two[twin]
    both = [name for name in one if name in two and _is_other_version(one[name], two[name])]
    differing = [
        DifferingBlock(name, block, two[name])
        if name in both
        else DifferingBlock(_sided(name, "first", second), block, None)
        for name, block in one.items()
    ]
    differing += [
        DifferingBlock(_sided(name, "second", first), None, block)
        for name, block in two.items()
        if name not in both
    ]
    return alike, tuple(differing)


def _by_day(block: When | Move, scenario: Scenario) -> When | Move:
    """A block whose date, if it has one, is told as a day."""
    if isinstance(block, When) or block.date is None:
        return block
    return block.model_copy(update={"day": block.on_day(scenario.as_of), "date": None})


def _is_other_version(one: When | Move, other: When | Move) -> bool:
    """Whether a block does what another does, on other terms."""
    if isinstance(one, When) and isinstance(other, When):
        return one.levers.keys() == other.levers.keys()
    if isinstance(one, Move) and isinstance(other, Move):
        return (one.event, one.actor) == (other.event, other.actor)
    return False


def _sided(name: str, side: str, other: Scenario) -> str:
    return f"{name} ({side})" if name in other.blocks else name


def _words(block: When | Move | None, scenario: Scenario) -> str:
    if block is None:
        return ABSENT
    if isinstance(block, When):
        return block.text(scenario.conflict)
    return block.text(scenario.conflict, scenario.as_of)


def without_block(scenario: Scenario, name: str) -> Scenario:
    """Return a scenario without one of its blocks."""
    left = [block for other, block in scenario.blocks.items() if other != name]
    when = tuple(block for block in left if isinstance(block, When))
    moves = tuple(block for block in left if isinstance(block, Move))
    return dataclasses.replace(scenario, when=when, moves=moves)


def course_text(scenario: Scenario, lever: str) -> str:
    """Write the values of a lever over the days, and those that blocks set."""
    met = (f"{value_text(to)} once {name} is met" for name, to in set_by(scenario.blocks, lever))
    return ", ".join([path_text(scenario, lever), *met])


def path_text(scenario: Scenario, lever: str) -> str:
    """Write the values of a lever over the days, such as ``0.3, 0.9 from day 14``."""
    words, before = [], None
    for day in sorted({0, *(change.day for change in scenario.schedule)}):
        value = scenario.levers_on(day)[lever]
        if value != before:
            words.append(value_text(value) + (f" from day {day}" if day else ""))
        before = value
    return ", ".join(words)
