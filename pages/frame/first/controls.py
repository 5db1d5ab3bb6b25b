"""Streamlit's controls as HTML: as high and as wide as it draws them, showing what they are set to. They can be used once it is there."""

from collections.abc import Callable, Sequence
from html import escape

from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.Checkbox_pb2 import Checkbox
from streamlit.proto.LabelVisibility_pb2 import LabelVisibility

from .tree import Node
from .words import Unknown, inline


def _label(control) -> str:
    """What stands above a control, and the sign beside it where there is more to say."""
    shown = control.label_visibility.value
    if shown == LabelVisibility.COLLAPSED:
        return ""
    hidden = ' style="visibility: hidden"' if shown == LabelVisibility.HIDDEN else ""
    sign = '<span class="help"></span>' if control.help else ""
    return f'<div class="label"{hidden}>{_words(control.label)}{sign}</div>'


def _words(text: str) -> str:
    return f'<div data-testid="stMarkdownContainer"><p>{inline(text)}</p></div>'


def _box(text: str, signs: str = "", style: str = "") -> str:
    return f'<div class="box"{style}><span>{escape(text)}</span>{signs}</div>'


def _selectbox(node: Node) -> str:
    box = node.said.selectbox
    chosen = box.raw_value if box.set_value else box.options[box.default] if box.HasField("default") and box.options else ""
    return f'<div class="stSelectbox">{_label(box)}{_box(chosen, "<i>⌄</i>")}</div>'


def _number_input(node: Node) -> str:
    number = node.said.number_input
    value = number.value if number.set_value else number.default
    empty = not (number.set_value or number.HasField("default"))
    text = number.placeholder if empty else _printed(number.format, value)
    return f'<div class="stNumberInput">{_label(number)}{_box(text, "<i>−</i><i>+</i>")}</div>'


def _printed(form: str, value: float) -> str:
    try:
        return (form or "%.6g") % value
    except (TypeError, ValueError):
        return f"{value:g}"


def _text_input(node: Node) -> str:
    given = node.said.text_input
    if given.type or given.icon:
        raise Unknown
    return f'<div class="stTextInput">{_label(given)}{_box(given.value if given.set_value else given.default or given.placeholder)}</div>'


def _text_area(node: Node) -> str:
    area, height = node.said.text_area, node.said.height_config.pixel_height
    if not height:
        raise Unknown  # as high as what is in it
    text, label = (area.value if area.set_value else area.default) or area.placeholder, _label(area)
    inside = f"calc({height / 16}rem - {1.75 if label else 0}rem - 2px)"
    written = f'<textarea readonly tabindex="-1" style="--height: {inside}">{escape(text)}</textarea>'
    return f'<div class="stTextArea">{label}<div class="box">{written}</div></div>'


def _slider(node: Node) -> str:
    slider = node.said.slider
    values = list((slider.value if slider.set_value else slider.default) or [slider.min])
    texts = list(slider.raw_value) if slider.set_value and slider.raw_value else []
    if texts:
        values = [list(slider.options).index(text) for text in texts if text in slider.options]
    thumbs = "".join(_thumb(slider, value) for value in values)
    filled = f'<s style="width: {100 * _share(slider, values[0]):.3g}%"></s>' if len(values) == 1 else ""
    return f'<div class="stSlider">{_label(slider)}<div class="track">{filled}{thumbs}</div></div>'


def _thumb(slider, value: float) -> str:
    options: Sequence[str] = slider.options
    text = options[int(value)] if options else _printed(slider.format, value)
    return f'<b style="left: {100 * _share(slider, value):.3g}%"><span>{escape(text)}</span></b>'


def _share(slider, value: float) -> float:
    """Of the track, from its left."""
    return (value - slider.min) / ((slider.max - slider.min) or 1)


