"""The ledger: a chain that shows every alteration, questions, sealing, resolving, scoring."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import numpy as np
import pytest
from helpers.command import truce

import sim
from sim.errors import LedgerError, LedgerProblemsError, SimError, StoreError
from sim.inputs.conflict import shipped
from sim.ledger.ask import entries, ledgers, resolve, score, verify
from sim.ledger.book import read_ledger
from sim.ledger.chain import append, read_chain
from sim.ledger.chances import odds_of, worlds_in_which
from sim.ledger.question import Asked, event_of, question_from, read_question
from sim.ledger.sealing import seal, seal_watch

AT = dt.datetime(2025, 5, 25, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=3)))
QUESTION = {
    "text": "Does a full truce take effect by 1 July?",
    "resolves": dt.date(2025, 7, 1),
    "rule": "Yes if two agencies report it",
    "source": "agency reports",
    "event": "first_truce_day",
}


@pytest.fixture(scope="module")
def results():
    return sim.run("baseline", worlds=4096, seed=3)


@pytest.fixture(scope="module")
def sealed(results, tmp_path_factory):
    """A ledger of three forecasts, two of them resolved."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    for event, others in (("first_truce_day", {}), ("day_mediator_leaves", {"crowd": 0.3}),
                          ("not day_pause_r", {})):  # fmt: skip
        seal(results, {**QUESTION, "event": event}, path, others=others, at=AT)
    first, second, _ = entries(path)
    later = AT + dt.timedelta(days=60)
    resolve(first.id, "no", "Agencies: none", path, at=later)
    resolve(second.id[:5], "yes", "Agencies: it left", path, at=later)
    return path


# ------------------------------------------------------------------ the chain


def test_a_flipped_bit_anywhere_is_found_at_its_line(sealed):
    whole = sealed.read_bytes()
    read_chain(whole, "it")
    line = 1
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << (place % 8)
        with pytest.raises(LedgerError) as found:
            read_chain(bytes(flipped), "it")
        told = int(found.value.where.rpartition(" ")[2])
        assert told == line or (whole[place : place + 1] == b"\n" and told in (line, line + 1))
        line += whole[place : place + 1] == b"\n"


@pytest.mark.parametrize("change", ["removed", "moved", "doubled", "added"])
def test_lines_removed_moved_doubled_or_added_are_found(sealed, change):
    lines = sealed.read_bytes().splitlines(keepends=True)
    changed = {
        "removed": [*lines[:1], *lines[2:]],
        "moved": [lines[1], lines[0], *lines[2:]],
        "doubled": [*lines, lines[-1]],
        "added": [*lines, b"{}\n"],
    }[change]
    with pytest.raises(LedgerError, match="line"):
        read_chain(b"".join(changed), "it")


def test_ends_of_lines_that_were_changed_are_named(sealed):
    with pytest.raises(LedgerError, match="Windows"):
        read_chain(sealed.read_bytes().replace(b"\n", b"\r\n"), "it")


def test_lines_cut_off_at_the_end_only_a_hash_kept_elsewhere_shows(sealed, tmp_path):
    (whole,) = verify(sealed)
    assert (whole.lines, len(whole.forecasts)) == (5, 3)
    assert verify(sealed, head=whole.head)[0].head == whole.head
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(sealed.read_bytes().splitlines(keepends=True)[:4]))
    (earlier,) = verify(cut)
    assert verify(sealed, head=earlier.head[:12])  # it still holds what was there then
    with pytest.raises(LedgerError, match="cut off"):
        verify(cut, head=whole.head)
    with pytest.raises(LedgerError, match="too short"):
        verify(sealed, head="ab")


