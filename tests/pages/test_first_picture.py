"""The picture in a page's HTML: which addresses have one, what they cost, and what stands above it."""

import asyncio

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.GapSize_pb2 import GapSize
from streamlit.proto.Markdown_pb2 import Markdown

from pages.frame.first import html
from pages.frame.first.pictures import BURST, Pictures, picture_in
from pages.frame.first.skeleton import FOR_WIDE_SCREENS
from pages.frame.first.words import _struts
from pages.shared.gate import GATE
from pages.shared.scripts import LIVE, TEACH
from tools.formula_rooms import formulas


def element(*path: int) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    return message


def component(*path: int, name: str = "kl_live", data: str = '{"view": [0, 1]}') -> ForwardMsg:
    message = element(*path)
    picture = message.delta.new_element.bidi_component
    picture.id, picture.component_name, picture.json, picture.isolate_styles = f"$$ID-0123-{name}_key", name, data, True
    picture.js_content = LIVE.loader
    return message


def words(*path: int, body: str, kind: Markdown.Type.ValueType = Markdown.NATIVE) -> ForwardMsg:
    message = element(*path)
    message.delta.new_element.markdown.body, message.delta.new_element.markdown.element_type = body, kind
    return message


def ended(outcome: ForwardMsg.ScriptFinishedStatus.ValueType = ForwardMsg.FINISHED_SUCCESSFULLY) -> ForwardMsg:
    message = ForwardMsg()
    message.script_finished = outcome
    return message


def written(query: str) -> ForwardMsg:
    message = ForwardMsg()
    message.page_info_changed.query_string = query
    return message


SHOWN = [words(0, 0, body="See **this**."), component(0, 1), ended()]


def test_the_picture_is_the_first_component_with_all_that_its_module_needs():
    picture = picture_in([component(0, 0, name="kl_teach"), component(0, 2, data="{}"), *SHOWN])
    assert picture.key == "kl_live_key" and picture.data == '{"view": [0, 1]}' and picture.script == LIVE.bundled
    assert "See <strong>this</strong>." in picture.skeleton and 'id="picture"' in picture.skeleton


def test_a_component_that_would_not_take_its_picture_over_has_none():
    component_of_its_own = component(0, 0)
    component_of_its_own.delta.new_element.bidi_component.js_content = TEACH.loader
    assert picture_in([component_of_its_own, ended()]) is None


def icon(*path: int) -> ForwardMsg:
    return words(*path, body=":material/info: Part of this link cannot be shown.")


def alert(*path: int) -> ForwardMsg:
    message = element(*path)
    message.delta.new_element.alert.body = "This page failed."
    return message


def growing(*path: int) -> ForwardMsg:
    """As high as the words in it."""
    message = element(*path)
    message.delta.new_element.text_area.value = "0.3, 0.7"
    return message


def test_a_button_that_opens_more_words_above_the_picture_has_its_place():
    popover = element(0, 0)
    popover.delta.add_block.popover.label, popover.delta.add_block.popover.id = "Explain", "$$ID-0123-page_symbols"
    skeleton = picture_in([popover, words(0, 0, 0, body="nowhere yet"), component(0, 1), ended()]).skeleton
    assert "st-key-page_symbols" in skeleton and "Explain" in skeleton and "nowhere yet" not in skeleton


def test_below_what_is_not_known_nothing_is_written_and_the_words_above_it_are_there():
    shown = picture_in([words(0, 0, body="See this."), growing(0, 1), component(0, 2), ended()])
    assert "See this." in shown.skeleton and 'id="picture"' not in shown.skeleton and not shown.script
    assert "kl-first-scene" not in html.body(shown) and LIVE.bundled not in html.hints(shown)


@pytest.mark.parametrize("above", [icon, alert, growing])
def test_a_page_with_anything_else_above_its_picture_has_none(above):
    assert picture_in([above(0, 0), component(0, 1), ended()]) is None


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [ended()],
        [alert(0, 0), ended()],
        [component(0, 0), ended(ForwardMsg.FINISHED_WITH_COMPILE_ERROR)],
        [component(0, 0), written("p_loc=1"), ended()],
    ],
)
def test_a_run_without_a_picture_or_with_another_link_than_was_asked_gives_none(messages):
    assert picture_in(messages, "p_loc=oops") is None


def test_a_link_from_which_defaults_are_taken_has_its_picture():
    assert picture_in([component(0, 0), written("p=Cauchy"), ended()], "p=Cauchy&p_loc=0") is not None


