"""One world as a strip along its days: the front, the answers, the quiet, the threats, the end."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from sim.plots import style
from sim.plots.odds import UNDER_DAYS, mark_days
from sim.plots.page import Key, Sheet, Size, Words, figure_of, new_sheet, one_line
from sim.plots.style import ANSWER_LOOKS, BODY, INK, OUTCOME_COLOURS, PAPER, SMALL, SOFT, tint
from sim.text import days_word

if TYPE_CHECKING:
    from sim.diary import Diary, Entry

ENDS = {
    "held": "a truce held 30 days",
    "collapsed": "no truce held",
    "walked_away": "the mediator left first",
    "partial_only": "no more than a partial truce",
    "no_truce": "no truce",
}
_LANE = {"slide": 78.0, "page": 58.0, "column": 84.0}
_FRONT = 1.7
"""Height of the front's lane, of that of another."""
_BESIDE = {"slide": 300.0, "page": 235.0, "column": 0.0}
_NAME = 30.0
"""Room for the name of a lane above it, in pixels."""


class Lane(NamedTuple):
    """A line of the strip: its name, and between which pixels below the top it lies."""

    name: str
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half way down."""
        return (self.top + self.bottom) / 2.0


def finding(diary: Diary) -> str:
    """Say what became of a world."""
    rounds = sum(entry.what == "round" for entry in diary.entries)
    met = f"{rounds} round{'' if rounds == 1 else 's'} of talks in {days_word(diary.days)}"
    begun = [entry.day for entry in diary.entries if entry.what == "truce"]
    if diary.outcome == "held":
        return f"{met}, and a truce from day {begun[-1]} held" if begun else f"{met}; held"
    if diary.outcome == "collapsed":
        broken = [entry.day for entry in diary.entries if entry.what == "truce_ends"]
        last = f" on day {broken[-1]}" if broken else ""
        return f"{met}, and the {'last ' if len(begun) > 1 else ''}truce collapsed{last}"
    return f"{met}, and {ending(diary)}"


def ending(diary: Diary) -> str:
    """Say what became of a world; of a mediator that left, when it did."""
    if diary.outcome != "walked_away":
        return ENDS[diary.outcome]
    left = [entry.day for entry in diary.entries if entry.what == "mediator_leaves"]
    when = f"the mediator left on day {left[0]}" if left else "the mediator had left before"
    return f"no full truce; {when}"


@figure_of
def strip(diary: Diary, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw one world along its days.

    Parameters
    ----------
    diary
        From `sim.diary.tell`.
    size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        A lane each for the front, each side's answers, pauses and truces, threats that fell due,
        levers that were set and the end; lanes on which nothing happened are left away.
    """
    names = _lanes_of(diary)
    height = (len(names) - 1 + _FRONT) * _LANE[size] + UNDER_DAYS
    sheet = new_sheet(size, _words(diary), height, _key(diary), bare=bare)
    lane = min(_LANE[size] * 1.3, (sheet.height - UNDER_DAYS) / (len(names) - 1 + _FRONT))
    lanes = _place(names, lane, above=size == "column")
    ax = _axes(sheet, diary, lanes[-1].bottom)
    for one in lanes:
        _name(sheet, ax, one, diary)
    _draw(ax, diary, {one.name: one for one in lanes}, beside=size != "column")
    return sheet.figure


def _sides(diary: Diary) -> list[tuple[str, str]]:
    return [(side.id, side.name) for side in diary.scenario.conflict.sides]


def _threats_due(diary: Diary) -> dict[str, str]:
    """What the lane of each threat is called."""
    return {
        "mediator_sanctions": f"{diary.scenario.conflict.mediator.short} sanctions due",
        "blocs_sanctions": "Blocs' sanctions due",
        "aid": "Cut of arms due",
    }


def _lanes_of(diary: Diary) -> list[str]:
    """Name the lanes on which something happened, those of the answers always."""
    kinds = {entry.what for entry in diary.entries}
    due = [entry.numbers.get("threat") for entry in diary.entries if entry.what == "threat"]
    answers = [f"{name} answers" for _, name in _sides(diary)]
    there = ["Front", *answers]
    if any(day.quiet for day in diary.course):
        there.append("Pauses, truces")
    there += [name for threat, name in _threats_due(diary).items() if threat in due]
    if "lever" in kinds:
        there.append("Levers set")
    return [*there, "End"]


