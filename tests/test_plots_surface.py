"""The figure of a sweep: says the finding, marks best and today, shows intervals, fits the page."""

from __future__ import annotations

import dataclasses
import struct

import numpy as np
import pytest
from helpers.figures import words_of
from matplotlib.backends.backend_agg import FigureCanvasAgg

import sim
from sim.cli.sweep import print_report
from sim.experiments.sweep import inert_levers as probe
from sim.plots import panels
from sim.plots.style import HEIGHT, WIDTH
from sim.plots.surface import caption, finding

NUMBERS = {"offer.territory": (0.5, 1.0, 3), "sanctions.us_threat": (0.0, 1.0, 3)}
THREE = {**NUMBERS, "guarantee.us_backstop": (0.0, 1.0, 3)}
DRAWN = {lever: ends[:2] for lever, ends in THREE.items()}
SHAPES = {
    "one": ({"offer.territory": (0.5, 1.0, 6)}, {}),
    "one choice": ({"offer.recognition": ["deferred", 0.5, 1.0]}, {}),
    "two": (NUMBERS, {}),
    "two choices": ({"concede.recognition": [False, True], "offer.nato": ["deferred", 1.0]}, {}),
    "three": (THREE, {}),
    "four": ({**THREE, "concede.nato": [False, True]}, {}),
    "drawn": (DRAWN, {"design": "sobol", "points": 16}),
}


@pytest.fixture(scope="module")
def studies():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probe, "look", lambda *_, **__: [])
        return {
            name: sim.sweep("april-package", vary, worlds=260, **more)
            for name, (vary, more) in SHAPES.items()
        }


def marks(figure, name):
    return figure.findobj(lambda artist: str(artist.get_gid()).startswith(f"{name}.mark"))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_fits_the_page_and_says_its_finding(studies, shape):
    figure = sim.plots.surface(studies[shape])
    words = words_of(figure)
    for text, box in words:
        assert box.x0 >= 0, text
        assert box.x1 <= WIDTH, text
        assert box.y0 >= 0, text
        assert box.y1 <= HEIGHT, text
    titles = figure.findobj(lambda artist: artist.get_gid() == "title")
    said = f"April package: {finding(studies[shape])}"
    assert " ".join(title.get_text() for title in titles) == said
    assert len(titles) <= 2
    for name in ("best.mc", "today.mc", "worst.mc", "best.members"):
        assert figure.findobj(lambda artist, name=name: artist.get_gid() == name), name


@pytest.mark.parametrize("shape", ["one", "two", "three"])
def test_best_and_today_are_marked_where_they_lie(studies, shape):
    study = studies[shape]
    figure = sim.plots.surface(study)
    for name in ("best", "today"):
        (mark,) = marks(figure, name)
        levers = list(study.summary[name]["levers"].values())
        assert mark.get_xdata()[0] == levers[0]
        if shape != "one":
            assert mark.get_ydata()[0] == levers[1]
    if shape == "three":
        panel = marks(figure, "best")[0].axes.get_title(loc="left")
        assert (
            panel == f"us_backstop = {study.summary['best']['levers']['guarantee.us_backstop']:g}"
        )


def test_lines_show_the_odds_and_both_intervals(studies):
    figure = sim.plots.surface(studies["one"])
    table = studies["one"].table()
    (line,) = figure.findobj(lambda artist: artist.get_gid() == "held.line")
    assert np.array_equal(line.get_ydata(), table["held"])
    (band,) = figure.findobj(lambda artist: artist.get_gid() == "held.band")
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == table["held_low"].min()
    assert heights.max() == table["held_high"].max()
    assert figure.findobj(lambda artist: artist.get_gid() == "held_members.band")


def test_the_heat_map_shows_each_point_at_its_place(studies):
    figure = sim.plots.surface(studies["two"])
    (mesh,) = figure.findobj(lambda artist: artist.get_gid() == "heat")
    table = studies["two"].table()
    told = table.pivot(index="sanctions.us_threat", columns="offer.territory", values="held")
    assert np.array_equal(mesh.get_array().reshape(3, 3), told.to_numpy())