def test_what_stands_below_a_picture_does_not_matter():
    assert picture_in([component(0, 0), alert(0, 1), ended()]) is not None


def test_columns_keep_their_share_of_the_width():
    row = element(0, 0)
    row.delta.add_block.flex_container.direction = 2  # horizontal
    row.delta.add_block.flex_container.gap_config.gap_size = GapSize.LARGE
    columns = []
    for i, weight in enumerate((0.75, 0.25)):
        column = element(0, 0, i)
        column.delta.add_block.column.weight, column.delta.add_block.column.gap_config.gap_size = weight, GapSize.LARGE
        columns.append(column)
    skeleton = picture_in([row, *columns, component(0, 0, 0, 0), alert(0, 0, 1, 0), ended()]).skeleton
    assert "calc(75.0000% - 4rem)" in skeleton and "calc(25.0000% - 4rem)" in skeleton


def columns(*contents: list) -> list[ForwardMsg]:
    """Columns beside each other. contents: of each, what is in it as functions of its place."""
    row = element(0, 0)
    row.delta.add_block.flex_container.direction = 2  # horizontal
    row.delta.add_block.flex_container.gap_config.gap_size = GapSize.LARGE
    messages = [row]
    for i, content in enumerate(contents):
        column = element(0, 0, i)
        column.delta.add_block.column.weight, column.delta.add_block.column.gap_config.gap_size = 0.5, GapSize.LARGE
        messages += [column, *(made(0, 0, i, j) for j, made in enumerate(content))]
    return [*messages, ended()]


def asked_first(*path: int) -> ForwardMsg:
    message = element(*path)
    message.delta.add_block.flex_container.gap_config.gap_size = GapSize.SMALL
    message.delta.add_block.id = "$$ID-0123-asked_first"
    return message


def test_on_a_phone_a_picture_below_something_of_unknown_height_is_left_to_streamlit():
    assert FOR_WIDE_SCREENS not in picture_in(columns([component], [growing])).skeleton
    assert FOR_WIDE_SCREENS in picture_in(columns([growing], [component])).skeleton
    assert FOR_WIDE_SCREENS in picture_in(columns([component], [asked_first, growing])).skeleton
    assert FOR_WIDE_SCREENS not in picture_in(columns([component], [asked_first])).skeleton


def test_controls_show_what_they_are_set_to():
    def chosen(*path: int) -> ForwardMsg:
        message = element(*path)
        box = message.delta.new_element.selectbox
        box.label, box.default = "Family", 1
        box.options.extend(["Normal", "Laplace"])
        return message

    def slid(*path: int) -> ForwardMsg:
        message = element(*path)
        slider = message.delta.new_element.slider
        slider.label, slider.min, slider.max, slider.format = "α", 0, 2, "%0.2f"
        slider.default.append(0.5)
        return message

    def counted(*path: int) -> ForwardMsg:
        message = element(*path)
        number = message.delta.new_element.number_input
        number.label, number.format, number.default = "Seed", "%d", 7
        return message

    skeleton = picture_in([chosen(0, 0), slid(0, 1), counted(0, 2), component(0, 3), ended()]).skeleton
    assert all(text in skeleton for text in (">Laplace<", ">0.50<", ">7<", "left: 25%")) and "Normal" not in skeleton


@pytest.mark.parametrize(
    ("markdown", "written"),
    [
        ("| a | b |\n|---|---|\n| **1** | `x` |", "<td><strong>1</strong></td><td><code>x</code></td>"),
        (":blue[**RL**] and [Gao](https://arxiv.org)", "<strong>RL</strong></span> and <u>Gao</u>"),
        ("π* is 1, and π* too", "π* is 1, and π* too"),
    ],
)
def test_words_keep_their_emphasis(markdown, written):
    assert written in picture_in([words(0, 0, body=markdown), component(0, 1), ended()]).skeleton


def test_formulas_above_pictures_have_the_room_that_katex_gives_them():
    assert set(formulas()) <= set(_struts()), "Run python -m tools.formula_rooms."


def test_bold_words_may_have_a_formula_in_them():
    skeleton = picture_in([words(0, 0, body=r"**Drag $\pi_\text{ref}$ < 1.**"), component(0, 1), ended()]).skeleton
    before, _, after = skeleton.partition("<strong>Drag ")[2].partition("</strong>")[0].partition('<span class="katex">')
    assert not before and after.endswith("</span> &lt; 1.")


