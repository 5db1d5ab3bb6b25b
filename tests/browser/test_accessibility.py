"""An automated accessibility check of every page, light and dark."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

PATHS = [
    "/",
    "/two_distributions",
    "/two_distributions?kind=discrete",
    "/forward_reverse",
    "/forward_reverse?show=true",
    "/beta",
    "/beta?view=Train it yourself",
    "/beta?view=Which direction?",
    "/beta?view=Forgetting",
    "/beta?view=One frontier",
    "/sample_estimates",
    "/sample_estimates?view=The value",
    "/sample_estimates?view=The gradient",
    "/distillation",
    "/distillation?view=Anatomy of the loss",
    "/vae",
    "/vae?view=KL of one posterior",
    "/vae?view=Linear VAE",
    "/vae?view=Train your own",
    "/your_numbers",
    "/lessons",
    "/two_distributions?present=1&lesson=what_kl_is.2",
    "/practice?q=7",
    "/practice?done=nats_are_bits.2",
]


def serious_of(page) -> list:
    """What axe finds, and finds again: while a page fades in, or is dimmed for another run, all its contrasts are low."""
    for _ in range(5):
        page.wait_for_function(
            "document.getAnimations().every((one) => one.playState !== 'running') && !document.querySelector('[data-stale=true]')"
        )
        found = [one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
        if not found:
            break
        page.wait_for_timeout(500)
    return [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_an_accessibility_check_finds_nothing_serious(open_page, path, scheme):
    serious = serious_of(open_page(path, scheme=scheme))
    assert not serious, json.dumps(serious, indent=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_finds_nothing_serious_in_the_share_dialog(open_page, scheme):
    page = open_page("/two_distributions", scheme=scheme)
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_text("For a class").click()
    serious = serious_of(page)
    assert not serious, json.dumps(serious, indent=1)
