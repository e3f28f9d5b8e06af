"""The record, `history.toml`: how far it was read, and every bad row by file, line and name."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil

import pytest
from helpers.command import truce

from sim.attribution.arrived import label
from sim.attribution.news import days_told, news
from sim.attribution.timeline import Timeline, timeline
from sim.calibrate.prior import check_as_of
from sim.calibrate.record import action_problems, check_actions
from sim.errors import CalibrationError, ScenarioError
from sim.evidence.statements import load_evidence, problems
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.made_from import inputs_of
from sim.inputs.tomlfile import Lines
from sim.intake.record_check import record_problems

NEWEST = dt.date(2025, 5, 20)
QUIET = dt.date(2025, 6, 3)
THROUGH = f"through = {NEWEST}"
ROUND = '\n[[round]]\ndate = 2025-06-20\nknown = {known}\nsource = "002, paragraph 1: more talks"\n'
LEVER = '\n[[lever]]\nlever = "aid.level"\ndate = {date}\nvalue = 0.9\nsource = "assumed"\n'
ACTION = 'event = "conditions_truce"\nround = "may-ultimatum"\ndate = 2025-05-19'


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped data without its ensembles."""
    for source in shipped().folders:
        shutil.copytree(source, tmp_path / source.name, ignore=shutil.ignore_patterns("ensembles"))
    return tmp_path


def changed(path, *pairs):
    """Change a file, and return its new text."""
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return text


def history_of(folder, *pairs):
    return changed(folder / "scenarios/history.toml", *pairs)


def line_of(text, part):
    return text[: text.index(part)].count("\n") + 1


# ------------------------------------------------------------------ through which day


def test_the_shipped_record_is_sound_and_says_through_which_day_it_was_read():
    assert record_problems(shipped()) == []
    assert shipped().record.through == shipped().through == NEWEST


def test_a_record_that_does_not_say_was_read_through_its_newest_article(folder):
    history_of(folder, (THROUGH, ""))
    conflict = Conflict(folder)
    assert record_problems(conflict) == []
    assert conflict.record.through is None
    assert conflict.through == conflict.newest_article == NEWEST
    with pytest.raises(ScenarioError, match=r"set through = 2025-05-21 in .*toml, beside schema\."):
        conflict.check_read(NEWEST + dt.timedelta(days=1))


@pytest.mark.parametrize(
    "words",
    [
        ("calibrate", "--as-of"),
        ("calibrate", "--prior", "--as-of"),
        ("run", "baseline", "--as-of"),
        ("compare", "baseline", "walk-away", "--as-of"),
        ("timeline", "--as-of"),
        ("evidence", "influence", "--as-of"),
        ("evidence", "list", "--as-of"),
        ("evidence", "list", "--occasions", "--as-of"),
        ("evidence", "show", "russia", "territory", "--as-of"),
        ("evidence", "check", "--as-of"),
        ("levers", "--as-of"),
        ("scenarios", "show", "baseline", "--as-of"),
    ],
)
def test_a_day_after_it_is_refused_with_the_line_that_mends_it(folder, words):
    path = folder / "scenarios/history.toml"
    line = line_of(path.read_text(encoding="utf-8"), THROUGH)
    told = truce("--data", folder, *words, QUIET, cwd=folder)
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr == (
        f"truce: as-of {QUIET}: is after {NEWEST}, the day through which the press was read. Add "
        f"what was reported since and set through = {QUIET} in {path.as_posix()}, line {line}.\n"
    )


def test_a_scenario_of_a_day_after_it_is_refused_by_its_own_name(folder):
    path = folder / "later.toml"
    text = (folder / "scenarios/walk-away.toml").read_text(encoding="utf-8")
    path.write_text(f"as_of = {QUIET}\n{text}", encoding="utf-8")
    told = truce("--data", folder, "scenarios", "check", path)
    assert told.returncode == 2
    assert told.stderr.startswith(f"truce: {path.as_posix()}: as_of: is after {NEWEST}, ")
    assert f"set through = {QUIET} in " in told.stderr


def test_a_quiet_day_is_a_day_like_any_other(folder):
    day = str(QUIET)
    history_of(folder, (THROUGH, f"through = {day}"))
    here = ("--data", folder)
    assert truce(*here, "evidence", "check").returncode == 0
    assert truce(*here, "levers", "--as-of", day).returncode == 0
    unmade = truce(*here, "run", "baseline", "--as-of", day, cwd=folder)
    assert unmade.returncode == 2
    assert f"calibrate --as-of {day}" in unmade.stderr
    made = truce(*here, "calibrate", "--as-of", day, "--particles", 8192, cwd=folder)
    assert made.returncode == 0, made.stderr
    run = truce(*here, "run", "baseline", "--as-of", day, "--worlds", 64, "--json", cwd=folder)
    assert json.loads(run.stdout)["as_of"] == day
    check_as_of(QUIET, Conflict(folder))


