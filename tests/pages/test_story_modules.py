"""The story's pure functions, run by Node: sums over bars, progress of scrolling, blending of pictures, and every scene's picture."""

import json
from pathlib import Path

import pytest
from scipy.special import rel_entr

from pages.views.start import story_data
from tests.node import run

STORY = (Path(__file__).parents[2] / "pages" / "views" / "start").as_uri()
SCENES = ("surprise", "bill", "formula", "positive", "directions", "impossible", "curves", "twist", "uses")


def value(expression: str, *modules: str):
    """A JavaScript expression's value; it may use what the modules export."""
    imports = "".join(f'import * as {Path(one).stem} from "{STORY}/{one}.js";\n' for one in modules)
    return json.loads(run(f"{imports}console.log(JSON.stringify({expression}));"))


@pytest.mark.parametrize("p, q", [([0.3, 0.25, 0.25, 0.12, 0.08], [0.6, 0.25, 0.1, 0.04, 0.01]), ([0.5, 0.5, 0], [0.2, 0.3, 0.5])])
def test_the_preview_s_sum_is_scipy_s(p, q):
    assert value(f"sums.kl({p}, {q})", "sums") == pytest.approx(rel_entr(p, q).sum(), rel=1e-14)


def test_mass_where_q_has_none_is_infinite_and_no_mass_costs_nothing():
    assert value("String(sums.kl([0.5, 0.5], [1, 0]))", "sums") == "Infinity"
    assert value("sums.term(0, 0)", "sums") == 0


def test_a_moved_bar_leaves_the_rest_in_proportion_and_those_in_place_alone():
    assert value("sums.withShare([0.6, 0.25, 0.1, 0.05], 0, 0.2)", "sums") == pytest.approx([0.2, 0.5, 0.2, 0.1])
    assert value("sums.withShare([0.6, 0.25, 0.1, 0.05], 0, 0.2, [1])", "sums") == pytest.approx(
        [0.2, 0.25, 0.1 / 0.15 * 0.55, 0.05 / 0.15 * 0.55]
    )
    assert value("sums.withShare([0.6, 0.25, 0.15], 0, 0.99, [1])", "sums") == pytest.approx([0.75, 0.25, 0])
    assert sum(value("sums.withShare([1, 0, 0], 0, 0.4)", "sums")) == pytest.approx(1)


def test_a_hundred_dots_stand_for_any_number_of_days():
    assert value("sums.dots([3, 1], 4)", "sums") == [3, 1]
    assert sum(value("sums.dots([3010, 2490, 2500, 1200, 800], 10000)", "sums")) == pytest.approx(100, abs=2)


def test_a_scene_rests_before_and_after_it_changes():
    states = value("[0, 250, 500, 750, 1000, 2600].map((y) => progress.progress([0, 1000, 2000], y))", "progress")
    assert [(one["from"], round(one["t"], 3)) for one in states] == [(0, 0), (0, 0), (0, 0.5), (0, 1), (1, 0), (2, 0)]


def test_keys_walk_the_scenes_and_stop_at_both_ends():
    assert value('["ArrowDown", "PageUp", "Home", "End", "a"].map((key) => progress.afterKey(key, 0, 10))', "progress") == [
        1,
        0,
        0,
        9,
        None,
    ]


def test_blending_moves_what_both_pictures_have_and_fades_the_rest():
    half = value(
        'marks.blend([marks.rect("a", {x: 0, y: 0, w: 10, h: 10}), marks.rect("old", {x: 0, y: 0, w: 1, h: 1})],'
        ' [marks.rect("a", {x: 10, y: 0, w: 30, h: 10}), marks.rect("new", {x: 0, y: 0, w: 1, h: 1})], 0.5)',
        "marks",
    )
    found = {one["key"]: one for one in half}
    assert (found["a"]["x"], found["a"]["w"]) == (5, 20)
    assert found["old<"]["o"] == 0
    assert found["new"]["o"] == 0