def test_nothing_is_added_to_a_damaged_ledger(sealed, results, tmp_path):
    path = tmp_path / "ledger.jsonl"
    damaged = sealed.read_bytes().replace(b"agency", b"Agency", 1)
    path.write_bytes(damaged)
    for act in (
        lambda: seal(results, QUESTION, path, at=AT),
        lambda: resolve("0", "yes", "x", path),
        lambda: score(path),
        lambda: verify(path),
    ):
        with pytest.raises(LedgerError, match="line 1: does not have the hash"):
            act()
    assert path.read_bytes() == damaged
    assert [one.name for one in tmp_path.iterdir()] == ["ledger.jsonl"]


ADDING = """
import sys
from pathlib import Path
from sim.ledger.chain import append
path, start, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for n in range(start, start + count):
    append(path, lambda there: [{"kind": "x", "n": n, "filling": "x" * 20000}] * 2)
"""


DYING = """
import os, shutil, sys
from pathlib import Path
from sim.ledger.chain import append
path, left = Path(sys.argv[1]), int(sys.argv[2])
def dying(do, half):
    def instead(self, *given, **more):
        global left
        left -= 1
        if left == 0:
            if half:
                with open(self, "wb") as file:
                    file.write(given[0][: len(given[0]) // 2])
            os.kill(os.getpid(), 9)
        return do(self, *given, **more)
    return instead
for name in ("write_bytes", "replace", "mkdir", "rmdir", "unlink"):
    setattr(Path, name, dying(getattr(Path, name), name == "write_bytes"))
shutil.rmtree = dying(shutil.rmtree, False)
append(path, lambda there: [{"kind": "x", "n": len(there)}] * 2)
"""


def test_a_writer_killed_at_any_moment_leaves_all_of_its_lines_or_none(tmp_path):
    """It dies at its first step that changes the folder, then at its second, and so on."""
    path = tmp_path / "ledger.jsonl"
    append(path, lambda there: [{"kind": "x"}])
    seen = []
    for step in range(1, 20):
        before = path.read_bytes()
        done = subprocess.run([sys.executable, "-c", DYING, path, str(step)], check=False)
        lines, _ = read_chain(path.read_bytes(), "it")
        assert path.read_bytes() == before or len(lines) == 2 + len(before.splitlines())
        seen.append((done.returncode, path.read_bytes() == before))
        if done.returncode == 0:
            break
    assert seen[-1] == (0, False)
    assert {(-9, True), (-9, False)} <= set(seen)  # it died before its lines were there, and after
    append(path, lambda there: [{"kind": "x"}])  # what was left behind keeps nobody out
    assert {one.name for one in tmp_path.iterdir()} == {"ledger.jsonl"}


def test_two_writers_lose_nothing(tmp_path):
    path = tmp_path / "ledger.jsonl"
    both = [
        subprocess.Popen([sys.executable, "-c", ADDING, path, str(1000 * n), "15"])
        for n in range(2)
    ]
    assert [one.wait() for one in both] == [0, 0]
    lines, _ = read_chain(path.read_bytes(), "it")
    assert sorted(line["n"] for line in lines) == sorted([*range(15), *range(1000, 1015)] * 2)