def test_a_timeline_ends_with_the_quiet_day(folder):
    history_of(folder, (THROUGH, f"through = {QUIET}"))
    conflict = Conflict(folder)
    assert news(QUIET, conflict) == news(NEWEST, conflict)
    *before, last = days_told(QUIET, conflict)
    assert tuple(before) == days_told(NEWEST, conflict)
    assert (last.day, label(last, conflict)) == (QUIET, "No news")
    quiet = before[0].day + dt.timedelta(days=1)
    told = timeline(quiet, particles=8192, worlds=64, workers=2, conflict=conflict)
    assert [point.news.day for point in told.points] == [before[0].day, quiet]
    again = Timeline.open(told.save(folder / "out"))
    assert [point.news for point in again.points] == [point.news for point in told.points]


def test_to_read_on_makes_no_earlier_ensemble_out_of_date(folder):
    before = {day: inputs_of("posterior", day) for day in shipped().ensemble_days()}
    history_of(folder, (THROUGH, f"through = {QUIET}"))
    later = Conflict(folder)
    assert len(before) > 1
    assert {day: inputs_of("posterior", day, later) for day in before} == before


def test_it_is_no_earlier_than_the_newest_article(folder):
    text = history_of(folder, (THROUGH, "through = 2025-05-19"))
    conflict = Conflict(folder)
    first = next(one for one in record_problems(conflict) if "newest article" in one.what)
    assert f"history.toml, line {line_of(text, 'through = 2025-05-19')}: " in first.where
    assert f"Set through = {NEWEST}" in first.todo
    with pytest.raises(ScenarioError):
        _ = conflict.through
    told = truce("--data", folder, "evidence", "check")
    assert (told.returncode, told.stdout) == (2, "")
    assert f"is before {NEWEST}, the day of the newest article" in told.stderr


def test_an_article_later_than_what_was_read_is_told(folder):
    path = folder / "calibration/evidence/articles.toml"
    path.write_text(
        path.read_text(encoding="utf-8") + '\n[[article]]\nid = "005_june"\ntitle = ""\n'
        f'outlet = ""\nday = {QUIET}\nday_basis = "dateline"\n',
        encoding="utf-8",
    )
    [problem] = record_problems(Conflict(folder))
    assert f"through = {NEWEST}" in problem.where
    assert f"before {QUIET}" in problem.what


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (ROUND.format(known="2025-05-20"), None),
        (ROUND.format(known="2025-05-21"), "known = 2025-05-21 is after 2025-05-20"),
        (LEVER.format(date="2025-05-21"), None),  # decided on the last day that was read
        (LEVER.format(date="2025-05-22"), "date = 2025-05-22 is after 2025-05-20"),
        (LEVER.format(date="2025-05-20\nknown = 2025-05-21"), "known = 2025-05-21 is after"),
    ],
)
def test_no_row_tells_of_days_that_were_not_read_unless_it_was_announced(folder, row, says):
    path = folder / "scenarios/history.toml"
    path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")
    found = [str(problem) for problem in record_problems(Conflict(folder))]
    assert len(found) == (says is not None)
    assert says is None or says in found[0]
    if says is None:
        assert inputs_of("posterior", dt.date(2025, 5, 10), Conflict(folder)) == inputs_of(
            "posterior", dt.date(2025, 5, 10)
        )


# ------------------------------------------------------------------ bad rows