def test_nothing_in_a_scene_can_end_its_script():
    picture = picture_in([component(0, 0, data='{"words": "</script><script>alert(1)</script><!--"}'), ended()])
    scene = html.body(picture).partition('id="kl-first-scene">')[2].partition("</script>")[0]
    assert "<" not in scene and "alert(1)" in scene


class Visits:
    """Stands for the visits to pages, and counts them."""

    def __init__(self, outcome=SHOWN) -> None:
        self.outcome, self.made = outcome, []

    async def __call__(self, page: str, query: str) -> list[ForwardMsg]:
        self.made.append((page, query))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def asked(*addresses: str, visits: Visits, now=lambda: 0.0) -> list[bool]:
    """Whether each address has a picture, asked one after the other."""

    async def ask() -> list[bool]:
        pictures = Pictures(visits, now)
        return [await pictures.at("vae", address) is not None for address in addresses]

    return asyncio.run(ask())


def test_an_address_is_visited_once():
    visits = Visits()
    assert asked("", "", "", visits=visits) == [True, True, True]
    assert visits.made == [("vae", "")]


def test_what_the_browser_alone_heeds_costs_no_visit_of_its_own():
    visits = Visits()
    around = ["", "embed=true&", "present=1&lesson=what_kl_is.2&", "__sign=abc&hide=a%2Cb&lock=view&"]
    assert all(asked(*(f"{one}beta_vae=2" for one in around), visits=visits)) and visits.made == [("vae", "beta_vae=2")]


@pytest.mark.parametrize("query", ["room=ABCD", "join=1", "preset=none", "lesson=x", "lesson=~AAAA.1", "z=" + "9" * 600])
def test_an_address_in_doubt_has_no_picture_and_costs_no_visit(query):
    visits = Visits()
    assert asked(query, visits=visits) == [False] and not visits.made


def looking_again() -> ForwardMsg:
    message = ForwardMsg()
    message.auto_rerun.interval = 0.8
    return message


@pytest.mark.parametrize("shown", [[words(0, 0, body="no picture yet"), ended()], [component(0, 0), looking_again(), ended()]])
def test_a_page_that_will_soon_show_something_else_is_visited_again_and_nobody_waits_for_it(shown):
    visits, now = Visits(shown), [0.0]

    async def ask() -> None:
        pictures = Pictures(visits, lambda: now[0])
        for now[0] in (0.0, 10.0, 100.0):
            assert await pictures.at("vae") is not None
        assert len(visits.made) == 1
        await asyncio.sleep(0)

    asyncio.run(ask())
    assert len(visits.made) == 2


def test_new_addresses_are_visited_at_a_bounded_rate():
    visits = Visits()
    assert asked(*(f"z={i}" for i in range(3 * BURST)), visits=visits) == [True] * BURST + [False] * 2 * BURST
    assert len(visits.made) == BURST


def test_who_finds_the_server_busy_gets_the_page_without_its_picture(monkeypatch):
    visits = Visits()
    monkeypatch.setattr(GATE, "waiting", lambda: 1)
    assert asked("", visits=visits) == [False] and not visits.made


@pytest.mark.parametrize("outcome", [TimeoutError(), RuntimeError("broken")])
def test_a_visit_that_fails_leaves_the_page_as_it_was_and_is_made_again_later(outcome):
    visits, now = Visits(outcome), [0.0]

    async def ask() -> None:
        pictures = Pictures(visits, lambda: now[0])
        for now[0] in (0.0, 10.0, 100.0):
            assert await pictures.at("vae") is None

    asyncio.run(ask())
    assert len(visits.made) == 2


def test_a_page_does_not_wait_long_for_its_picture_and_the_next_who_asks_has_it():
    async def ask() -> tuple[bool, bool]:
        go = asyncio.Event()

        async def slow(page: str, query: str) -> list[ForwardMsg]:
            await go.wait()
            return SHOWN

        pictures = Pictures(slow)
        first = await pictures.at("vae", patience=0.01)
        go.set()
        return first is not None, await pictures.at("vae", patience=30) is not None

    assert asyncio.run(ask()) == (False, True)


def test_pages_are_prepared_when_the_server_has_time(monkeypatch):
    busy = iter([1, 1, 0, 0])
    monkeypatch.setattr(GATE, "waiting", lambda: next(busy))
    monkeypatch.setattr(asyncio, "sleep", lambda _: _at_once())
    visits = Visits()
    asyncio.run(Pictures(visits).prepare(["vae", "beta"]))
    assert visits.made == [("vae", ""), ("beta", "")]


async def _at_once() -> None:
    """Instead of waiting."""
