"""The blocks `[[when]]` and `[[move]]` of a scenario, as they stand in its file and in words.

A `When` sets levers from the day after its condition is met; a `Move` imposes a public event on a
day, or on the day after a condition is met. `sim.inputs.block_checks` says what may stand in them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field, field_serializer, field_validator, model_validator

from sim.engine.domain import MAX_HORIZON_DAYS as LONGEST
from sim.engine.domain import Public, Scope
from sim.inputs.events import events_named, sentence
from sim.inputs.frozen import FrozenMapping
from sim.inputs.levers import value_text
from sim.inputs.roles import Roles
from sim.inputs.tomlfile import STRICT
from sim.text import counted, days_word


class Condition(BaseModel):
    """A condition on public events, looked at every evening."""

    model_config = STRICT
    event: str | None = Field(
        default=None, description="a public event; left out, after_days alone decides"
    )
    actor: str = Field(default="", description="who does it; whoever does if left out")
    after_days: int | None = Field(
        default=None, description="only what happens after so many days counts", ge=0, le=364
    )
    within: int | None = Field(
        default=None,
        description="only what happens within the first so many days counts",
        ge=1,
        le=LONGEST,
    )
    times: int = Field(default=1, description="on how many days it has to happen", ge=1, le=LONGEST)
    not_by: int | None = Field(
        default=None,
        description="met on the evening of this day if it has not happened so often by then",
        ge=1,
        le=LONGEST,
    )
    again: bool = Field(default=False, description="whether it may be met again, counting anew")

    def events(self, roles: Roles) -> tuple[Public, ...]:
        """Return the public events that count; none if the day alone decides.

        Raises
        ------
        ValueError
            If there are none of that name.
        """
        return () if self.event is None else events_named(self.event, self.actor, roles)

    def words(self, roles: Roles) -> str:
        """Write the condition after 'if', such as ``Russia rejects the truce on 2 days``."""
        if self.event is None:
            return f"day {self.after_days or 0} is over"
        told = " or ".join(_without_capital(sentence(one, roles)) for one in self.events(roles))
        often = f" on {self.times} days" if self.times > 1 else ""
        since = f" after day {self.after_days}" if self.after_days else ""
        if self.not_by is not None:
            return f"by day {self.not_by} it has not happened{often}{since} that {told}"
        until = f" within {days_word(self.within)}" if self.within is not None else ""
        return f"{told}{often}{since}{until}"


def _without_capital(text: str) -> str:
    """A sentence within another; names keep their capital."""
    first = text.split(" ", 1)[0]
    plain = ("A", "Neither", "The", "New", "Some")
    return text[0].lower() + text[1:] if first in plain else text


class When(Condition):
    """A condition, and levers that are set from the day after it is met."""

    for_days: int | None = Field(
        default=None,
        description="for how many days; for good if left out",
        ge=1,
        le=LONGEST,
    )
    levers: Mapping[str, Any] = Field(default_factory=dict, description="as in [levers]")

    @field_validator("levers", mode="after")
    @classmethod
    def _frozen(cls, levers: Mapping[str, Any]) -> Mapping[str, Any]:
        return FrozenMapping(levers)

    @field_serializer("levers")
    def _plain(self, levers: Mapping[str, Any]) -> dict[str, Any]:
        return dict(levers)

    @property
    def sets(self) -> str:
        """Write the levers that it sets."""
        return ", ".join(f"{name} = {value_text(value)}" for name, value in self.levers.items())

    def text(self, roles: Roles) -> str:
        """Write what it does in one line."""
        lasting = f" for {days_word(self.for_days)}" if self.for_days is not None else ""
        each = "each time" if self.again else "if"
        return f"{each} {self.words(roles)}: {self.sets} from the next day{lasting}"


class Move(BaseModel):
    """A public event that is imposed, whatever the rules would have drawn."""

    model_config = STRICT
    event: str = Field(min_length=1, description="the public event that is imposed")
    actor: str = Field(default="", description="who does it")
    day: int | None = Field(default=None, description="days after the as-of day", ge=1, le=LONGEST)
    date: dt.date | None = None
    when: Condition | None = Field(
        default=None, description="a condition; the move is made on the day after it is met"
    )
    scope: str | None = Field(
        default=None, description=f"of a partial truce: {', '.join(s.name.lower() for s in Scope)}"
    )
    days: int | None = Field(default=None, description="how long a pause lasts", ge=1, le=60)
    value: float | None = Field(
        default=None, description="share of the issuer's fullest package", ge=0.0, le=1.0
    )

    @model_validator(mode="after")
    def _one_time(self) -> Move:
        if sum(given is not None for given in (self.day, self.date, self.when)) != 1:
            raise ValueError("give one of day, date and when")
        return self

    def on_day(self, as_of: dt.date) -> int | None:
        """Return the day on which it is made, days after the as-of day; None if on a condition."""
        return (self.date - as_of).days if self.date is not None else self.day

    def what(self, roles: Roles) -> str:
        """Write what is imposed."""
        told = sentence(events_named(self.event, self.actor, roles)[0], roles)
        more = [
            f" of {counted(self.days, 'day')}" if self.days is not None else "",
            f" ({self.scope})" if self.scope is not None else "",
            f" ({value_text(self.value)} of the fullest)" if self.value is not None else "",
        ]
        return told + "".join(more)

    def text(self, roles: Roles, as_of: dt.date) -> str:
        """Write what is imposed, and when, in one line."""
        if self.when is None:
            return f"imposed on day {self.on_day(as_of)}: {self.what(roles)}"
        each = "each time" if self.when.again else "if"
        return f"{each} {self.when.words(roles)}, imposed on the next day: {self.what(roles)}"


def plain_block(block: BaseModel) -> dict[str, Any]:
    """Return what was given of a block (`When` or `Move`), as plain data that its class reads."""
    return block.model_dump(mode="json", exclude_defaults=True)
