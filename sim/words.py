"""How words of the evidence are shown, ``calibration/words.toml``: names spelt in one way."""

from __future__ import annotations

import functools
import re
from typing import Literal

from pydantic import BaseModel, Field, field_validator

from sim.errors import CalibrationError
from sim.inputs.conflict import Conflict
from sim.inputs.tomlfile import FILE, load_toml


class Words(BaseModel):
    """How words are shown (schema `truce/words/1`).

    Attributes
    ----------
    spelling
        By the one spelling of a name, the others that are shown as it.
    round
        By the id of a round, what it is called in a sentence.
    """

    model_config = FILE
    schema_: Literal["truce/words/1"] = Field(alias="schema")
    spelling: dict[str, tuple[str, ...]] = {}
    round: dict[str, str] = {}

    @field_validator("spelling")
    @classmethod
    def _one_each(cls, spelling: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        variants = [variant for others in spelling.values() for variant in others]
        if "" in {*spelling, *variants}:
            raise ValueError("a spelling is empty")
        twice = {one for one in variants if variants.count(one) > 1 or one in spelling}
        if twice:
            raise ValueError(f"'{min(twice)}' stands there twice")
        return spelling

    @functools.cached_property
    def one_spelling(self) -> dict[str, str]:
        """The one spelling, by each of the others."""
        return {variant: name for name, others in self.spelling.items() for variant in others}


def words_of(conflict: Conflict) -> Words:
    """Return how words are shown in a conflict; as they are coded if it has no such file.

    Raises
    ------
    CalibrationError
        Naming the file, the key and what is wrong with it.
    """
    path = conflict.calibration / "words.toml"

    def read() -> Words:
        if not path.is_file():
            return Words(schema="truce/words/1")
        return load_toml(path, Words, CalibrationError, path.name)

    return conflict.once("words", read)


def spelled(text: str, conflict: Conflict) -> str:
    """Return a text of the evidence with each name in its one spelling.

    Examples
    --------
    >>> from sim.inputs.conflict import shipped
    >>> spelled("Zelensky's adviser met Putin", shipped())
    "Zelenskyy's adviser met Putin"
    """
    one = words_of(conflict).one_spelling
    if not one:
        return text
    variants = "|".join(map(re.escape, one))
    return re.sub(rf"\b(?:{variants})\b", lambda found: one[found[0]], text)


def round_named(name: str, conflict: Conflict) -> str:
    """Return what a round is called in a sentence; its id, in quotes, if the data do not say.

    Examples
    --------
    >>> from sim.inputs.conflict import shipped
    >>> round_named("jeddah", shipped()), round_named("unheard-of", shipped())
    ('the March plan', "the round 'unheard-of'")
    """
    return words_of(conflict).round.get(name, f"the round '{name}'")
