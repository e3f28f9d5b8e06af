"""What packages move and what comes of it, as a table beside their figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sim.attribution.optimise.aims import AIM, is_cost
from sim.inputs.block_numbers import setting_named
from sim.inputs.levers import LEVERS
from sim.plots.packages import look_of, name_of, quantities_of, seen, shares_of
from sim.plots.page import Sheet, one_line
from sim.plots.panels import TODAY, word
from sim.plots.style import CAPTION, INK, RULE, SMALL, SOFT, fitting, line_height, text_width
from sim.price import digits_of, stakes

if TYPE_CHECKING:
    from sim.attribution.optimise.result import Optimised
    from sim.attribution.optimise.told import Package

_GAP = 20.0
"""Between columns, in pixels."""
_MARK = 46.0
"""Least width of a column: a mark and its number."""
_HEAD = 64.0
_AIR = 8.0
"""Between rows, in pixels."""
_LEAST_NAME = {"slide": 285.0, "page": 360.0, "column": 200.0}


class _Row(NamedTuple):
    name: str
    cells: tuple[str, ...]
    strong: bool = False


class PackageTable:
    """What some packages move, a row a lever, and what comes of it.

    Parameters
    ----------
    shown
        The packages that have a column, in the order of their numbers. Before them stands the
        scenario as it is.
    width
        Of the whole at most, in pixels; a lever's name has what the columns leave.
    """

    def __init__(self, found: Optimised, shown: Sequence[Package], width: float, size: str) -> None:
        self.found, self.columns = found, (found.base, *(one for one in shown if one.levers))
        self.numbers = ("", *(str(n) for n, one in enumerate(shown, 1) if one.levers))
        self.levers = [
            axis["lever"]
            for axis in found.asked["vary"]
            if any(axis["lever"] in one.levers for one in self.columns)
        ]
        moved = (self._moved(lever) for lever in self.levers)
        self.rows = [*moved, *_comes(found, self.columns)]
        weights = ["normal" if one is not found.best else "bold" for one in self.columns]
        cells = zip(*(row.cells for row in self.rows), strict=True)
        wide = (
            max(text_width(cell, SMALL, weight) for cell in column)
            for column, weight in zip(cells, weights, strict=True)
        )
        self.pitches = [max(_MARK, one) + _GAP for one in wide]
        self.name = max(_LEAST_NAME[size], width - sum(self.pitches))

    def _moved(self, lever: str) -> _Row:
        """Where a lever stands, and where each package moves it."""
        from sim.attribution.optimise.packages import stands_at

        stands = word(stands_at(self.found.setting.first, lever))
        moved = (word(one.levers[lever]) if lever in one.levers else "" for one in self.columns[1:])
        return _Row(lever_meaning(self.found, lever), (stands, *moved))

    @property
    def width(self) -> float:
        """How wide it is, in pixels."""
        return self.name + sum(self.pitches)

    def names(self, size: float = SMALL) -> list[str]:
        """Return what the rows are called, in lines of a size."""
        return [fitting(row.name, self.name - 16.0, size, 4) for row in self.rows]

    def height(self, size: float = SMALL) -> float:
        """Return how high it is with names of a size, in pixels."""
        return _height(self.names(size), size)

    def draw(self, sheet: Sheet) -> None:
        """Draw it from the top left of a sheet; levers that find no room have their short names."""
        names, size = self.names(), SMALL
        if _height(names, size) > sheet.height:
            names, size = self.names(CAPTION), CAPTION
        if _height(names, size) > sheet.height:
            results = self.rows[len(self.levers) :]
            names = [*self.levers, *(row.name for row in results)]
            names = [fitting(name, self.name - 16.0, CAPTION) for name in names]
        room = max(0.0, sheet.height - _height(names, size)) / (len(names) + 1)
        air = _AIR + min(14.0, room)
        self._head(sheet)
        y = _HEAD
        for n, (name, row) in enumerate(zip(names, self.rows, strict=True)):
            if n == len(self.levers):
                _rule(sheet, y, self.width)
            sheet.text(0.0, y + air / 2.0, name, size=size, linespacing=1.15)
            for column, cell in enumerate(row.cells):
                self._cell(sheet, column, y + air / 2.0, cell, size, strong=row.strong)
            y += (name.count("\n") + 1) * _line(size) + air
        _rule(sheet, y, self.width)
        self._foot(sheet, y + 8.0)

    def _head(self, sheet: Sheet) -> None:
        """Mark and number of each package, as in the panels."""
        ax = sheet.axes(0.0, 0.0, self.width, _HEAD, "packages")
        ax.set(xlim=(0.0, self.width), ylim=(_HEAD, 0.0))
        ax.axis("off")
        sheet.text(0.0, 16.0, "what is moved", size=SMALL, color=SOFT)
        for column, (one, number) in enumerate(zip(self.columns, self.numbers, strict=True)):
            right = self._right(column)
            look = {**(look_of(self.found, one) if one.levers else TODAY), "ms": 9.0}
            at = right - 12.0 if not number else right - 20.0 - text_width(number, SMALL, "bold")
            ax.plot(at, 28.0, **look)
            if number:
                sheet.text(right, 16.0, number, size=SMALL, weight="bold", ha="right")
        _rule(sheet, _HEAD - 8.0, self.width)

    def _right(self, column: int) -> float:
        return self.name + sum(self.pitches[: column + 1])

    def _cell(
        self, sheet: Sheet, column: int, top: float, text: str, size: float, *, strong: bool
    ) -> None:
        best = self.columns[column] is self.found.best and strong
        colour = SOFT if column == 0 else INK
        sheet.text(self._right(column), top, text, size=size, ha="right", color=colour,
                   linespacing=1.15, weight="bold" if best else "normal")  # fmt: skip

    def _foot(self, sheet: Sheet, top: float) -> None:
        """Say what an empty cell means, and how many packages are not shown."""
        mine = {id(one) for one in self.columns}
        left = sum(id(one) not in mine and bool(one.levers) for one in self.found.front)
        empty = any(not cell for row in self.rows for cell in row.cells)
        said = ["empty: left as it stands"] if empty else []
        if left:
            said.append(f"{left} more unbeaten {'packages' if left > 1 else 'package'} not shown")
        if said:
            text = fitting("; ".join(said), self.width, SMALL, 2)
            sheet.text(0.0, top, text, size=SMALL, color=SOFT, linespacing=1.15)


def _line(size: float) -> float:
    return 0.94 * line_height(size)


def _height(names: Sequence[str], size: float) -> float:
    lines = sum(name.count("\n") + 1 for name in names)
    return _HEAD + _line(size) * lines + _AIR * len(names) + 2.0 * _line(SMALL) + 14.0


def _rule(sheet: Sheet, top: float, width: float) -> None:
    ax = sheet.axes(0.0, top, width, 1.0, f"rule {top:.0f}")
    ax.set(xlim=(0.0, 1.0), xticks=[], yticks=[])
    ax.patch.set_facecolor(RULE)


# ------------------------------------------------------------------ rows


def lever_meaning(found: Optimised, lever: str) -> str:
    """Say what a lever, or a number of a block, is."""
    conflict = found.setting.first.conflict
    if lever in LEVERS:
        return one_line(conflict.lever(lever).meaning)
    return one_line(conflict.named(setting_named("vary", lever).meaning))


def _comes(found: Optimised, columns: Sequence[Package]) -> Iterator[_Row]:
    yield _Row("odds, %", tuple(shares_of(columns)), strong=True)
    if found.aims.primary == AIM:
        worst = found.aims.robust == "worst-quarter"
        name = "odds in the worst quarter, %" if worst else "points missed at worst"
        yield _Row(name, tuple(f"{100.0 * abs(one.aim):.1f}" for one in columns), strong=True)
    for quantity in quantities_of(found):
        cells = tuple(_cell(one, quantity) for one in columns)
        unit = found.unit if is_cost(quantity) else "stakes"
        yield _Row(f"{name_of(found, quantity)}, {unit}", cells, strong=True)


def _cell(one: Package, quantity: str) -> str:
    value, mc = seen(one, quantity)
    if mc is None:
        return f"{value:+.3g}".replace("-", "\u2212") if value else "0"
    if not one.levers:
        return "0"
    digits = digits_of((mc[1] - mc[0]) / 2.0)
    return stakes(value, digits, signed=True).replace("-", "\u2212")