def _place(names: list[str], height: float, *, above: bool) -> list[Lane]:
    """Lay lanes below each other, with room for their names above if there is none beside."""
    lanes, y = [], 0.0
    for name in names:
        down = height * (_FRONT if name == "Front" else 1.0)
        lanes.append(Lane(name, y + (_NAME if above else 6.0), y + down - 6.0))
        y += down
    return lanes


def _axes(sheet: Sheet, diary: Diary, height: float) -> Axes:
    """Make axes whose vertical scale is in pixels from the top."""
    left = _BESIDE[sheet.size] or 14.0
    width = sheet.width - left - 70.0
    ax = sheet.axes(left, 0.0, width, height, "strip")
    horizon = diary.scenario.horizon_days
    ax.set_ylim(height, 0.0)
    mark_days(ax, diary.scenario, 6 if width > 620.0 else 3)
    if left < 66.0:
        ax.get_xticklabels()[0].set(ha="left")
        ax.get_xticklabels()[-1].set(ha="right" if horizon > 3 else "center")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    return ax


def _name(sheet: Sheet, ax: Axes, lane: Lane, diary: Diary) -> None:
    """Name a lane; above it in a column, where that of the end says what became of the world."""
    gains = f"↑ {_sides(diary)[0][1]} gains"
    if _BESIDE[sheet.size]:
        words = f"{lane.name}\n{gains}" if lane.name == "Front" else lane.name
        sheet.text(0.0, lane.middle, words, size=BODY, va="center", linespacing=1.4)
    else:
        more = {"Front": f": {gains}", "End": f", {_ended(diary)}"}
        words = f"{lane.name}{more.get(lane.name, '')}"
        sheet.text(0.0, lane.top - _NAME + 4.0, words, size=SMALL)
    if lane.name != "Front":
        ax.axhline(lane.middle, color=style.RULE, lw=1.0, zorder=1)


# ------------------------------------------------------------------ the lanes


def _draw(ax: Axes, diary: Diary, lanes: dict[str, Lane], *, beside: bool) -> None:
    _front(ax, diary, lanes["Front"])
    if "Pauses, truces" in lanes:
        _quiet(ax, diary, lanes["Pauses, truces"])
    names, threats = dict(_sides(diary)), _threats_due(diary)
    for entry in diary.entries:
        if entry.what == "answer":
            said, lane = entry.numbers["answer"], lanes[f"{names[entry.numbers['actor']]} answers"]
            _mark(ax, entry, lane, f"answer.{entry.numbers['actor']}", **_answer(said))
        elif entry.what == "threat" and entry.numbers.get("threat") in threats:
            done = entry.numbers["carried_out"]
            look = _threat(done=done)
            _mark(ax, entry, lanes[threats[entry.numbers["threat"]]], "threat", **look)
        elif entry.what == "lever":
            _mark(ax, entry, lanes["Levers set"], "lever", marker="|", ms=14, color=INK, mew=1.6)
        elif entry.what == "mediator_leaves":
            ax.axvline(entry.day, color=OUTCOME_COLOURS["walked_away"], ls="--", lw=1.8)
    _end(ax, diary, lanes["End"], tell=beside)


def _mark(ax: Axes, entry: Entry, lane: Lane, gid: str, **look: Any) -> None:
    (mark,) = ax.plot(entry.day, lane.middle, **{"ls": "", "zorder": 5, **look})
    mark.set(gid=gid, clip_on=False)


def _answer(said: str) -> dict[str, Any]:
    return {"ms": 11, "mec": INK, "mew": 0.8, **ANSWER_LOOKS[said]}


def _threat(*, done: bool) -> dict[str, Any]:
    look = {"marker": "v", "ms": 12, "mec": INK, "mew": 1.4, "ls": ""}
    return {**look, "color": INK if done else PAPER}


