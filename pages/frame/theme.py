"""The theme's colours as Streamlit's client has them, for what is drawn before it has arrived."""

from streamlit import config

_COLOURS = {
    "primary-color": "primaryColor",
    "background-color": "backgroundColor",
    "secondary-background-color": "secondaryBackgroundColor",
    "text-color": "textColor",
    "border-color": "borderColor",
    "blue-color": "blueColor",
    "blue-text-color": "blueTextColor",
    "orange-color": "orangeColor",
    "orange-text-color": "orangeTextColor",
    "red-color": "redColor",
    "red-text-color": "redTextColor",
    "gray-text-color": "grayTextColor",
}
"""The theme's variables, and what the settings call them."""
_STREAMLITS = {
    "light": {"green-color": "#079464", "violet-color": "#9b5de5"},
    "dark": {"green-color": "#7ed5b0", "violet-color": "#bf8ef7"},
}
"""Those that the settings leave to Streamlit."""


def theme_variables(scheme: str) -> str:
    """CSS: `--st-…` of the "light" or the "dark" theme."""
    ours = {name: config.get_option(f"theme.{scheme}.{of}") for name, of in _COLOURS.items()}
    return " ".join(f"--st-{name}: {colour};" for name, colour in (_STREAMLITS[scheme] | ours).items() if colour)