def test_numbers_are_written_short_and_zero_has_no_sign():
    assert value("[0.3191, -0.6931, 10.04, Infinity, NaN, -0.0001].map((x) => words.figure(x))", "words") == [
        "0.319",
        "−0.693",
        "10.0",
        "∞",
        "NaN",
        "0",
    ]
    assert value('words.pieces("KL(P‖Q) of POST")', "words") == ["KL(", "P", "‖", "Q", ") of POST"]


def test_a_key_moves_a_slider_within_its_range():
    handle = "{value: 0.5, min: 0, max: 0.55, step: 0.01}"
    keys = '[["ArrowUp", false], ["ArrowUp", true], ["Home", false], ["End", false], ["x", false]]'
    assert value(f"{keys}.map(([key, shift]) => keys.afterKey({handle}, key, shift))", "keys") == [0.51, 0.55, 0, 0.55, None]


@pytest.fixture(scope="module")
def drawn() -> dict:
    """Every scene at three sizes: its marks' keys, numbers that are not finite, what it says and its sliders."""
    imports = "".join(f'import {{ {name} }} from "{STORY}/scenes/{name}.js";\n' for name in SCENES)
    program = f"""{imports}
const data = {json.dumps(story_data())};
const sizes = [[370, 340, true], [880, 720, false], [1400, 900, false]];
const found = {{}};
for (const [name, scene] of Object.entries({{ {", ".join(SCENES)} }})) {{
  const state = scene.start(data);
  found[name] = sizes.map(([w, h, compact]) => {{
    const m = {{ w, h, u: 1, compact, left: 30, right: w - 20 }};
    const marks = scene.draw(state, data, m);
    const endless = (one) => [...Object.values(one), ...(one.points ?? [])].some((v) => typeof v === "number" && !Number.isFinite(v));
    const bad = marks.filter((one) => endless(one) || /NaN|undefined/.test((one.d ?? "") + (one.text ?? "")));
    return {{
      keys: marks.map((one) => one.key), bad: bad.map((one) => one.key), done: scene.done(state), describe: scene.describe(state, data),
      handles: (scene.handles?.(state, data, m) ?? []).map(({{ label, value, min, max }}) => ({{ label, value, min, max }})),
    }};
  }});
}}
console.log(JSON.stringify(found));"""
    return json.loads(run(program))


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_draws_at_every_size(drawn, name):
    for picture in drawn[name]:
        assert not picture["bad"]
        assert len(set(picture["keys"])) == len(picture["keys"]), "a key stands for one mark"
        assert not picture["done"]
        assert len(picture["describe"]) > 60
        assert all(handle["min"] <= handle["value"] <= handle["max"] for handle in picture["handles"])


WALK = """(() => {
  globalThis.window = globalThis;
  const page = { at: 0, asked: [] };
  const to = new walk.Walk({
    distance: (scene) => 100 * scene - page.at,
    scrollBy: (top, smooth) => { page.asked.push([top, smooth]); if (!smooth) page.at += top; },
    arrived: () => { page.told = page.at; },
  });
  %s
  to.end();
  return [page.at, page.told ?? null, to.goal, page.asked];
})()"""


def test_a_walk_keeps_its_goal_until_it_is_there():
    assert value(WALK % "to.to(3, true); page.at = 150; to.check();", "walk") == [150, None, None, [[300, True]]]
    assert value(WALK.replace("to.end();", "") % "to.to(3, true); page.at = 150; to.check(); clearTimeout(to.timer);", "walk")[2] == 3
    assert value(WALK.replace("to.end();", "") % "to.to(3, true); page.at = 299; to.check();", "walk")[2] is None


def test_a_walk_that_the_browser_cut_short_is_finished_at_once():
    assert value(WALK % "to.to(3, true); page.at = 120; to.land();", "walk") == [300, 300, None, [[300, True], [180, False]]]
    assert value(WALK % "to.to(2, false);", "walk") == [200, 200, None, [[200, False]]]
