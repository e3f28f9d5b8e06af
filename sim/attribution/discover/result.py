"""What came of asking where a condition holds: saved, opened, tabulated and drawn."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from sim.attribution.discover.evaluate import Evaluation
from sim.attribution.discover.find import Pair
from sim.attribution.discover.words import (
    Condition,
    Shares,
    alike_sentence,
    base_sentence,
    found_sentence,
    nothing_sentence,
    short_sentence,
)
from sim.errors import ScenarioError
from sim.experiments.setting import Setting
from sim.frames import write_parquet
from sim.read_back import check_shape
from sim.request import python_command
from sim.store import Storable, key_of
from sim.summaries import AskedDiscovery

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/discover/1"


class Restriction(NamedTuple):
    """What a box asks of a number.

    Attributes
    ----------
    name, meaning
        Of the number.
    low, high
        Its values within the box, both ends inside; None where open.
    lowest, highest
        Of all rows.
    below, above
        The shares of all rows that lie below ``low`` and above ``high``.
    words
        The same in words, to stand after 'with'.
    """

    name: str
    low: float | None
    high: float | None
    meaning: str
    lowest: float
    highest: float
    below: float
    above: float
    words: str


class Tree(NamedTuple):
    """Leaves of a small tree in which the condition holds more often.

    Attributes
    ----------
    paths
        The answers that lead to each leaf, in words.
    evaluation
        Of all these leaves together.
    leads, error
        By how much the correlation with the condition exceeds that of the box, with its standard
        error.
    wins
        Whether it does so beyond two of them.
    """

    paths: tuple[tuple[str, ...], ...]
    evaluation: Evaluation
    leads: float
    error: float
    wins: bool

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "wins": self.wins,
            "paths": [list(path) for path in self.paths],
            "leads": self.leads,
            "error": self.error,
            **self.evaluation.as_dict(),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Tree:
        """Return what `as_dict` gave."""
        return cls(
            tuple(tuple(map(str, path)) for path in document["paths"]),
            Evaluation.from_dict(document),
            float(document["leads"]),
            float(document["error"]),
            bool(document["wins"]),
        )


class Looked(NamedTuple):
    """What was looked at.

    Attributes
    ----------
    thing
        What a row is, such as ``member``.
    rows, hits
        Rows of the half that was searched, and how many of them meet the condition there.
    numbers, most
        How many numbers differ among them, and how many of these a box might restrict.
    closest
        What comes closest where next to none meets the condition, in words.
    """

    thing: str
    rows: int
    hits: int
    numbers: int
    most: int
    closest: str = ""


@dataclass(frozen=True, repr=False, eq=False)
class Discovery(Storable):
    """In which members, at which levers, or in which rows of a table, a condition holds.

    Attributes
    ----------
    setting
        The scenarios, the members, the luck, and how many worlds of each half of the luck. None
        for a table of the caller's.
    asked
        What was asked, as plain data.
    condition
        What is asked of a row, in words.
    looked
        What was looked at.
    verdict
        As of `sim.attribution.discover.find.Found`.
    tried
        The box that told most where it was sought; it is `box` only if `found`.
    measured
        What that is worth where it was not sought; None if there is none.
    everything
        The same of all rows.
    tradeoff
        Boxes of more recall or more precision.
    tree
        A small tree beside the box.
    made_by
        The command line that made it, if one did.
    """

    setting: Setting | None
    asked: Mapping[str, Any]
    condition: Condition
    looked: Looked
    verdict: str
    tried: tuple[Restriction, ...]
    measured: Evaluation | None
    everything: Evaluation
    tradeoff: tuple[Pair, ...] = ()
    tree: Tree | None = None
    made_by: str = field(default="", compare=False)
    kind: ClassVar[str] = "discovery"

    # -------------------------------------------------------------- the answer

    @property
    def found(self) -> bool:
        """Whether a box tells those that meet the condition from the rest."""
        return self.verdict == "found"

    @property
    def box(self) -> tuple[Restriction, ...]:
        """What is asked of each number of the box; nothing unless `found`."""
        return self.tried if self.found else ()

    @property
    def evaluation(self) -> Evaluation:
        """What the box is worth on rows and luck that took no part in the search."""
        return self.measured if self.found and self.measured else self.everything

    @property
    def precision(self) -> float:
        """The share of the box that meets the condition."""
        return self.evaluation.precision.mean

    @property
    def recall(self) -> float:
        """The share of all that meet the condition that is in the box."""
        return self.evaluation.recall.mean

    @property
    def base(self) -> float:
        """The share of all rows that meet the condition."""
        return self.evaluation.base.mean

    @property
    def sentence(self) -> str:
        """The answer in a sentence or two."""
        looked, condition = self.looked, self.condition
        if self.found:
            return found_sentence(condition, looked.thing, self._words, self._shares)
        if self.verdict == "nothing":
            return f"{self._nothing} {base_sentence(looked.thing, self.base)}"
        counts = (looked.rows, looked.hits)
        return alike_sentence(condition, looked.thing, counts, looked.closest)

    @property
    def short(self) -> str:
        """The same for a title."""
        if not self.found:
            said = self._nothing if self.verdict == "nothing" else self.sentence
            return said.removesuffix(".")
        thing, numbers = self.looked.thing, len(self.box)
        return short_sentence(self.condition, thing, numbers, self._shares)

    @property
    def _nothing(self) -> str:
        looked = self.looked
        return nothing_sentence(self.condition, looked.thing, looked.numbers, looked.most)

    @property
    def _words(self) -> list[str]:
        return [one.words for one in self.box]

    @property
    def _shares(self) -> Shares:
        return Shares(self.precision, self.recall, self.base)

    # -------------------------------------------------------------- as data

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {**(self.setting.request if self.setting else {}), **self.asked}

    @property
    def in_short(self) -> str:
        """What was asked beside scenario and day, for the folder's name."""
        return str(self.asked["where"])

    @functools.cached_property
    def id(self) -> str:
        """A hash of all that decides it."""
        deciding = self.setting.deciding if self.setting else self._answer()
        return key_of({**deciding, **self.asked, "asked": self.kind})

    @property
    def command(self) -> str:
        """The line that makes it again."""
        if self.setting is None:
            return "sim.discover(x, y)"
        asked = self.asked
        given = {name: asked[name] for name in ("where", "over", "of", "most") if asked.get(name)}
        words = [repr(asked["id"]), *(f"{name}={value!r}" for name, value in given.items())]
        call = f"sim.discover({', '.join(words)}, seed={self.setting.seed})"
        return self.made_by or python_command(f"print({call}.sentence)")

    def __repr__(self) -> str:
        about = self.setting.first.label if self.setting else "a table"
        return f"<Discovery in {about}: {self.short}>"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data (schema `truce/discover/1`)."""
        document: dict[str, Any] = {"schema": SCHEMA}
        if self.setting:
            document |= {"id": self.id, **self.setting.as_dict(), "command": self.command}
        return {**document, "asked": dict(self.asked), **self._answer()}

    def _answer(self) -> dict[str, Any]:
        return {
            "sentence": self.sentence,
            "found": self.found,
            "verdict": self.verdict,
            "box": [one._asdict() for one in self.box],
            **self.evaluation.as_dict(),
            "held_out": True,
            "condition": self.condition._asdict(),
            "looked": self.looked._asdict(),
            "tradeoff": [one._asdict() for one in self.tradeoff],
            "tree": self.tree.as_dict() if self.tree else None,
            "tried": None
            if self.measured is None
            else {"box": [one._asdict() for one in self.tried], **self.measured.as_dict()},
            "everything": self.everything.as_dict(),
        }

    def table(self) -> pd.DataFrame:
        """Return a row a box of the trade-off, from the highest recall to the highest precision.

        Columns: ``numbers``, how many it restricts; ``precision`` and ``recall`` where it was not
        sought, ``precision_searched`` and ``recall_searched`` where it was; ``told``, whether it is
        the box that is told.
        """
        import pandas as pd

        rows = [
            {
                "numbers": one.numbers,
                "precision": one.held_out[0],
                "recall": one.held_out[1],
                "precision_searched": one.searched[0],
                "recall_searched": one.searched[1],
                "told": one.told and self.found,
            }
            for one in self.tradeoff
        ]
        names = ["numbers", "precision", "recall", "precision_searched", "recall_searched", "told"]
        return pd.DataFrame(rows, columns=names)

    def ends(self) -> pd.DataFrame:
        """Return a row a number of the box: name, ends, what it means, its range in all rows."""
        import pandas as pd

        return pd.DataFrame([one._asdict() for one in self.box], columns=Restriction._fields)

    # -------------------------------------------------------------- a folder

    def write_data(self, folder: Path) -> None:
        """Write `table` and `ends` as Parquet."""
        write_parquet(self.table(), folder / "tradeoff.parquet")
        write_parquet(self.ends(), folder / "box.parquet")

    def facts(self) -> dict[str, Any]:
        """Return what its manifest says of it; see `sim.store.manifest`.

        Raises
        ------
        ScenarioError
            If it is about a table of the caller's, which cannot be kept.
        """
        if self.setting is None:
            what = "is about a table, and cannot be saved."
            raise ScenarioError("this discovery", what, "Keep as_dict() instead.")
        return {**self.setting.facts(), "request": self.request, "command": self.command}

    @classmethod
    def from_folder(
        cls, folder: Path, manifest: Mapping[str, Any], document: Mapping[str, Any]
    ) -> Discovery:
        """Return what a folder holds."""
        setting = Setting.from_manifest(folder, manifest)
        return cls._from_document(setting, document, str(manifest["command"]))

    @classmethod
    def _from_document(
        cls, setting: Setting, document: Mapping[str, Any], made_by: str
    ) -> Discovery:
        tried, tree = document["tried"], document["tree"]
        check_shape(AskedDiscovery, document["asked"])
        return cls(
            setting,
            document["asked"],
            Condition(**document["condition"]),
            Looked(**document["looked"]),
            str(document["verdict"]),
            tuple(Restriction(**one) for one in tried["box"]) if tried else (),
            Evaluation.from_dict(tried) if tried else None,
            Evaluation.from_dict(document["everything"]),
            tuple(_pair(one) for one in document["tradeoff"]),
            Tree.from_dict(tree) if tree else None,
            made_by=made_by,
        )


def _pair(document: Mapping[str, Any]) -> Pair:
    searched, held_out = (tuple(map(float, document[name])) for name in ("searched", "held_out"))
    told = bool(document["told"])
    return Pair(
        int(document["numbers"]), (searched[0], searched[1]), (held_out[0], held_out[1]), told
    )
