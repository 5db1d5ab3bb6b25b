"""What holds on every page: on a phone and on a desktop, light and dark.

One tab goes from link to link; each page is then made wider and darker.
"""

import json

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import lasting_faults
from tests.browser.chromium import settle
from tests.browser.conftest import BETWEEN, DRAWN

NAMED = [
    "/distillation?view=Train students",
    "/your_numbers",
    "/beta?view=Train it yourself",
    "/forward_reverse?view=When does it pick a mode?",
    "/two_distributions",
]
"""With names that stand beside curves."""

PATHS = [
    *NAMED,
    "/",
    "/two_distributions?kind=discrete",
    "/forward_reverse",
    "/beta",
    "/forward_reverse?show=true",
    "/beta?view=In practice",
    "/sample_estimates",
    "/beta?view=Which direction?",
    "/sample_estimates?view=The value",
    "/beta?view=Forgetting",
    "/sample_estimates?view=The gradient",
    "/beta?view=One frontier",
    "/distillation",
    "/vae",
    "/distillation?view=Anatomy of the loss",
    "/vae?view=KL of one posterior",
    "/distillation?view=On-policy",
    "/lessons",
    "/distillation?view=Between the KLs",
    "/vae?view=Linear VAE",
    "/two_distributions?view=Speculative decoding",
    "/distillation?view=Top-k teacher",
    "/vae?view=What the ELBO leaves out",
    "/practice?q=7",
    "/vae?view=Train your own",
    "/vae?view=Diffusion",
    "/two_distributions?present=1&lesson=what_kl_is.2",
    "/vae?view=Draw your own",
    "/practice?done=nats_are_bits.2",
]

STRUCK = """svg => {
  const seen = name => getComputedStyle(name).visibility === 'visible' && name.textContent;
  const names = [...svg.querySelectorAll('.name')].filter(seen).map(name => [name.textContent, name.getBoundingClientRect()]);
  const curves = [...svg.querySelectorAll('path.curve')].filter(curve => curve.getAttribute('d'));
  return names.flatMap(([name, box]) => curves.flatMap(curve => {
    const at = svg.getBoundingClientRect(), length = curve.getTotalLength();
    for (let s = 0; s <= length; s += 1) {
      const { x, y } = curve.getPointAtLength(s);
      const [across, down] = [x + at.left, y + at.top];
      if (across > box.left + 2 && across < box.right - 2 && down > box.top + 5 && down < box.bottom - 5) return [name];
    }
    return [];
  }));
}"""


@pytest.fixture(scope="module", params=PATHS)
def shown(request, server, tab, follow) -> Page:
    """A link opened on a phone; tests of the same link follow each other."""
    path, phone = request.param, {"width": 390, "height": 844}
    if not path.startswith(BETWEEN):
        return follow(path, **phone)
    tab.set_viewport_size(phone)
    tab.emulate_media(color_scheme="light")
    tab.goto(server + path)
    settle(tab)
    tab.wait_for_selector(DRAWN, state="attached")
    return tab


def struck_names(page: Page) -> list[str]:
    """Names that a curve still goes through once labels have been placed."""
    plots = page.locator(".plot.chart, .plot.curves")
    plots.first.wait_for()
    for _ in range(20):
        struck = [name for i in range(plots.count()) for name in plots.nth(i).evaluate(STRUCK)]
        if not struck:
            break
        page.wait_for_timeout(250)
    return struck


def in_the(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function("scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme", arg=scheme)


def test_nothing_is_wider_than_a_phone(shown):
    shown.wait_for_function("document.documentElement.scrollWidth <= 390")


@pytest.mark.parametrize("shown", NAMED, indirect=True)
def test_no_curve_goes_through_a_curve_s_name_on_a_phone(shown):
    assert not struck_names(shown)


@pytest.mark.parametrize("shown", NAMED, indirect=True)
def test_no_curve_goes_through_a_curve_s_name_on_a_desktop(shown):
    shown.set_viewport_size({"width": 1440, "height": 900})
    assert not struck_names(shown)


def test_an_accessibility_check_finds_nothing_serious_in_the_light(shown):
    shown.set_viewport_size({"width": 1440, "height": 900})
    faults = lasting_faults(shown)
    assert not faults, json.dumps(faults, indent=1)


def test_an_accessibility_check_finds_nothing_serious_in_the_dark(shown):
    shown.set_viewport_size({"width": 1440, "height": 900})
    in_the(shown, "dark")
    faults = lasting_faults(shown)
    assert not faults, json.dumps(faults, indent=1)


def test_an_accessibility_check_finds_nothing_serious_in_the_share_dialog(open_page):
    page = open_page("/two_distributions")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_text("For a class").click()
    for scheme in ("light", "dark"):
        in_the(page, scheme)
        faults = lasting_faults(page)
        assert not faults, json.dumps(faults, indent=1)
