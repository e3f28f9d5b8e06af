"""Groups of the numbers in which members differ, ``calibration/groups.toml``.

A group holds what one would learn together, such as how credible threats are. Every number of an
ensemble belongs to exactly one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from sim.engine.records import Member, Start
from sim.errors import CalibrationError
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import slots
from sim.inputs.tomlfile import FILE, STRICT, load_toml


class Group(BaseModel):
    """Some numbers of the members under one name.

    Attributes
    ----------
    name
        A few words.
    meaning
        What its numbers are about.
    numbers
        Names of columns of an ensemble or of parameters, or what they begin with up to a dot.
    """

    model_config = STRICT
    name: str = Field(min_length=1, max_length=60)
    meaning: str = Field(min_length=1)
    numbers: tuple[str, ...] = Field(strict=False, min_length=1)

    def has(self, number: str) -> bool:
        """Whether a number belongs to it."""
        return any(_begins(number, entry) for entry in self.numbers)


class _GroupsFile(BaseModel):
    model_config = FILE
    schema_: Literal["truce/groups/1"] = Field(alias="schema")
    group: tuple[Group, ...] = Field(min_length=1)


def groups_of(conflict: Conflict) -> dict[Group, tuple[str, ...]]:
    """Return the groups of a conflict's numbers, each with the columns of an ensemble in it.

    Names and meanings have the sides by their names; the order is that of the file. It is read
    once for each conflict.

    Raises
    ------
    CalibrationError
        If there is no such file, or it does not put every number of an ensemble and every row of
        ``parameters.toml`` into exactly one group.
    """
    return conflict.once("groups", lambda: _read(conflict))


def _read(conflict: Conflict) -> dict[Group, tuple[str, ...]]:
    path = conflict.calibration / "groups.toml"
    if not path.is_file():
        what = "is missing; it says which numbers of the members form a group."
        todo = "Copy the file of that name that ships with the program, and edit it."
        raise CalibrationError(str(path), what, todo)
    named = tuple(_named(group, conflict) for group in load_groups(path))
    held = tuple(columns(conflict.bloc_ids))
    rows = [row.name for row in conflict.parameters]
    found = sorted_into(named, dict.fromkeys((*held, *rows)), path.name)
    return {group: tuple(name for name in names if name in held) for group, names in found.items()}


def load_groups(path: Path) -> tuple[Group, ...]:
    """Read the groups, in the order of the file, with the sides by their roles.

    Raises
    ------
    CalibrationError
        Naming the file, the key and what is wrong with it; also if two groups have one name.
    """
    found = load_toml(path, _GroupsFile, CalibrationError, path.name).group
    names = [group.name for group in found]
    for name in names:
        if names.count(name) > 1:
            what = "is the name of two groups."
            raise CalibrationError(f"{path.name}: group({name})", what, "Rename one.")
    return found


def sorted_into(
    groups: Sequence[Group], names: Iterable[str], where: str
) -> dict[Group, tuple[str, ...]]:
    """Return the numbers of each group.

    Parameters
    ----------
    names
        Of all numbers.
    where
        The file, for messages.

    Raises
    ------
    CalibrationError
        If a number belongs to no group or to two, or what a group lists is no number.
    """
    found: dict[Group, list[str]] = {group: [] for group in groups}
    names = tuple(names)
    for name in names:
        homes = [group for group in groups if group.has(name)]
        if not homes:
            what = f"the number '{name}' belongs to no group."
            raise CalibrationError(where, what, "Add it to the numbers of one.")
        if len(homes) > 1:
            what = f"the number '{name}' belongs to '{homes[0].name}' and to '{homes[1].name}'."
            raise CalibrationError(where, what, "Take it out of one.")
        found[homes[0]].append(name)
    for group in groups:
        for entry in group.numbers:
            if not any(_begins(name, entry) for name in names):
                what = f"no number is, or begins with, '{entry}'."
                raise CalibrationError(f"{where}: group({group.name})", what, "Correct it.")
    return {group: tuple(members) for group, members in found.items()}


def columns(blocs: Sequence[str]) -> Iterator[str]:
    """Yield the names of an ensemble's columns, given the ids of the blocs."""
    for kind, prefix in ((Member, ""), (Start, "start.")):
        for name, _, _ in slots(kind, blocs):
            yield prefix + name


def _named(group: Group, conflict: Conflict) -> Group:
    words = {"name": conflict.named(group.name), "meaning": conflict.named(group.meaning)}
    return group.model_copy(update=words)


def _begins(name: str, entry: str) -> bool:
    return name == entry or name.startswith(f"{entry}.")