PLEDGED = 'lever = "guarantee.pledged"\ndate = 2025-03-10'
UNKNOWN = 'lever = "aid.levle"\ndate = 2025-05-01\nvalue = 1.0\nsource = "assumed"\n\n[[lever]]\n'
MOVED = 'date = 2025-03-10\nvalue = 0.5\nsource = "assumed"\n\n[[moved]]\n'
RELIEF = "2025-03-14\nknown = 2025-03-17\nvalue = 0.2"
FAULTS = {
    "no lever": (PLEDGED, UNKNOWN + PLEDGED, "aid.levle on 2025-05-01", "Did you mean aid.level?"),
    "no value": (
        "value = 0.7\n", "value = 7\n", "ukraine.side_payment on 2025-05-10: value", "outside 0..1"
    ),
    "no word": (
        'value = "drawn"', 'value = "maybe"',
        "sanctions.us_follow_through on 2025-03-10: value", "maybe",
    ),
    "twice": (
        "2025-05-20\nvalue = 90", "2025-04-18\nvalue = 90",
        "mediator.patience_days on 2025-04-18", "is there twice on that day, first in line",
    ),
    "moved twice": (
        "date = 2025-03-10\nvalue = 0.0\nsource = \"assumed: no article", MOVED
        + "date = 2025-03-10\nvalue = 0.0\nsource = \"assumed: no article",
        "moved on 2025-03-10", "is there twice",
    ),
    "known early": (
        RELIEF, RELIEF.replace("-17", "-13"), "sanctions.relief on 2025-03-14",
        "known = 2025-03-13 is before date = 2025-03-14",
    ),
    "round known late": (
        "2025-04-23\nknown = 2025-04-22", "2025-04-23\nknown = 2025-04-24",
        "round on 2025-04-23", "known = 2025-04-24 is after date = 2025-04-23",
    ),
    "no event": (
        ACTION, ACTION.replace("conditions", "rejects"), "action of russia on 2025-05-19",
        "rejects_truce in 002_4a1b6ee6f7358616, paragraph 5, is no event of events.csv",
    ),
    "no article": (
        '002_4a1b6ee6f7358616"\nparagraph = 4', '002_4a1b6ee"\nparagraph = 4',
        "action of russia on 2025-05-11: article", "'002_4a1b6ee' is no article",
    ),
    "no article cited": (
        "001, paragraph 17", "009, paragraph 17", "mediator.patience_days on 2025-04-18: source",
        "no article of articles.toml begins with 009",
    ),
    "no first row": (
        PLEDGED, PLEDGED[:-2] + "11", "guarantee.pledged on 2025-03-11",
        "no row was known on 2025-03-10",
    ),
    "no first row by then": (
        PLEDGED, PLEDGED + "\nknown = 2025-03-12", "guarantee.pledged on 2025-03-10",
        "no row was known on 2025-03-10",
    ),
    "blank source": (
        "000, paragraph 15: Kyiv granted a part of future resource revenue; the share is assumed",
        " ", "ukraine.side_payment on 2025-05-10", "source is blank",
    ),
    "empty source": (
        "000, paragraph 15: Kyiv granted a part of future resource revenue; the share is assumed",
        "", "ukraine.side_payment on 2025-05-10: source", "Give article and paragraph, or",
    ),
    "no source": (
        'source = "000, paragraph 15: Kyiv', '# "000, paragraph 15: Kyiv',
        "ukraine.side_payment on 2025-05-10: source", "field required",
    ),
    "no key": (
        RELIEF, RELIEF.replace("known", "knwon"), "sanctions.relief on 2025-03-14: knwon",
        "Did you mean known?",
    ),
}  # fmt: skip
"""What is changed in the record, which row is then named, and what is said of it."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_row_is_named_by_file_line_lever_and_day(folder, fault):
    old, new, about, says = FAULTS[fault]
    text = history_of(folder, (old, new))
    [problem] = record_problems(Conflict(folder))
    path, line, row = re.fullmatch(r"(.*), line (\d+), (.*)", problem.where).groups()
    assert path == (folder / "scenarios/history.toml").as_posix()
    assert row == about
    assert says in str(problem)
    assert problem.todo
    above, below = text.split("\n")[: int(line)], text.split("\n")[int(line) :]
    header = max(n for n, one in enumerate(above) if one.startswith("[["))
    block = "\n".join([*above[header:], *below[: below.index("")]])
    subject, day = re.fullmatch(r"(?:action of )?(\S+) on (\S{10}).*", about).groups()
    assert f'"{subject}"' in block or f"[[{subject}]]" in block
    assert f"date = {day}" in block


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        (THROUGH, f"{THROUGH}\nthroguh = 2025-05-20", "throguh", "Did you mean through?"),
        (THROUGH, f'through = "{NEWEST}"', "through", "valid date"),
        (THROUGH, f"through = {NEWEST}T10:00:00", "through", "valid date"),
        ("truce/history/1", "truce/history/9", "schema", "truce/history/1"),
    ],
)
def test_a_bad_key_at_the_top_is_named_with_its_line(folder, old, new, key, says):
    text = history_of(folder, (old, new))
    [problem] = record_problems(Conflict(folder))
    line = line_of(text, f"\n{key} = ") + 1
    assert problem.where.endswith(f"history.toml, line {line}: {key}")
    assert says in str(problem)


def test_a_lever_without_any_row_is_named(folder):
    history_of(folder, ('lever = "guarantee.pledged"', 'lever = "aid.level"'), (
        '"aid.level"\ndate = 2025-03-10', '"aid.level"\ndate = 2025-03-09'))  # fmt: skip
    [problem] = record_problems(Conflict(folder))
    assert problem.where.endswith("history.toml: guarantee.pledged")
    assert 'Add a [[lever]] of lever = "guarantee.pledged" with date = 2025-03-10' in problem.todo


def test_both_checks_tell_all_at_once_beside_the_faults_of_other_files(folder):
    alone = ("no value", "known early", "twice", "no event", "no article", "round known late",
             "no article cited", "no first row", "moved twice")  # fmt: skip
    history_of(folder, *(FAULTS[fault][:2] for fault in alone if fault != "no article cited"))
    history_of(folder, ("003, paragraph 8: power", "009, paragraph 8: power"))
    changed(folder / "calibration/evidence/statements.csv", (",demand,", ",demnd,"))
    (folder / "calibration/ensembles").mkdir()
    (folder / f"calibration/ensembles/{NEWEST}.parquet").touch()
    mine = folder / "mine.toml"
    mine.write_text('schema = "truce/scenario/1"\ntitle = "t"\n', encoding="utf-8")
    here = ("--data", folder)
    checked = truce(*here, "evidence", "check")
    lines = checked.stderr.splitlines()
    assert (checked.returncode, checked.stdout) == (2, "")
    assert len(lines) == len(alone) + 1
    assert "statements.csv, line" in lines[0]
    assert all("scenarios/history.toml, line " in line for line in lines[1:])
    scenarios = truce(*here, "scenarios", "check", "baseline", mine, "scenarios/history.toml")
    told = scenarios.stderr.splitlines()
    assert (scenarios.returncode, scenarios.stdout) == (2, "")
    assert told[: len(alone)] == lines[1:]
    assert (
        told[len(alone)]
        == "truce: baseline: rests on a dated record that has a mistake. Mend that first."
    )
    assert "mine.toml: question: field required" in told[len(alone) + 1]
    document = json.loads(truce(*here, "scenarios", "check", "baseline", "--json").stdout)
    assert [f"truce: {problem}" for problem in document["record"]] == lines[1:]
    run = truce(*here, "run", "baseline", cwd=folder)
    assert run.returncode == 2
    head, *all_at_once = run.stderr.splitlines()
    assert head.endswith(f"scenarios/history.toml: {len(all_at_once)} things are wrong:")
    assert all(any(line.strip() in told for told in lines) for line in all_at_once)


def test_the_record_can_be_checked_by_its_own_path(folder):
    path = folder / "scenarios/history.toml"
    words = ("--data", folder, "scenarios", "check", path)
    assert truce(*words).stdout == f"{path}: fine\n"
    history_of(folder, FAULTS["no value"][:2])
    told = truce(*words)
    assert told.returncode == 2
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize("text", ["", "= =", "[[lever]]\nlever = 3\n", 'lever = "no table"\n'])
def test_a_record_that_is_no_record_is_told(folder, text):
    (folder / "scenarios/history.toml").write_text(text, encoding="utf-8")
    told = truce("--data", folder, "evidence", "check")
    assert told.returncode == 2
    assert all("history.toml" in line for line in told.stderr.splitlines())
    assert truce("--data", folder, "run", "baseline", cwd=folder).returncode == 2


def test_a_folder_of_other_evidence_is_checked_without_the_record(folder):
    history_of(folder, FAULTS["no value"][:2])
    copied = folder / "other"
    shutil.copytree(folder / "calibration/evidence", copied)
    assert truce("--data", folder, "evidence", "check", copied).returncode == 0
    own = folder / "calibration/evidence"
    assert truce("--data", folder, "evidence", "check", own).returncode == 2


def test_all_actions_that_are_no_event_are_listed_and_the_first_refused(folder):
    history_of(folder, FAULTS["no event"][:2], ("date = 2025-04-26", "date = 2025-04-27"))
    evidence = load_evidence(conflict=Conflict(folder))
    found = action_problems(evidence)
    assert [re.sub(".*, ", "", problem.where) for problem in found] == [
        "action of us on 2025-04-27", "action of russia on 2025-05-19"
    ]  # fmt: skip
    with pytest.raises(CalibrationError) as raised:
        check_actions(evidence)
    assert str(raised.value) == str(found[0])


# ------------------------------------------------------------------ articles


def test_articles_tell_all_their_faults_and_hide_none_of_other_files(folder):
    evidence = folder / "calibration/evidence"
    text = changed(
        evidence / "articles.toml",
        ("day = 2025-03-17", 'day = "soon"'),
        ('outlet = "ANA-MPA"', "outlet = 3\ncolour = 4"),
    )
    changed(evidence / "statements.csv", (",demand,", ",demnd,"))
    changed(evidence / "events.csv", (",russia,", ",rusia,"))
    found = problems(conflict=Conflict(folder))
    places = [problem.where.split("/")[-1] for problem in found]
    assert places[:3] == [
        f"articles.toml, line {line_of(text, part)}, article {article}: {part.split(' ')[0]}"
        for article, part in (
            ("003_76e1b707546867e7", 'day = "soon"'),
            ("002_4a1b6ee6f7358616", "outlet = 3"),
            ("002_4a1b6ee6f7358616", "colour = 4"),
        )
    ]
    assert [re.sub(r"\d+", "N", place) for place in places[3:]] == [
        "statements.csv, line N, column kind", "events.csv, line N, column actor"
    ]  # fmt: skip
    assert [p for p in record_problems(Conflict(folder)) if "article" in p.what] == []


def test_rows_of_an_article_without_a_good_id_are_not_told_again(folder):
    evidence = folder / "calibration/evidence"
    changed(evidence / "articles.toml", ('id = "003_76e1b707546867e7"', "id = 3"))
    changed(evidence / "statements.csv", (",demand,", ",demnd,"))
    found = [problem.where.split("/")[-1] for problem in problems(conflict=Conflict(folder))]
    assert [place.split(",")[0] for place in found] == ["articles.toml", "statements.csv"]
    assert "number 2: id" in found[0]
    (evidence / "articles.toml").write_text("= =", encoding="utf-8")
    assert len(problems(conflict=Conflict(folder))) == 2


def test_a_row_that_names_no_article_is_told_beside_a_bad_article(folder):
    evidence = folder / "calibration/evidence"
    changed(evidence / "articles.toml", ("day = 2025-03-17", 'day = "soon"'))
    changed(evidence / "statements.csv", ("\n002_4a1b6ee6f7358616,", "\n002_4a1b6ee,"))
    assert [problem.where.split(" ")[-1] for problem in problems(conflict=Conflict(folder))] == [
        "day", "article"
    ]  # fmt: skip


# ------------------------------------------------------------------ lines


def test_lines_are_found_by_header_and_key_or_not_at_all():
    text = "top = 1\n\n[[row]]\na = 1\n  [[row]] # again\nb = 2\n"
    lines = Lines(text, {"top": 1, "row": [{"a": 1}, {"b": 2}]})
    assert lines.of("top") == ", line 1"
    assert [lines.of("", "row", n) for n in (0, 1)] == [", line 3", ", line 5"]
    assert lines.of("b", "row", 1) == ", line 6"
    assert lines.of("a", "row", 1) == ", line 5"
    assert lines.of("none") == ""
    inline = Lines('row = [{a = 1}]\nx = """\n[[row]]\n[[row]]\n"""', {"row": [{"a": 1}]})
    assert inline.of("a", "row", 0) == ""


def test_what_cannot_be_imposed_is_told_by_the_check_by_its_line_and_not_only_by_calibrate(folder):
    """A collapse without a truce, and a mediator that returns without having left."""
    path = folder / "calibration/evidence/events.csv"
    text = path.read_text(encoding="utf-8")
    place = "002_4a1b6ee6f7358616,9,2025-05-19,2025-05-19,,,us"
    rows = f"{place},truce_collapses,the truce is over,\n{place},mediator_returns,it is back,\n"
    path.write_text(text + rows, encoding="utf-8")
    last = text.count("\n")
    told = truce("--data", folder, "evidence", "check")
    assert (told.returncode, told.stdout) == (2, "")
    first, second = told.stderr.splitlines()
    assert f"events.csv, line {last + 1}: " in first
    assert "ends a full truce that was not in force" in first
    assert f"events.csv, line {last + 2}: " in second
    assert "returns, but had not left" in second
    made = truce("--data", folder, "calibrate", "--particles", 8192)
    assert made.returncode == 2
    assert "ends a full truce that was not in force" in made.stderr