def _checkbox(node: Node) -> str:
    box = node.said.checkbox
    on = " on" if (box.value if box.set_value else box.default) else ""
    kind = "toggle" if box.type == Checkbox.TOGGLE else "check"
    sign = '<span class="help"></span>' if box.help else ""
    return f'<div class="stCheckbox"><span class="{kind}{on}"></span>{_words(box.label)}{sign}</div>'


def _button(node: Node) -> str:
    button = node.said.button
    if button.type not in ("", "primary", "secondary"):
        raise Unknown
    icon = '<span class="icon"></span>' if button.icon else ""
    look = f'data-testid="stBaseButton-{button.type or "secondary"}" class="lone{" resting" if button.disabled else ""}"'
    return f'<div class="stButton"><button type="button" tabindex="-1" {look}>{icon}{_words(button.label)}</button></div>'


def _button_group(node: Node) -> str:
    group = node.said.button_group
    if any(option.content_icon for option in group.options):
        raise Unknown  # a picture in it
    pills = group.style == ButtonGroup.PILLS
    many = group.click_mode == ButtonGroup.MULTI_SELECT
    chosen = [option.content for option in group.options if option.content in group.raw_values] if group.set_value else []
    chosen = chosen or [group.options[i].content for i in group.default]
    buttons = "".join(
        f'<button type="button" tabindex="-1" role="radio" aria-checked="{"true" if option.content in chosen else "false"}">'
        f"{_words(option.content)}</button>"
        for option in group.options
    )
    role = "group" if many or not group.required else "radiogroup"
    row = f'<div class="{"pills" if pills else "segments"}" role="{role}">{buttons}</div>'
    return f'<div class="stButtonGroup">{_label(group)}{row}</div>'


def _file_uploader(node: Node) -> str:
    uploader = node.said.file_uploader
    kinds = ", ".join(kind.strip(".").upper() for kind in uploader.type)
    said = f"{uploader.max_upload_size_mb}MB per file" + (f" • {kinds}" if kinds else "")
    button = '<button type="button" tabindex="-1" class="lone"><span class="icon"></span><p>Upload</p></button>'
    return f'<div class="stFileUploader">{_label(uploader)}<div class="drop">{button}<small>{escape(said)}</small></div></div>'


def _metric(node: Node) -> str:
    metric = node.said.metric
    if metric.show_border or metric.delta or metric.help or metric.chart_data:
        raise Unknown
    name, value = (f"<p>{inline(text)}</p>" for text in (metric.label, metric.body))
    return f'<div class="stMetric"><div data-testid="stMetricLabel">{name}</div><div data-testid="stMetricValue">{value}</div></div>'


def _html(node: Node) -> str:
    """Our own: a page writes it from what it has computed, and Streamlit shows it as it is."""
    if "<script" in node.said.html.body.lower():
        raise Unknown
    return f'<div class="stHtml">{node.said.html.body}</div>'


def popover(node: Node) -> str:
    """Its button alone: what it opens is nowhere yet."""
    said = node.said.popover
    if said.help or said.icon:
        raise Unknown
    button = f'<button type="button" tabindex="-1" class="lone">{_words(said.label)}<span class="icon"></span></button>'
    return (
        f'<div class="wrapper content st-key-{escape(node.key)}" data-testid="stLayoutWrapper"><div class="stPopover">{button}</div></div>'
    )


def expander(node: Node) -> str:
    """Its head alone, as long as it is closed."""
    said = node.said.expandable
    if said.expanded:
        raise Unknown
    icon = '<span class="icon"></span>' if said.icon else ""
    return f'<div class="wrapper" data-testid="stLayoutWrapper"><div class="stExpander">{icon}{_words(said.label)}</div></div>'


CONTROLS: dict[str, Callable[[Node], str]] = {
    "selectbox": _selectbox,
    "number_input": _number_input,
    "text_input": _text_input,
    "text_area": _text_area,
    "slider": _slider,
    "checkbox": _checkbox,
    "button": _button,
    "button_group": _button_group,
    "file_uploader": _file_uploader,
    "metric": _metric,
    "html": _html,
}
"""By Streamlit's name of the kind."""
