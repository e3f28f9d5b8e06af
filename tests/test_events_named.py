"""Public events by name."""

import pytest

from sim.engine.domain import Public
from sim.inputs.conflict import shipped
from sim.inputs.events import events_named, name_of, sentence


def test_each_event_is_found_by_its_name_and_no_other():
    for event in Public:
        assert events_named(*name_of(event, shipped()), shipped())[0] == event
    assert len({name_of(event, shipped()) for event in Public}) == len(Public)
    for event in Public:
        if name_of(event, shipped()).actor:
            assert events_named(*name_of(event, shipped()), shipped()) == (event,)


def test_a_kind_of_evidence_means_all_that_it_reports():
    both = events_named("partial_truce_ends", "", shipped())
    assert both == (Public.PARTIAL_ENDS_EARLY, Public.PARTIAL_ENDS_AT_TERM)
    assert events_named("rejects_truce", "", shipped()) == (Public.REJECTS_R, Public.REJECTS_U)


@pytest.mark.parametrize(
    ("event", "actor", "said"),
    [
        ("rejects_truces", "", "Did you mean rejects_truce"),
        ("rejects_truce", "rusia", "Did you mean russia"),
        ("mediator_leaves", "russia", "only by us"),
        ("both_refuse", "russia", "leave actor out"),
    ],
)
def test_what_is_no_event_is_refused_with_what_there_is(event, actor, said):
    with pytest.raises(ValueError, match=said):
        events_named(event, actor, shipped())


def test_an_event_in_words_has_names():
    assert sentence(Public.REJECTS_R, shipped()).startswith("Russia rejects")