def _front(ax: Axes, diary: Diary, lane: Lane) -> None:
    """Draw momentum as a thin line, up when side R gains, by its own largest swing."""
    if not diary.course:
        return
    values = [day.momentum for day in diary.course]
    most = max(1e-9, *map(abs, values))
    half = (lane.bottom - lane.top) / 2.0 - 4.0
    ax.axhline(lane.middle, color=style.RULE, lw=1.0, zorder=1)
    heights = [lane.middle - half * value / most for value in values]
    days = range(1, len(values) + 1)
    (line,) = ax.plot(days, heights, color=SOFT, lw=1.4, zorder=3)
    line.set_gid("front")


def _quiet(ax: Axes, diary: Diary, lane: Lane) -> None:
    """Draw a bar for each stretch of days on which a pause or a truce was in force."""
    day = 0
    for kind, days in groupby(diary.course, lambda one: one.quiet):
        first, day = day + 1, day + len(list(days))
        if kind:
            held = diary.outcome == "held" and day == len(diary.course)
            bar = Rectangle((first - 0.5, lane.middle - 14.0), day - first + 1.0, 28.0)
            bar.set(**_bar(kind, held=held), zorder=3, gid=f"quiet.{kind}", clip_on=False)
            ax.add_artist(bar)


def _bar(kind: str, *, held: bool) -> dict[str, Any]:
    """A full truce has the colour of what became of it."""
    colours: dict[str, Any] = {
        "full": OUTCOME_COLOURS["held" if held else "collapsed"],
        "partial": OUTCOME_COLOURS["partial_only"],
        "pause": tint(OUTCOME_COLOURS["partial_only"], 0.35),
        "unilateral": PAPER,
    }
    return {"facecolor": colours[kind], "edgecolor": INK, "linewidth": 0.8}


def _ended(diary: Diary) -> str:
    return f"day {diary.days}: {ending(diary)}"


def _end(ax: Axes, diary: Diary, lane: Lane, *, tell: bool) -> None:
    """Mark the last day, with what became of the world on the side where there is room."""
    (mark,) = ax.plot(diary.days, lane.middle, "s", ms=12, color=OUTCOME_COLOURS[diary.outcome])
    mark.set(mec=INK, clip_on=False, zorder=5, gid="end")
    if not tell:
        return
    text = _ended(diary)
    pixels = diary.days / ax.get_xlim()[1] * ax.get_window_extent().width
    left = pixels > style.text_width(text, SMALL, "bold") + 24.0
    words = ax.annotate(text, (diary.days, lane.middle), xytext=(-11 if left else 11, 0),
                        textcoords="offset points", ha="right" if left else "left",
                        va="center", size=SMALL, weight="bold", zorder=6)  # fmt: skip
    words.set_bbox({"fc": PAPER, "ec": "none", "pad": 1.0})


# ------------------------------------------------------------------ words


def _key(diary: Diary) -> Key:
    key: list[tuple[Any, str]] = [
        (Line2D([], [], ls="", **_answer(said)), said) for said in ANSWER_LOOKS
    ]
    done = {entry.numbers.get("carried_out") for entry in diary.entries if entry.what == "threat"}
    for which, said in ((True, "threat carried out"), (False, "threat let pass")):
        if which in done:
            key.append((Line2D([], [], **_threat(done=which)), said))
    quiet = {day.quiet for day in diary.course}
    names = {
        "unilateral": "one-sided pause",
        "pause": "mutual pause",
        "partial": "partial truce",
        "full": "full truce",
    }
    held = diary.outcome == "held"
    key += [(Patch(**_bar(kind, held=held)), names[kind]) for kind in names if kind in quiet]
    if any(entry.what == "mediator_leaves" for entry in diary.entries):
        colour = OUTCOME_COLOURS["walked_away"]
        key.append((Line2D([], [], color=colour, ls="--", lw=1.8), "the mediator leaves"))
    return key


def _words(diary: Diary) -> Words:
    scenario = diary.scenario
    caption = (
        f"One world of many, and no forecast · model and evidence to {scenario.as_of} · world "
        f"{diary.world:,}, member {diary.member:,}, seed {diary.seed} · horizon "
        f"{days_word(scenario.horizon_days)}"
    )
    below = f"World {diary.world:,}, day by day from {scenario.as_of}"
    return Words(finding(diary), caption, below, one_line(scenario.title))
