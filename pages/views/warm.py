"""What takes a second or more to make and is the same for all: made in the background once the server is up."""

from collections.abc import Callable
from threading import Thread


def _make() -> None:
    from ..shared.style import UNITS
    from .beta.adapting import optima
    from .beta.answer_frames import answer_frames
    from .beta.forgetting_runs import ask_compared, imitation_limits
    from .beta.frontier_runs import best_of_each_n, chi_po_limit, wins_of_each_n
    from .beta.scene import WorldSettings, best_of_n_of, frames_of
    from .checked.rounds import latest
    from .distillation.examples import offered
    from .distillation.on_policy_view import distil_first
    from .distillation.students import train_first
    from .forward_reverse.canvas_scene import canvas_scene
    from .forward_reverse.canvas_state import DEFAULT
    from .start.opening import prepare
    from .two_distributions.speculative_state import of_chains
    from .vae.drawing_table import glyph_table_version
    from .vae.elbo_scene import elbo_scene
    from .vae.elbo_scene import prepare as prepare_elbo
    from .vae.elbo_state import FIRST
    from .vae.linear import START, trained_on
    from .vae.scene import vae_scene

    prepare()  # the first page first
    canvas_scene(DEFAULT, UNITS["nats"])
    answer_frames(WorldSettings(scale=0.1))  # as the page opens
    ask_compared()  # and RL's optima after it
    imitation_limits()
    optima()
    first = WorldSettings()
    frames_of(first)
    best_of_n_of(first.pairs, first.noise, first.seed)
    best_of_each_n()
    wins_of_each_n()
    offered()
    vae_scene(UNITS["nats"], 1.0, (0.0, 0.0))
    glyph_table_version()
    elbo_scene(FIRST, UNITS["nats"])
    latest()
    chi_po_limit()
    train_first()
    distil_first()
    of_chains()
    trained_on(START[0])
    prepare_elbo()


def warm_slowly(then: Callable[[], None] = lambda: None) -> None:
    """Starts making it, and does `then` at the end; whoever asks before it is done waits for his own part only."""

    def make() -> None:
        _make()
        then()

    Thread(target=make, name="warm", daemon=True).start()
