"""A link says that its run was trained; a server that has no such run says so, and starts nothing by itself."""

import pytest

from pages.shared.jobs import QUEUE
from tests.pages.conftest import words

GONE = "is not on this server"
VIEWS = [
    ("vae", "Train your own", "own", {"epochs": "3", "vae_seed": "4711"}, "train_vae"),
    ("vae", "Sum or mean", "both", {"beta_loss": "3.3"}, "train_losses"),
    ("beta", "Train it yourself", "policy", {"run_seed": "4711", "steps": "20"}, "train"),
    ("beta", "Who sets β?", "adapting", {"hand_seed": "4711"}, "adapting_run"),
]


@pytest.mark.parametrize("page, view, word, settings, button", VIEWS)
def test_a_run_that_is_gone_is_said_and_offered_again_but_not_started(visit, monkeypatch, page, view, word, settings, button):
    asked = []
    monkeypatch.setattr(type(QUEUE), "ask", lambda *_, **__: asked.append(1))
    at = visit(page, view=view, trained=word, **settings)
    assert GONE in words(at) and not asked
    assert at.button(key=button)
    assert GONE not in words(visit(page, view=view, **settings))


def test_after_train_the_link_leads_another_visitor_to_the_same_run(visit):
    settings = {"view": "Train your own", "epochs": "2", "vae_seed": "4712"}
    at = visit("vae", **settings)
    at.button(key="train_vae").click().run()
    assert at.query_params["trained"] in ("own", ["own"])
    assert GONE not in words(visit("vae", trained="own", **settings))