def test_a_ledger_that_cannot_be_written_is_refused(results, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        seal(results, QUESTION, tmp_path / "file" / "ledger.jsonl", at=AT)


# ------------------------------------------------------------------ questions


@pytest.mark.parametrize("event", ["held", "collapsed", "no_truce", "agreed"])
def test_odds_of_an_outcome_are_those_of_the_run(results, event):
    asked = event_of(event, "", results.scenario)
    found = odds_of(results, asked, dt.date(2025, 10, 1))
    run = results.agreed if event == "agreed" else results.odds[event]
    assert found.mean == pytest.approx(run.mean, abs=1e-15)
    assert found.mc == pytest.approx(run.mc, abs=1e-12)
    assert found.ensemble == pytest.approx(run.ensemble, abs=1e-12)


def test_an_event_counts_up_to_and_on_its_deadline(results):
    days = results.column("first_truce_day")
    asked = event_of("first_truce_day", "", results.scenario)
    last = int(np.nanmedian(days))
    for ahead in (last - 1, last):
        by = results.scenario.as_of + dt.timedelta(days=ahead)
        assert (worlds_in_which(results, asked, by) == (days <= ahead)).all()
    same = event_of("truce_starts", "", results.scenario)
    assert (worlds_in_which(results, same, by) == worlds_in_which(results, asked, by)).all()


def test_what_must_not_happen_is_the_rest(results):
    by = dt.date(2025, 7, 1)
    yes, no = (
        odds_of(results, event_of(name, "", results.scenario), by)
        for name in ("day_pause_r", "not day_pause_r")
    )
    assert yes.mean + no.mean == pytest.approx(1.0, abs=1e-12)
    assert no.ensemble == pytest.approx([1.0 - end for end in yes.ensemble[::-1]], abs=1e-9)


def test_an_event_by_its_name_is_that_of_its_actor(results):
    scenario = results.scenario
    side, other = scenario.conflict.side_ids
    by = dt.date(2025, 7, 1)
    named = event_of("rejects_truce", side, scenario)
    assert named.columns == ("day_rejects_r",)
    both = worlds_in_which(results, event_of("rejects_truce", "", scenario), by)
    each = [worlds_in_which(results, event_of("rejects_truce", a, scenario), by)
            for a in (side, other)]  # fmt: skip
    assert (both == each[0] | each[1]).all()


BAD = """
text = " "
resolves = 2025-04-01
event = "first_truce_dya"
ruel = "x"
[others]
model = 0.2
"""


def test_all_that_is_wrong_with_a_question_is_told_at_once(results, tmp_path):
    path = tmp_path / "question.toml"
    path.write_text(BAD, encoding="utf-8")
    with pytest.raises(LedgerProblemsError) as found:
        read_question(path, Asked(results.scenario, AT.date()))
    told = "\n".join(found.value.lines)
    for words in ("text, line 2", "rule: field required", "source: field required",
                  "ruel, line 5", "Did you mean rule?", "others: model is a forecaster",
                  "no column of a run answers 'first_truce_dya'. Did you mean first_truce_day?",
                  "the deadline, 2025-04-01, is over", "is not after the as-of day"):  # fmt: skip
        assert words in told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rule": ""}, "rule"),
        ({"source": None}, "source"),
        ({"resolves": None}, "resolves"),
        ({"resolves": "soon"}, "resolves"),
        ({"resolves": dt.date(2025, 12, 1)}, "looks 120 days ahead"),
        ({"event": "held"}, "settled between 2025-09-17 and 2025-10-17"),
        ({"event": "truce_starts", "actor": "nobody"}, "nobody"),
        ({"event": "held", "resolves": dt.date(2025, 9, 17), "actor": "us"}, "of no actor"),
        ({"others": {"crowd": 1.5}}, "outside 0..1"),
        ({"others": {"the crowd": 0.5}}, "no name"),
        ({"base_rate": -0.1}, "base_rate"),
    ],
)
def test_a_question_that_cannot_be_answered_or_settled_is_refused(results, change, said):
    table = {key: value for key, value in {**QUESTION, **change}.items() if value is not None}
    with pytest.raises(LedgerError, match=said):
        question_from(table, Asked(results.scenario))


# ------------------------------------------------------------------ sealing and resolving


def test_a_seal_says_what_it_rests_on(sealed, results):
    first = entries(sealed)[0]
    line = first.document
    assert line["at"] == "2025-05-25T12:00:00+03:00"
    assert first.odds.mean == pytest.approx(np.mean(results.column("first_truce_day") <= 42))
    assert line["run"]["id"] == results.run_id
    assert line["version"] == sim.__version__
    assert line["ensemble"]["id"] == results.ensemble_id
    assert line["hashes"]["model"] == results.source
    assert len(line["hashes"]["evidence_files"]) == 64
    assert line["evidence_differs"] in (True, False, None)
    assert 0.0 < first.others["base_rate"] < 1.0
    assert 0.0 < first.others["prior"] < 1.0
    assert first.page == "sealed"


