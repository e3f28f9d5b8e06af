"""The live page: its odds are those of the commands, and nobody else gets any."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import Future

import numpy as np
import pytest
from helpers.live import Page

import sim
from sim.diary.typical import typical_world
from sim.live.answer import typical
from sim.live.pool import Job, Pool, StaleError
from sim.live.serve import listening, served
from sim.live.worlds import MOST, QUICK, Worlds

MOVED = {"aid.level": 0.4, "offer.territory": 0.7}


@pytest.fixture(scope="module")
def page():
    listener = listening(0)
    with served(sim.load_scenario("baseline"), listener, seed=3):
        yield Page(listener.getsockname()[1])


@pytest.fixture(scope="module")
def moved_run():
    scenario = sim.load_scenario("baseline").with_levers(MOVED)
    return sim.compare(["baseline", scenario], worlds=QUICK, seed=3)


def plain(document):
    """As JSON has it: no tuples."""
    return json.loads(json.dumps(document))


# ------------------------------------------------------------------ numbers


def check_equal(answer, run):
    assert answer["odds"] == plain({name: odds.as_dict() for name, odds in run.odds.items()})
    assert answer["agreed"] == plain(run.agreed.as_dict())
    assert answer["worth"] == plain({side: one.as_dict() for side, one in run.worth.items()})
    assert answer["days_to_truce"] == run.days_to_truce()
    assert answer["blockers"] == run.blockers()
    assert answer["worlds"] == run.tally.worlds


def check_difference(found, comparison):
    for name in ("held", "agreed"):
        assert found[name] == plain(comparison.differences[name][0].as_dict())
    for side, (one,) in comparison.worth.items():
        assert found["worth"][side] == plain(one.as_dict())


def test_odds_and_differences_are_those_of_the_commands(page, moved_run):
    answer = page.odds(MOVED).json
    check_equal(answer, moved_run.results[1])
    check_difference(answer["difference"], moved_run)
    assert answer["turn"] == 1
    assert answer["levers"] == MOVED
    as_it_stands = page.odds({}, turn=2).json
    check_equal(as_it_stands, moved_run.results[0])
    assert as_it_stands["difference"] is None


def test_the_answer_that_stays_and_the_comparison_are_those_of_the_commands(page):
    scenario = sim.load_scenario("baseline").with_levers(MOVED)
    other = scenario.with_levers({"monitoring.strength": 1.0})
    comparison = sim.compare(["baseline", scenario], worlds=MOST, seed=3)
    base = page.get("/api/start").json["base"]
    check_equal(base, comparison.results[0])
    assert {**page.odds({}, turn=2, worlds=MOST).json, "turn": 0} == base
    answer = page.odds(MOVED, turn=3, worlds=MOST).json
    check_equal(answer, comparison.results[1])
    check_difference(answer["difference"], comparison)
    pair = page.post("compare", {"a": MOVED, "b": {**MOVED, "monitoring.strength": 1}}).json
    assert pair["a"] == {name: one for name, one in answer.items() if name != "turn"}
    check_difference(pair["difference"], sim.compare([scenario, other], worlds=MOST, seed=3))
    assert pair["b"]["levers"] == {**MOVED, "monitoring.strength": 1.0}


def test_the_command_of_an_answer_asks_for_the_same(page):
    answer = page.odds(MOVED, turn=4).json
    name = "baseline+aid.level=0.4+offer.territory=0.7"
    as_of = sim.load_scenario("baseline").as_of
    assert answer["command"] == f"truce run {name} --as-of {as_of} --worlds 4096 --seed 3"
    assert sim.load_scenario(name).levers == sim.load_scenario("baseline").with_levers(MOVED).levers


def test_a_lever_at_its_own_value_moves_nothing(page):
    stands = sim.load_scenario("baseline").levers
    answer = page.odds({"aid.level": stands["aid.level"]}, turn=5).json
    assert (answer["levers"], answer["difference"]) == ({}, None)


def test_the_page_is_told_all_levers_and_which_move_the_odds(page):
    start = page.get("/api/start").json
    levers = {one["lever"]: one for one in start["levers"]}
    stands = sim.load_scenario("baseline").levers
    assert {name: one["value"] for name, one in levers.items()} == stands
    territory = levers["offer.territory"]
    assert territory["deferrable"]
    assert (territory["low"], territory["high"], territory["start"]) == (0, 1, 0.5)
    assert levers["sanctions.us_follow_through"]["choices"] == ["drawn", "kept", "broken"]
    assert levers["concede.nato"]["kind"] == "flag"
    assert levers["sanctions.deadline_days"]["step"] == 1
    assert len(set(start["first"])) == 8
    assert set(start["first"]) <= set(levers)
    assert "aid.level" in start["first"]
    assert start["sides"] == {"russia": "Russia", "ukraine": "Ukraine"}
    assert (start["quick"], start["most"], start["seed"]) == (QUICK, MOST, 3)
    assert set(start["outcomes"]) == {*start["base"]["odds"], "agreed"}


def test_one_world_is_told_as_its_diary_tells_it(page):
    from sim.diary import tell
    from sim.inputs.ensemble import load_ensemble

    answer = page.odds(MOVED, turn=6).json
    scenario = sim.load_scenario("baseline").with_levers(MOVED)
    results = sim.run(scenario, worlds=QUICK, seed=3)
    commonest = max(answer["odds"], key=lambda name: answer["odds"][name]["mean"])
    assert answer["typical"] == typical_world(results, commonest) == typical(results)
    told = page.post("world", {"levers": MOVED, "world": answer["typical"]}).json
    diary = tell(scenario, load_ensemble(scenario.as_of), 3, answer["typical"])
    assert told["outcome"] == diary.outcome == commonest
    assert [event["text"] for event in told["events"]] == [one.text for one in diary.entries]
    assert len(told["days"]) == diary.days
    assert set(told["days"]) <= {"war", "pause", "partial", "truce"}
    held = int(results.worlds.query("outcome == 'held'").world.iloc[0])
    days = page.post("world", {"levers": MOVED, "world": held}).json["days"]
    assert days[-30:] == ["truce"] * 30


# ------------------------------------------------------------------ whose turn it is


def test_a_later_turn_makes_earlier_ones_stale(page):
    early = []
    first = threading.Thread(
        target=lambda: early.append(page.odds({"aid.level": 0.11}, 1, MOST, "hurried"))
    )
    first.start()
    replies = []
    while not replies or replies[-1].status == 409:  # until the first is there
        replies.append(page.odds({"aid.level": 0.12}, 2, QUICK, "hurried"))
    first.join()
    assert replies[-1].status == 200
    assert early[0].status == 409
    assert early[0].json == {"stale": True}
    late = page.odds({"aid.level": 0.13}, 1, QUICK, "hurried")
    assert (late.status, late.json) == (409, {"stale": True})
    assert page.odds({"aid.level": 0.13}, 1, QUICK, "another").status == 200


def test_clients_share_the_threads_part_by_part():
    pool, order, gate = Pool(1), [], threading.Event()
    pool.put(Job("first", 1, [gate.wait], list))
    jobs = [
        Job(client, 1, [lambda n=n, c=client: order.append((c, n)) for n in range(parts)], list)
        for client, parts in (("many", 4), ("few", 2))
    ]
    futures = [pool.put(job) for job in jobs]
    gate.set()
    for future in futures:
        future.result(10)
    assert order == [("many", 0), ("few", 0), ("many", 1), ("few", 1), ("many", 2), ("many", 3)]
    pool.close()


def test_stale_work_is_dropped_between_its_parts():
    pool, ran, gates = Pool(1), [], [threading.Event() for _ in range(3)]
    begun = threading.Event()

    def part(n):
        begun.set()
        gates[n].wait(10)
        ran.append(n)

    old = pool.put(Job("a", 1, [lambda n=n: part(n) for n in range(3)], list))
    assert begun.wait(10)
    new = pool.put(Job("a", 2, [lambda: ran.append("new")], list))
    for gate in gates:
        gate.set()
    new.result(10)
    assert ran == [0, "new"]
    assert isinstance(old.exception(10), StaleError)
    pool.close()
    with pytest.raises(StaleError):
        pool.put(Job("a", 3, [lambda: None], list))


def test_a_part_that_fails_is_told_to_whoever_waits_and_to_nobody_else():
    pool = Pool(1)
    bad = pool.put(Job("a", 1, [lambda: 1 / 0, lambda: 1], list))
    good = pool.put(Job("b", 1, [lambda: 1], sum))
    assert isinstance(bad.exception(10), ZeroDivisionError)
    assert good.result(10) == 1
    pool.close()


def test_what_nobody_waits_for_any_more_is_dropped(page, monkeypatch):
    pool, ran, begun, gate = Pool(1), [], threading.Event(), threading.Event()

    def first():
        begun.set()
        gate.wait(10)

    job = Job("a", 1, [first, lambda: ran.append(1), lambda: ran.append(2)], list)
    future = pool.put(job)
    assert begun.wait(10)
    assert future.cancel()
    gate.set()
    pool.put(Job("b", 1, [lambda: None], list)).result(10)
    assert len(ran) < 2
    pool.close()
    never = Future()
    monkeypatch.setattr("sim.live.engine.Engine.odds", lambda *asked: never)
    with pytest.raises(TimeoutError):
        page.odds({}, patience=0.3)
    until = time.monotonic() + 10
    while not never.cancelled() and time.monotonic() < until:
        time.sleep(0.01)
    assert never.cancelled()


def test_worlds_that_are_kept_are_bounded():
    from sim.live.worlds import KEPT_SLICES

    worlds = Worlds(sim.load_scenario("baseline"), 1)
    worlds.block = lambda moves, number: np.zeros(1)
    seen = [worlds.slice((("aid.level", n / 1000),), 0) for n in range(KEPT_SLICES + 20)]
    assert worlds.kept == KEPT_SLICES
    assert worlds.slice((("aid.level", (KEPT_SLICES + 19) / 1000),), 0) is seen[-1]


# ------------------------------------------------------------------ who may ask


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}", ""])
def test_other_names_of_the_machine_are_refused(page, host):
    for path in ("/", "/api/start", "/assets/live.js"):
        reply = page.get(path, Host=host.format(port=page.port))
        assert reply.status == 403
        assert "not this page" in reply.error
    assert page.get("/", Host=f"LocalHost:{page.port}").status == 200


@pytest.mark.parametrize(
    ("origin", "site", "status"),
    [
        ("http://evil.example", None, 403),
        ("null", None, 403),
        ("http://127.0.0.1:1", None, 403),
        ("https://127.0.0.1:{port}", None, 403),
        ("http://localhost:{port}", None, 403),  # another name than that of the host
        (None, None, 403),
        (None, "cross-site", 403),
        (None, "same-origin", 200),
        ("http://127.0.0.1:{port}", "same-origin", 200),
        ("http://evil.example", "same-origin", 403),
    ],
)
def test_other_pages_may_not_post(page, origin, site, status):
    told = {"Origin": origin and origin.format(port=page.port), "Sec_Fetch_Site": site}
    asked = {"client": "x", "turn": 1, "levers": {}, "worlds": QUICK}
    assert page.post("odds", asked, **told).status == status
    listed = page.get("/api/start", **{"Sec-Fetch-Site": "cross-site"})
    assert listed.status == 403


def test_every_response_says_what_a_browser_may_do(page):
    for reply in (
        page.get("/"),
        page.get("/api/start"),
        page.get("/nowhere"),
        page.get("/", Host="x"),
        page.odds({"x": 1}),
    ):
        policy = reply.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cross-origin-resource-policy"] == "same-origin"
        assert reply.headers["cache-control"] == "no-store"
        assert "server" not in reply.headers
    assert page.get("/nowhere").status == 404
    assert page.get("/assets/../../pyproject.toml").status == 404
    assert page.get("/api/odds").status == 405


# ------------------------------------------------------------------ what may be asked

GOOD = {"client": "c", "turn": 1, "levers": {}, "worlds": QUICK}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"levers": {"aid.level": 3}}, "levers.aid.level: 3 is outside 0..2"),
        ({"levers": {"aid.levl": 1}}, "there is no lever 'aid.levl'. Did you mean aid.level?"),
        ({"levers": {"aid.level": "x"}}, "levers.aid.level: 'x' is no number."),
        ({"levers": {"aid.level": True}}, "levers.aid.level: True is no number."),
        ({"levers": {"aid.level": 9, "concede.nato": 1}}, "2 things are wrong"),
        ({"levers": []}, "levers: [] is no object."),
        ({"worlds": 5000}, "worlds: 5000 is none. Send 4096 or 32768."),
        ({"worlds": True}, "worlds: True is none."),
        ({"worlds": [4096]}, "is none. Send 4096 or 32768."),
        ({"turn": 1.5}, "turn: 1.5 is not a whole number."),
        ({"turn": -1}, "turn: -1 is outside 0"),
        ({"client": "x" * 65}, "is none. Send up to 64"),
        ({"client": "a b"}, "client: 'a b' is none."),
        ({"more": 1}, "Send client, turn, levers, worlds, and nothing else."),
    ],
)
def test_what_cannot_be_asked_is_refused_as_the_command_does(page, changed, told):
    reply = page.post("odds", {**GOOD, **changed})
    assert reply.status == 400
    assert told in reply.error


@pytest.mark.parametrize(
    "body",
    [
        b"", b"nothing", b"[1]", b'{"client": "c"}', b"[" * 50_000, b"\xff\xfe", b"{}{}",
        b'{"client": "c", "client": "d", "turn": 1, "levers": {}, "worlds": 4096}',
        b'{"client": "c", "turn": 1, "levers": {"aid.level": NaN}, "worlds": 4096}',
        b'{"client": "c", "turn": 1, "levers": {"aid.level": 1e999}, "worlds": 4096}',
        b'{"client": "c", "turn": 1, "levers": {"aid.level": 1' + b"0" * 5000 + b'}, "worlds": 1}',
    ],
)  # fmt: skip
def test_what_is_no_such_json_is_refused(page, body):
    assert page.post("odds", body).status == 400


def test_only_json_of_some_size_is_read(page):
    plain_text = page.post("odds", GOOD, Content_Type="text/plain")
    assert plain_text.status == 415
    assert page.post("odds", GOOD, Content_Type=None).status == 415
    large = json.dumps({**GOOD, "client": "c" * 70_000}).encode()
    assert page.post("odds", large).status == 413
    headers = {"Origin": page.origin, "Content-Type": "application/json"}
    chunks = [large[n : n + 10_000] for n in range(0, len(large), 10_000)]
    assert page.send("POST", "/api/odds", chunks, headers).status == 413
    small = json.dumps({**GOOD, "turn": 99}).encode()
    assert page.send("POST", "/api/odds", [small[:9], small[9:]], headers).status == 200


@pytest.mark.parametrize("world", [-1, MOST, 1.5, "1", None])
def test_worlds_that_there_are_not_are_refused(page, world):
    assert page.post("world", {"levers": {}, "world": world}).status == 400
