"""An automated accessibility check of every page, light and dark."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe


PATHS = [
    "/", "/two_distributions", "/two_distributions?kind=discrete", "/forward_reverse", "/forward_reverse?show=true", "/beta",
    "/beta?view=Train it yourself", "/beta?view=Which direction?", "/sample_estimates", "/sample_estimates?view=The value",
    "/sample_estimates?view=The gradient", "/distillation", "/distillation?view=Anatomy of the loss", "/vae",
    "/vae?view=KL of one posterior", "/vae?view=Linear VAE", "/vae?view=Train your own",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_an_accessibility_check_finds_nothing_serious(open_page, path, scheme):
    page = open_page(path, scheme=scheme)
    found = Axe().run(page).response["violations"]
    serious = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, json.dumps(serious, indent=1)