def test_after_the_deadline_nothing_is_sealed_but_as_a_hindcast(results, tmp_path):
    path = tmp_path / "ledger.jsonl"
    late = dt.datetime(2025, 7, 2, tzinfo=dt.UTC)
    with pytest.raises(LedgerError, match=r"is over: it is 2025-07-02.*--hindcast"):
        seal(results, QUESTION, path, at=late)
    assert not path.exists()
    assert seal(results, QUESTION, path, hindcast=True, at=late).page == "hindcast"
    with pytest.raises(LedgerError, match="no offset"):
        seal(results, QUESTION, path, at=dt.datetime(2025, 5, 25))
    with pytest.raises(LedgerError, match="this very forecast"):
        seal(results, QUESTION, path, hindcast=True, at=late)


def test_a_question_is_resolved_once_with_evidence(sealed):
    one, two, three = entries(sealed)
    assert [(x.state, x.came) for x in (one, two, three)] == [
        ("no", False), ("yes", True), ("open", None)
    ]  # fmt: skip
    before = sealed.read_bytes()
    for words, said in (
        ((one.id, "yes", "x"), "was resolved no"),
        (("zz", "yes", "x"), "holds no forecast 'zz'; the newest ids"),
        (("", "yes", "x"), "holds no forecast"),
        ((three.id, "maybe", "x"), "Give yes, no or void"),
        ((three.id, "yes", " "), "is empty"),
    ):
        with pytest.raises(LedgerError, match=said):
            resolve(*words, sealed)
    with pytest.raises(LedgerError, match="still to come"):
        resolve(three.id, "yes", "x", sealed, known=AT.date() + dt.timedelta(1), at=AT)
    assert sealed.read_bytes() == before


def test_what_was_known_when_it_was_sealed_is_scored_as_a_hindcast(results, tmp_path):
    path = tmp_path / "ledger.jsonl"
    one = seal(results, QUESTION, path, at=AT)
    known = AT.date() - dt.timedelta(days=1)
    assert resolve(one.id, "yes", "x", path, known=known, at=AT).page == "hindcast"
    found = score(path)
    assert (found.sealed.n, found.hindcasts.n) == (0, 1)


def test_a_watch_list_is_sealed_whole(tmp_path):
    watch = sim.watch("baseline", worlds=1024)
    path = tmp_path / "ledger.jsonl"
    with pytest.raises(LedgerError, match="--source: is empty"):
        seal_watch(watch, "as reported", "", path, at=AT)
    with pytest.raises(SimError, match="is over"):
        seal_watch(watch, "x", "x", path, at=AT + dt.timedelta(days=365))
    assert not path.exists()
    found = seal_watch(watch, "as reported", "agencies", path, at=AT)
    chances = {event.words: event.chance.mean for event in watch.events}
    assert len(found) == sum(0.0 < chance < 1.0 for chance in chances.values())
    for one in found:
        assert one.odds.mean == chances[one.text.partition(": ")[2].rstrip("?")]
        assert one.resolves == watch.last_day


# ------------------------------------------------------------------ the score


def test_the_score_sets_each_beside_the_model_on_the_same_questions(sealed):
    found = score(sealed)
    page = found.sealed
    assert (page.n, page.void, page.open, page.yes) == (2, 0, 1, 1)
    first, second, _ = entries(sealed)
    squares = [first.odds.mean**2, (1.0 - second.odds.mean) ** 2]
    document = found.as_dict()
    assert document["brier"]["model"] == pytest.approx(np.mean(squares))
    assert document["brier"]["crowd"] == pytest.approx(0.49)
    assert document["against"]["crowd"] == {
        "n": 1, "model": pytest.approx(squares[1]), "mean": pytest.approx(0.49 - squares[1]),
        "interval": None, "verdict": "too few to tell",
    }  # fmt: skip
    parts = document["murphy"]
    total = parts["reliability"] - parts["resolution"] + parts["uncertainty"]
    assert total == pytest.approx(document["brier"]["model"], abs=1e-12)
    assert set(document) >= {"schema", "n", "void", "brier", "murphy", "power", "hindcasts"}
    assert "ahead" not in {page.verdict(name) for name in ("base_rate", "prior", "frequency")}


