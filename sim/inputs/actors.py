"""The table of actors, ``calibration/actors.toml``: who plays which role, and what they are called.

The engine knows only the roles. Every name, colour and capital in a text or a figure comes from
this table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from sim.errors import CalibrationError
from sim.inputs.tomlfile import FILE, load_toml

Role = Literal["belligerent_r", "belligerent_u", "mediator", "bloc"]
ONCE: tuple[Role, ...] = ("belligerent_r", "belligerent_u", "mediator")
"""The roles that exactly one actor plays each."""


class Actor(BaseModel):
    """An actor and its role.

    Attributes
    ----------
    id
        Lower-case letters; the evidence, the tables of worlds and commands name the actor by it.
    name
        As it stands in sentences.
    role
        `belligerent_r` is under sanctions and wants 1 on every issue; `belligerent_u` is supplied
        by others and wants 0.
    source
        The article and paragraph that show the role, or 'assumed' and why.
    capability
        A bloc's part of the contingent that all could send; the parts sum to 1.
    sanctions_share
        A bloc's part of the sanctions of all; the parts sum to 1.
    short
        The name in a label; the name itself if empty.
    capital
        The name of its government in a text; the name itself if empty.
    colour
        In figures, as ``#rrggbb``; a colour that no other actor has if empty.
    """

    model_config = FILE
    id: str = Field(pattern=r"^[a-z]+$")
    name: str = Field(min_length=1)
    role: Role
    source: str = Field(min_length=1)
    capability: float = Field(default=0.0, ge=0.0, le=1.0)
    sanctions_share: float = Field(default=0.0, ge=0.0, le=1.0)
    short: str = ""
    capital: str = ""
    colour: str = Field(default="", pattern=r"^(#[0-9A-Fa-f]{6})?$")

    @model_validator(mode="before")
    @classmethod
    def _named_throughout(cls, fields: object) -> object:
        """Use the name where no short name or no capital is given."""
        if not isinstance(fields, dict) or "name" not in fields:
            return fields
        return {"short": fields["name"], "capital": fields["name"], **fields}

    @property
    def possessive(self) -> str:
        """The name as an owner."""
        return possessive(self.name)


def possessive(name: str) -> str:
    """Return a name as an owner, such as ``Ghana's`` or ``Wales'``."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


class _ActorTable(BaseModel):
    model_config = FILE
    schema_: Literal["truce/actors/1"] = Field(alias="schema")
    actor: tuple[Actor, ...]

    @model_validator(mode="after")
    def _roles_filled(self) -> _ActorTable:
        roles = [row.role for row in self.actor]
        for role in ONCE:
            if roles.count(role) != 1:
                raise ValueError(f"exactly one actor must be {role}, not {roles.count(role)}")
        if "bloc" not in roles:
            raise ValueError("one actor or more must be a bloc, not 0")
        for name in ("capability", "sanctions_share"):
            total = sum(getattr(row, name) for row in self.actor)
            if abs(total - 1.0) > 1e-9:
                raise ValueError(f"the {name} of the blocs sums to {total:g}, not to 1")
        ids = [row.id for row in self.actor]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands there twice")
        return self


def load_actors(path: Path) -> tuple[Actor, ...]:
    """Read and check a table of actors.

    Raises
    ------
    CalibrationError
        Naming the file, the row and what is wrong with it.
    """
    return load_toml(path, _ActorTable, CalibrationError, path.name).actor
