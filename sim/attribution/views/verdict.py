"""Whether a difference is robust: for the dice, the median member, analysts and variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sim.experiments.differences import Difference
from sim.text import of_hundred

ROBUST = "robust"
FAR_WORSE = 3.0
"""A variant whose log evidence is worse by more than so many nats has no vote: the record speaks
against it. Smaller differences are noise."""

_TOLD = 0.05
"""Members with the other sign are told of from this share on."""


class Vote(NamedTuple):
    """What a view says of the sign of a difference.

    Attributes
    ----------
    kind
        `analyst` or `variant`.
    name
        Of the analyst or the variant.
    dice
        `ahead`, `behind` or `tied`, as of a `Difference`.
    """

    kind: str
    name: str
    dice: str


class Verdict(NamedTuple):
    """Whether the sign of a difference holds, in four parts.

    Attributes
    ----------
    plain
        The verdict of the dice and the members, as of a `Difference`.
    dice
        Whether the interval of the dice excludes 0.
    median_member
        Whether the median of the members' own differences has the sign of the mean; None if the
        members are too few to tell.
    analysts, variants
        Whether the sign holds for every analyst, and in every variant that has a vote; None if
        none was asked. A view in which the interval holds 0 does not show the sign.
    against
        The share of the model's members whose own difference has the other sign; None if the
        members are too few to tell.
    turns, silent
        The names of the views in which the sign is the other one, and in which none is seen.
    """

    plain: str
    dice: bool
    median_member: bool | None
    analysts: bool | None
    variants: bool | None
    against: float | None = None
    turns: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: Difference, votes: Sequence[Vote]) -> Verdict:
        """Return the verdict on a difference by the model, with the votes of other views.

        Examples
        --------
        >>> from sim.experiments.differences import Difference
        >>> found = Difference(0.02, (0.01, 0.03), (0.0, 0.05), 0.9, 0.0, 0.03, 0.01, 1, 2, 100)
        >>> Verdict.of(found, [Vote("variant", "no-settling", "ahead")]).word
        'robust'
        >>> Verdict.of(found, [Vote("variant", "no-settling", "tied")]).word
        'ahead'
        >>> Verdict.of(found, []).robust  # no variant was asked
        False
        """
        sign = found.dice
        known = sign != "tied"
        with_sign, against = found.members_ahead, found.members_behind
        if sign == "behind":
            with_sign, against = against, with_sign
        others = [vote for vote in votes if vote.dice != sign]
        return cls(
            found.verdict,
            known,
            None if with_sign is None else known and with_sign > 0.5,
            _holds("analyst", sign, votes) if known else None,
            _holds("variant", sign, votes) if known else None,
            against if known else None,
            tuple(vote.name for vote in others if known and vote.dice != "tied"),
            tuple(vote.name for vote in others if known and vote.dice == "tied"),
        )

    @property
    def robust(self) -> bool:
        """Whether the sign holds in all four parts; never without variants.

        Where no analyst was asked, none can object.
        """
        parts = self.dice, self.median_member, self.analysts is not False, self.variants
        return all(parts)

    @property
    def word(self) -> str:
        """`robust`, or what the dice and the members say."""
        return ROBUST if self.robust else self.plain

    @property
    def said(self) -> str:
        """The verdict as a clause: the sign, whether it is robust, and how many members object."""
        if not self.robust:
            return f"{self.plain}, not {ROBUST}: {self.why_not}"
        said = f"{self.plain.removesuffix(' on average')} and {ROBUST} in sign"
        if self.against is not None and self.against >= _TOLD:
            said += f", though {of_hundred(self.against)} members have the other sign"
        return said

    @property
    def why_not(self) -> str:
        """Why it is not robust, as a clause; empty if it is."""
        if not self.dice:
            return "the difference is within the dice"
        parts = []
        if self.median_member is None:
            parts.append("too few members to know the median one")
        elif not self.median_member:
            parts.append("the median member does not have the sign of the mean")
        if self.turns:
            parts.append(f"the sign is reversed for {_listed(self.turns)}")
        if self.silent:
            parts.append(f"no sign is seen for {_listed(self.silent)}")
        if self.variants is None:
            parts.append("no variant of the model was asked")
        return "" if self.robust else "; ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "word": self.word,
            "robust": self.robust,
            "plain": self.plain,
            "dice": self.dice,
            "median_member": self.median_member,
            "analysts": self.analysts,
            "variants": self.variants,
            "members_against": self.against,
            "turns": list(self.turns),
            "silent": list(self.silent),
            "why_not": self.why_not,
        }


def _holds(kind: str, sign: str, votes: Sequence[Vote]) -> bool | None:
    own = [vote.dice for vote in votes if vote.kind == kind]
    return all(dice == sign for dice in own) if own else None


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
