"""A real Chromium, driven by Playwright: for browser tests, the bench and screenshots."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from pages.shared.map import MAP
from tools.browser import find

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium(*more_flags: str) -> Iterator[Browser]:
    """A running browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=[*FLAGS, *more_flags])
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """Waits until the server is connected, no script runs, and the picture that came with the page is in Streamlit's hands."""
    at_rest(page)
    page.wait_for_selector("#kl-first", state="detached")


def at_rest(page: Page) -> None:
    """Waits until the server is connected and no script runs."""
    page.wait_for_selector("[data-test-connection-state='CONNECTED']", state="attached")
    page.wait_for_selector("[data-test-script-state='notRunning']", state="attached")


def go_to(page: Page, group: str, title: str) -> None:
    """Chooses a page from the navigation."""
    page.get_by_role("banner").get_by_text(group, exact=True).click()
    page.locator("[data-testid=stTopNavDropdownLink]", has_text=title).click()


ASK = """address => {
  history.pushState({}, "", address);
  window.ask = () => {
    window.asked = performance.now();
    window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  };
  window.ask();
}"""
HEARD = """title => {
  if (document.title === title) return true;
  const rests = document.querySelector("[data-test-script-state='notRunning']");
  if (rests && performance.now() > window.asked + 3000) window.ask();
  return false;
}"""
"""Asks again where nobody has heard it: a client whose last run is just ending may not."""


def visit(page: Page, address: str) -> None:
    """Opens a link to another page without loading the client anew, as a lesson's step does, and waits until its script has run.

    The title tells. The script's state does not: of a short run the client may show the end only.
    """
    name = address.partition("?")[0].strip("/")
    title = next((f"{entry.title} · KL explorer" for entry in MAP[1:] if entry.name == name), "KL explorer")
    settle(page)
    page.evaluate(ASK, address)
    page.wait_for_function(HEARD, arg=title)
    settle(page)


def readout(page: Page, quantity: str, state: str = "settled") -> float:
    """A number of the live picture, once it is in that state."""
    output = page.locator(f"output[data-quantity='{quantity}'][data-state='{state}']").first
    output.wait_for(state="attached")
    return float(output.get_attribute("data-value").replace("Infinity", "inf"))


def centre(page: Page, name: str) -> tuple[float, float]:
    """Where a handle's knob is, in pixels of the window."""
    box = page.locator(f"[role=slider][aria-label='{name}'] .knob").first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, name: str, dx: float, dy: float = 0.0, steps: int = 12) -> None:
    """Takes a handle and moves it; the hand stays on it."""
    x, y = centre(page, name)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=steps)
