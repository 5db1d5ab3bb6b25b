"""What axe finds on a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

FIND = "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
AT_REST = """document.getAnimations().every((animation) => animation.playState !== 'running')
  && !document.querySelector('[data-stale=true]')"""


def lasting_faults(page: Page) -> list[tuple[str, list[str]]]:
    """Which rules are broken in a serious way, and where, again and again: while a page fades in, or is dimmed for another run,
    all its contrasts are low."""
    for _ in range(5):
        page.wait_for_function(AT_REST)
        faults = _serious_faults(page)
        if not faults:
            break
        page.wait_for_timeout(500)
    return faults


def _serious_faults(page: Page) -> list[tuple[str, list[str]]]:
    """A document takes in axe once, which is a third of what a look costs."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(Axe().axe_script)
    faults = [fault for fault in page.evaluate(FIND) if fault["impact"] in ("serious", "critical")]
    return [(fault["id"], [node["html"][:160] for node in fault["nodes"]]) for fault in faults]