def test_the_finding_claims_no_gain_that_dice_could_make(studies):
    study = studies["one"]
    told = study.summary
    gain = {"mean": 0.01, "mc": [-0.01, 0.03]}
    unsure = {**told, "best": {**told["best"], "gain": gain}}
    assert "no point does clearly better" in finding(type(study)(
        study.folder, unsure, study.scenario, study.design))  # fmt: skip
    for split, end in (
        (False, "(gain 2 to 8 points)"),
        (True, "a gain on average, members disagree"),
    ):
        gain = {"mean": 0.05, "mc": [0.02, 0.08], "split": split}
        sure = {**told, "best": {**told["best"], "gain": gain}}
        said = finding(type(study)(study.folder, sure, study.scenario, study.design))
        assert said.endswith(end)
        assert ("2 to 8" in said) != split


def test_the_caption_tells_where_the_numbers_come_from(studies):
    told = caption(studies["two"])
    for piece in ("9 points (grid)", "260 worlds", "65 members", "seed 1", "2025-05-20",
                  studies["two"].summary["ensemble"]["id"]):  # fmt: skip
        assert piece in told


def test_a_study_of_a_weak_ensemble_says_so_in_its_figure_and_its_report(studies, capsys):
    weak = {**studies["two"].summary["ensemble"], "doubt": "the ensemble is too weak"}
    told = {**studies["two"].summary, "ensemble": weak}
    study = dataclasses.replace(studies["two"], summary=told)
    assert "the ensemble is too weak" in caption(study)
    print_report(study)
    assert "Beware: the ensemble is too weak.\n" in capsys.readouterr().out


def test_points_that_all_failed_still_give_a_figure(studies, monkeypatch):
    from sim.experiments.sweep import chunk

    def fails(*_):
        raise ZeroDivisionError("made up")

    monkeypatch.setattr(probe, "look", lambda *_, **__: [])
    monkeypatch.setattr(chunk, "agenda_at", fails)
    study = sim.sweep("april-package", NUMBERS, worlds=40)
    figure = sim.plots.surface(study)
    FigureCanvasAgg(figure).draw()
    assert finding(study) == "every point failed"


def test_files_are_a_slide_and_the_same_every_time(studies, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        sim.plots.write_surface(studies["three"], tmp_path / name)
    for name in ("surface.png", "surface.svg"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    head = (tmp_path / "a" / "surface.png").read_bytes()[16:24]
    assert struct.unpack(">II", head) == (WIDTH, HEIGHT)


def test_the_points_that_cannot_be_told_from_the_best_are_dotted(studies):
    study = studies["two"]
    level, held = study.level_of_best(), study.table()["held"]
    low, high = study.summary["best"]["gain"]["mc"]
    best = study.summary["best"]["odds"]["held"]["mean"]
    assert level == pytest.approx(best - (high - low) / 2.0)
    (dots,) = sim.plots.surface(study).findobj(lambda artist: artist.get_gid() == "best.region")
    assert len(dots.get_xdata()) == (held >= level).sum() >= 1
    assert not sim.plots.surface(studies["one"]).findobj(
        lambda artist: artist.get_gid() == "best.region"
    )


def test_of_many_points_some_are_drawn_and_the_means_are_of_all(studies, monkeypatch):
    def drawn():
        axes = sim.plots.surface(studies["drawn"]).axes
        lines = [line for ax in axes for line in ax.get_lines()]
        dots = [line for line in lines if line.get_marker() == "." and line.get_alpha() == 0.5]
        means = [line for line in lines if str(line.get_gid()).endswith(".line")]
        return [len(line.get_xdata()) for line in dots], [tuple(m.get_ydata()) for m in means]

    all_dots, means = drawn()
    monkeypatch.setattr(panels, "_DOTS", 6)
    some_dots, same = drawn()
    assert set(all_dots) == {16}
    assert set(some_dots) == {6}
    assert same == means
