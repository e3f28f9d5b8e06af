"""Days and numbers of a scenario's blocks, each by a name of its own, such as ``when.1.within``.

They are set and varied like levers. A name has the block, as in `Scenario.blocks`, and what is set
of it: a key of its condition, a lever that it sets, or a key of the move. `setting_named` knows
levers and these names alike.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.engine.domain import MAX_HORIZON_DAYS
from sim.errors import ScenarioError
from sim.inputs.blocks import Condition, Move, When
from sim.inputs.frozen import FrozenMapping
from sim.inputs.lever_kinds import Kind, Number, Value, WholeDays
from sim.inputs.levers import LEVERS, Lever, check_lever, lever_named
from sim.text import near_name, printable

_NAME = re.compile(r"([a-z]+)\.([0-9]+)\.(.+)")
_DAY = WholeDays(1, MAX_HORIZON_DAYS)
_CONDITION: Mapping[str, tuple[str, Kind]] = {
    "after_days": ("the day after which events count for {block}", WholeDays(0, 364)),
    "within": ("the last day on which events count for {block}", _DAY),
    "times": ("on how many days it has to happen for {block}", _DAY),
    "not_by": ("the day by which it has not happened for {block}", _DAY),
}
_OF_WHEN = {**_CONDITION, "for_days": ("for how many days {block} sets its levers", _DAY)}
_OF_MOVE: Mapping[str, tuple[str, Kind]] = {
    "day": ("the day on which {block} is made", _DAY),
    "days": ("how long the pause of {block} lasts", WholeDays(1, 60)),
    "value": ("the share of the fullest package that {block} imposes", Number(0, 1)),
    **{f"when.{key}": told for key, told in _CONDITION.items()},
}
Blocks = Mapping[str, When | Move]
"""The blocks of a scenario by name, as `Scenario.blocks` has them."""


class BlockNumber(NamedTuple):
    """A day or a number of a block, described as a `sim.inputs.levers.Lever` is."""

    name: str
    meaning: str
    unit: str
    kind: Kind


class _Place(NamedTuple):
    """Which block, and which of its keys or levers."""

    block: str
    key: str


# ------------------------------------------------------------------ names


def setting_named(where: str, name: Any) -> Lever | BlockNumber:
    """Return a lever, or a day or number of a block, by its name.

    Whether a scenario has such a block is not asked here.

    Raises
    ------
    ScenarioError
        If there is none of that name.

    Examples
    --------
    >>> setting_named("vary", "when.1.within").meaning
    'the last day on which events count for when.1'
    """
    if name not in LEVERS and isinstance(name, str) and _NAME.fullmatch(name):
        return _block_number(where, name)
    return lever_named(where, name)


def kind_of(name: str) -> Kind:
    """Return the kind of a lever, or of a day or number of a block, whose name was checked."""
    return setting_named("settings", name).kind


def block_of(name: str) -> str:
    """Return the block of a day or number whose name was checked, such as ``when.1``."""
    return _place(name).block


def check_setting(where: str, name: str, value: Any) -> Value:
    """Check the value of a lever, or of a day or number of a block, as `check_lever` does.

    Raises
    ------
    ScenarioError
        Naming ``where``, the setting, the value and its bounds.
    """
    if name in LEVERS:
        return check_lever(where, name, value)
    found = setting_named(where, name)
    if getattr(value, "shape", None) == ():
        value = value.item()  # a number as NumPy has it
    return found.kind.check(f"{where}.{name}", value, found.unit)


def parse_setting(name: str, text: str) -> Value:
    """Read a value from a word of a command line; `check_setting` refuses what is none."""
    try:
        return kind_of(name).parse(text)
    except ScenarioError:
        return text


@functools.cache
def _block_number(where: str, name: str) -> BlockNumber:
    place = _place(name)
    block, key = place
    if not block.startswith(("when.", "move.")):
        close = near_name(block.split(".")[0], ("when", "move"))
        todo = "Blocks are named when.1, when.2 and so on, and move.1, move.2 and so on."
        if close:
            todo = f"Did you mean {close}{name[name.index('.') :]}?"
        raise ScenarioError(where, f"there is no lever and no block '{printable(name)}'.", todo)
    keys = _OF_WHEN if block.startswith("when.") else _OF_MOVE
    if key in keys:
        meaning, kind = keys[key]
        unit = "share" if key == "value" else "days"
        return BlockNumber(name, meaning.format(block=block), unit, kind)
    if block.startswith("when.") and key in LEVERS:
        lever = LEVERS[key]
        return BlockNumber(name, f"{lever.meaning}, once {block} is met", lever.unit, lever.kind)
    there = [*keys, *(LEVERS if block.startswith("when.") else ())]
    near = near_name(key, there)
    todo = f"Did you mean {block}.{near}?" if near else f"There are: {', '.join(keys)}"
    todo += "" if near else ", and the levers that it sets." if keys is _OF_WHEN else "."
    raise ScenarioError(where, f"a block has no number '{printable(key)}'.", todo)


def _place(name: str) -> _Place:
    kind, number, key = name.split(".", 2)
    return _Place(f"{kind}.{number}", key)


# ------------------------------------------------------------------ of a scenario's blocks


def standing_number(blocks: Blocks, name: str, as_of: dt.date, horizon: int) -> Value:
    """Return a day or number of a block as it stands.

    What is left out and means a number is that number: ``after_days`` 0, ``within`` the horizon,
    ``times`` 1.

    Raises
    ------
    ScenarioError
        If there is no such block, or it does not hold such a number.
    """
    block, key = _find(blocks, name)
    held: Any
    if isinstance(block, When) and key in LEVERS:
        return _checked(name, block.levers[key])
    if isinstance(block, Move) and key == "day":
        held = block.on_day(as_of)
    elif isinstance(block, Move) and key.startswith("when."):
        held = getattr(block.when, key.removeprefix("when."))
    else:
        held = getattr(block, key)
    if held is None:
        held = {"after_days": 0, "within": horizon}.get(key.removeprefix("when."))
    if held is None:
        what = f"{name.removesuffix(f'.{key}')} has no {key} to begin with."
        raise ScenarioError(name, what, "Write one into the scenario, then vary it.")
    return _checked(name, held)


def _checked(name: str, value: Any) -> Value:
    return check_setting("blocks", name, value)


def with_numbers(blocks: Blocks, numbers: Mapping[str, Value]) -> tuple[list[When], list[Move]]:
    """Return the blocks with some of their days and numbers set to checked values.

    What stands in them is to be checked as a whole afterwards.

    Raises
    ------
    ScenarioError
        If there is no such block, or it holds no such number.
    """
    found = dict(blocks)
    for name, value in numbers.items():
        block, key = _find(found, name)
        found[block_of(name)] = _with_number(block, key, value)
    every = found.values()
    when = [block for block in every if isinstance(block, When)]
    return when, [block for block in every if isinstance(block, Move)]


def _with_number(block: When | Move, key: str, value: Value) -> When | Move:
    if isinstance(block, When) and key in LEVERS:
        return block.model_copy(update={"levers": FrozenMapping({**block.levers, key: value})})
    number = float(value) if key == "value" else int(value)
    if isinstance(block, Move) and key.startswith("when."):
        assert isinstance(block.when, Condition)
        when = block.when.model_copy(update={key.removeprefix("when."): number})
        return block.model_copy(update={"when": when})
    if key == "day":
        return block.model_copy(update={"day": number, "date": None})
    return block.model_copy(update={key: number})


def _find(blocks: Blocks, name: str) -> tuple[When | Move, str]:
    place = _place(name)
    block, key = blocks.get(place.block), place.key
    if block is None:
        there = f"It has {', '.join(blocks)}." if blocks else "It has none."
        raise ScenarioError(name, f"the scenario has no block {place.block}.", there)
    if isinstance(block, When) and key in LEVERS and key not in block.levers:
        what = f"{place.block} does not set {key}."
        raise ScenarioError(name, what, f"It sets {', '.join(block.levers)}.")
    if isinstance(block, Move) and key.startswith("when.") and block.when is None:
        what = f"{place.block} is made on a day, not on a condition."
        raise ScenarioError(name, what, f"Take {place.block}.day.")
    if isinstance(block, Move) and key == "day" and block.when is not None:
        what = f"{place.block} is made on a condition, not on a day."
        raise ScenarioError(name, what, f"Take {place.block}.when.after_days or .within.")
    return block, key


def set_by(blocks: Blocks, lever: str) -> tuple[tuple[str, Value], ...]:
    """Return the blocks that set a lever once they are met, each with the value."""
    return tuple(
        (name, block.levers[lever])
        for name, block in blocks.items()
        if isinstance(block, When) and lever in block.levers
    )