def test_a_void_is_counted_and_not_scored(sealed, tmp_path):
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(sealed.read_bytes())
    before = score(path).sealed
    resolve(entries(path)[2].id, "void", "The source stopped", path)
    after = score(path).sealed
    assert (after.n, after.void, after.open) == (before.n, 1, 0)
    assert after.as_dict()["brier"] == before.as_dict()["brier"]


def test_a_score_is_kept_and_opened(sealed, tmp_path):
    found = score(sealed)
    found.save(tmp_path)
    again = sim.ledger.Score.open(tmp_path)
    assert again.as_dict() == found.as_dict()
    assert again.table().equals(found.table())
    assert "2 settled" in repr(found)


# ------------------------------------------------------------------ the command


def test_the_command_seals_resolves_scores_and_verifies(tmp_path):
    def ran(*words, code=0):
        done = truce("ledger", *words, cwd=tmp_path)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    assert truce("run", "baseline", "--worlds", 400, cwd=tmp_path).returncode == 0
    (tmp_path / "q.toml").write_text(
        'text = "Truce\\u001b[2Jby July?"\nresolves = 2025-07-01\nrule = "r"\nsource = "s"\n'
        'event = "truce_starts"\n[others]\ncrowd = 0.2\n',
        encoding="utf-8",
    )
    told = ran("seal", "last", "--question", "q.toml", code=2)
    assert "is over" in told
    assert not (tmp_path / "outputs" / "ledger.jsonl").exists()
    seal_it = ("seal", "last", "--question", "q.toml", "--hindcast")
    document = json.loads(ran(*seal_it, "--other", "me=0.1", "--json"))
    (one,) = document["sealed"]
    assert (one["others"]["crowd"], one["others"]["me"]) == (0.2, 0.1)
    own = tmp_path / "outputs" / "ledger.jsonl"
    assert read_ledger(own).head == document["head"]
    told = ran("resolve", one["id"], "no", "--evidence", "none came")
    assert "\x1b" not in told
    assert "signed commit" in told
    assert "\x1b" not in ran("list")
    assert "was resolved no" in ran("resolve", one["id"], "yes", "--evidence", "x", code=2)
    assert "too few to claim skill" in ran("score", "--out", "there")
    assert {p.name for p in (tmp_path / "there").iterdir()} == {
        "score.json", "scores.png", "scores.svg"
    }  # fmt: skip
    assert "every one as it was written" in ran("verify", "--head", document["head"])
    own.write_bytes(own.read_bytes().replace(b"none came", b"none cane"))
    assert "line 2: does not have the hash" in ran("verify", code=2)
    assert "there is no such ledger" in ran("score", "--file", "nowhere.jsonl", code=2)
    for words, said in (
        (("seal", "last"), "--question: is missing"),
        (("seal", "last", "--question", "q.toml", "--other", "me"), "is no odds"),
        (("seal", "nothing", "--question", "q.toml"), "no such folder"),
        (("seal", "last", "--question", "q.toml", "--file", "."), "no name of a file"),
        (("seal", "last", "--question", "q.toml", "--rule", "x"), "of a watch list"),
    ):
        assert said in ran(*words, code=2)


# ------------------------------------------------------------------ the page that ships


def test_the_page_that_ships_is_whole_marked_and_apart():
    page = ledgers(conflict=shipped())[-1]
    assert page.path == shipped().calibration / "ledger.jsonl"
    assert {one.page for one in page.forecasts} == {"hindcast"}
    assert all(one.resolution for one in page.forecasts)
    assert {one.state for one in page.forecasts} == {"yes", "no", "void"}
    assert all(one.odds.ensemble for one in page.forecasts)
    through = shipped().through
    assert all(one.as_of < one.resolves <= through for one in page.forecasts)
