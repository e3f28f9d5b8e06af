"""The same scenarios by the model, by analysts and by variants of its construction."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from sim.attribution.views.verdict import FAR_WORSE, Verdict, Vote
from sim.estimates import Odds
from sim.experiments.differences import QUANTITIES, Difference
from sim.experiments.setting import OfSetting, Setting
from sim.frames import interval_columns, write_parquet
from sim.request import python_command
from sim.store import key_of
from sim.text import counted

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/views/1"
MODEL, ANALYST, VARIANT, POOL = "model", "analyst", "variant", "pool"


class Seen(NamedTuple):
    """How one of them sees the scenarios.

    Attributes
    ----------
    kind
        `model`, `analyst`, `pool` (of the analysts) or `variant`.
    name, title
        Its id, and what it is in words.
    ensemble
        The id of the members.
    log_evidence
        Log of the chance that the record has by it, in nats; None where it is not known: of
        analysts whose beliefs only weigh the model's members, and of a prior.
    effective, k
        How many equal weights the members so weighed are worth, and the shape of the tail of
        their weights; None where all members weigh alike.
    odds
        By quantity (`held`, `agreed`) and scenario.
    differences
        By quantity, one for each scenario but the first.
    """

    kind: str
    name: str
    title: str
    ensemble: str
    log_evidence: float | None
    effective: float | None
    k: float | None
    odds: Mapping[str, tuple[Odds, ...]]
    differences: Mapping[str, tuple[Difference, ...]]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            **{name: getattr(self, name) for name in self._fields[:7]},
            "odds": {name: [one.as_dict() for one in each] for name, each in self.odds.items()},
            "differences": {
                name: [one.as_dict() for one in each] for name, each in self.differences.items()
            },
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Seen:
        """Return it from its plain data."""
        odds, differences = document["odds"], document["differences"]
        return cls(
            **{name: document[name] for name in cls._fields[:7]},
            odds={name: tuple(map(Odds.from_dict, odds[name])) for name in QUANTITIES},
            differences={
                name: tuple(map(Difference.from_dict, differences[name])) for name in QUANTITIES
            },
        )


class Disagreement(NamedTuple):
    """The number by which two analysts disagree most.

    Attributes
    ----------
    analysts
        The two, by name.
    number
        The number's name.
    believed
        What each believes of it: 10, 50 and 90 per cent; None for as the model has it.
    change
        By how much the odds of `held` under the first scenario rise if the first of the two takes
        the number as the second does, and the second leaves it as the first has it, on average.
    total
        By how much the odds of the second exceed those of the first.
    """

    analysts: tuple[str, str]
    number: str
    believed: tuple[tuple[float, float, float] | None, tuple[float, float, float] | None]
    change: float
    total: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "analysts": list(self.analysts),
            "number": self.number,
            "believed": [None if one is None else list(one) for one in self.believed],
            "change": self.change,
            "total": self.total,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Disagreement:
        """Return it from its plain data."""
        first, second = map(str, document["analysts"])
        one, other = (None if b is None else tuple(map(float, b)) for b in document["believed"])
        return cls(
            (first, second),
            str(document["number"]),
            (one, other),  # type: ignore[arg-type]
            float(document["change"]),
            float(document["total"]),
        )


@dataclass(frozen=True, repr=False, eq=False)
class Views(OfSetting):
    """Scenarios by the model, by analysts and by variants of its construction, side by side.

    They are never averaged but for the pool of the analysts: the record cannot weigh them.

    Attributes
    ----------
    setting
        The scenarios, the model's members, the luck, and how many worlds of each scenario.
    seen
        The model first, then analysts in the order given, their pool if there are two or more,
        then variants.
    asked
        What decides the views beside the setting: by kind and name, their numbers.
    pool
        By name of an analyst, the weight in the pool; they sum to 1.
    disagreements
        For each two analysts, the number by which they disagree most.
    made_by
        The command line that made it, if one did.
    """

    setting: Setting
    seen: tuple[Seen, ...]
    asked: Mapping[str, Mapping[str, Any]]
    pool: Mapping[str, float]
    disagreements: tuple[Disagreement, ...] = ()
    made_by: str = field(default="", compare=False)
    kind: ClassVar[str] = "views"

    @property
    def in_short(self) -> str:
        """What was asked beside scenario and day, for the folder's name."""
        return "-".join(kind for kind, those in self.asked.items() if those)

    @property
    def model(self) -> Seen:
        """The model itself."""
        return self.seen[0]

    def of_kind(self, kind: str) -> tuple[Seen, ...]:
        """Return the analysts, the variants, or whoever is of one kind."""
        return tuple(one for one in self.seen if one.kind == kind)

    def nats(self, one: Seen) -> float | None:
        """Log of the chance of the record, less that by the model; None if not known."""
        own = self.model.log_evidence
        if own is None or one.log_evidence is None:
            return None
        return one.log_evidence - own

    def has_vote(self, one: Seen) -> bool:
        """Whether it counts for the verdict: not a variant against which the record speaks."""
        if one.kind == VARIANT:
            return (self.nats(one) or 0.0) >= -FAR_WORSE
        return one.kind == ANALYST

    def verdict(self, other: int, quantity: str = "held") -> Verdict:
        """Return the verdict on a scenario against the first; ``other`` is 0 for the second."""
        votes = (
            Vote(one.kind, one.name, one.differences[quantity][other].dice)
            for one in self.seen
            if self.has_vote(one)
        )
        return Verdict.of(self.model.differences[quantity][other], list(votes))

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {**self.setting.request, "views": dict(self.asked), "pool": dict(self.pool)}

    @functools.cached_property
    def id(self) -> str:
        """A hash of all that decides it."""
        ensembles = [one.ensemble for one in self.seen]
        deciding = {**self.setting.deciding, "ensembles": ensembles, "views": dict(self.asked)}
        return key_of({**deciding, "asked": self.kind, "pool": dict(self.pool)})

    @property
    def command(self) -> str:
        """The line that makes it again."""
        setting = self.setting
        variants = [one.name for one in self.of_kind(VARIANT)]
        call = f"sim.views([{setting.in_python}], variants={variants}"
        line = f"print({call}, worlds={setting.worlds}, seed={setting.seed}))"
        return self.made_by or python_command(line)

    def __repr__(self) -> str:
        labels = ", ".join(scenario.label for scenario in self.setting.scenarios)
        odds = [one.odds["held"][-1].mean for one in self.seen if one.kind != POOL]
        low, high = 100.0 * min(odds), 100.0 * max(odds)
        kinds = (ANALYST, VARIANT)
        count = ", ".join(counted(len(self.of_kind(kind)), kind) for kind in kinds)
        return f"<Views of {labels}: {count}, held {low:.1f} to {high:.1f} %>"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data (schema `truce/views/1`)."""
        others = self.setting.scenarios[1:]
        return {
            "schema": SCHEMA,
            "id": self.id,
            **self.setting.as_dict(),
            "views": [
                {
                    **one.as_dict(),
                    "nats_to_the_model": self.nats(one),
                    "has_vote": self.has_vote(one),
                }
                for one in self.seen
            ],
            "verdicts": [
                {
                    "scenario": scenario.label,
                    **{name: self.verdict(n, name).as_dict() for name in QUANTITIES},
                }
                for n, scenario in enumerate(others)
            ],
            "pool": dict(self.pool),
            "asked": {kind: dict(each) for kind, each in self.asked.items()},
            "disagreements": [one.as_dict() for one in self.disagreements],
            "command": self.command,
        }

    def table(self) -> pd.DataFrame:
        """Return a row for each view, scenario and quantity.

        Columns: ``kind``, ``name``, ``scenario``, ``quantity``; ``of``: `odds`, or `difference`
        from the first scenario; the number with its intervals as in `Results.table`; of a
        difference ``verdict`` and ``dice``; ``nats_to_the_model``, ``effective``, ``k`` and
        ``has_vote``.
        """
        import pandas as pd

        return pd.DataFrame([*self._rows()])

    def _rows(self) -> Iterator[dict[str, Any]]:
        labels = [scenario.label for scenario in self.setting.scenarios]
        for one in self.seen:
            about = {"kind": one.kind, "name": one.name}
            trust = {
                "nats_to_the_model": self.nats(one),
                "effective": one.effective,
                "k": one.k,
                "has_vote": self.has_vote(one),
            }
            for quantity in QUANTITIES:
                for label, odds in zip(labels, one.odds[quantity], strict=True):
                    of = {"scenario": label, "quantity": quantity, "of": "odds"}
                    words: dict[str, str | None] = {"verdict": None, "dice": None}
                    yield {**about, **of, **interval_columns(odds), **words, **trust}
                for label, found in zip(labels[1:], one.differences[quantity], strict=True):
                    of = {"scenario": label, "quantity": quantity, "of": "difference"}
                    words = {"verdict": found.verdict, "dice": found.dice}
                    yield {**about, **of, **interval_columns(found), **words, **trust}

    def write_data(self, folder: Path) -> None:
        """Write `table` as Parquet."""
        write_parquet(self.table(), folder / "views.parquet")

    @classmethod
    def from_document(cls, setting: Setting, document: Mapping[str, Any], made_by: str) -> Views:
        """Return the result whose plain data `as_dict` gave; see `OfSetting.from_document`."""
        return cls(
            setting,
            tuple(map(Seen.from_dict, document["views"])),
            dict(document["asked"]),
            {str(name): float(weight) for name, weight in document["pool"].items()},
            tuple(map(Disagreement.from_dict, document["disagreements"])),
            made_by=made_by,
        )
