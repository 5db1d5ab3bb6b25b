"""Every view opens with words of its own."""

from importlib import import_module

import pytest

PAGES = ["two_distributions", "forward_reverse", "sample_estimates", "distillation", "beta", "vae", "checked"]


@pytest.mark.parametrize("page", PAGES)
def test_every_later_view_of_a_page_has_an_introduction_of_its_own(visit, page):
    of_views = import_module(f"pages.views.{page}.introductions").OF_VIEWS
    at = visit(page, view=list(of_views)[-1])
    assert list(of_views) == at.segmented_control(key="view").options[1:]
    assert at.title[0].value == list(of_views.values())[-1].question
