"""Questions on β: what it decides, whether more of it prevents hacking, and the KL of best-of-n."""

import torch

from kl_core.rlhf.single_step import best_of_n, best_of_n_bound

from ..beta.scene import WorldSettings, frames_of, measured_at, peak_of, penalty_scene, sentence_at
from .distributions import bars, evenly
from .pictures import NATS, pair, scrubbed
from .prediction import Choice, Option, Slide
from .question import Question

SUBJECT = "The KL penalty"
BETAS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0)
LIGHT, STRONG, HEAVY = 0.05, 0.5, 20.0
LOUD = 10.0
WORLD, LOUD_WORLD = WorldSettings(), WorldSettings(scale=LOUD)
N = 4
_REFERENCE, _REWARD = torch.tensor([0.5, 0.5], dtype=torch.float64).log(), torch.tensor([1.0, 0.0], dtype=torch.float64)


def _best_beta() -> dict[str, float]:
    frames = frames_of(WORLD)
    top = peak_of(frames)
    low, high = measured_at(WORLD, [LIGHT]), measured_at(WORLD, [HEAVY])
    return {
        "beta": float(frames.betas[top]),
        "gold": float(frames.measures.gold[top]),
        "kl": float(frames.measures.kl[top]),
        "reference": float(frames.measures.gold[-1]),
        "gold_light": float(low.gold[0]),
        "gold_heavy": float(high.gold[0]),
        "light": f"{LIGHT:g}",
        "heavy": f"{HEAVY:g}",
    }


def _louder() -> dict[str, float | str]:
    plain, loud = measured_at(WORLD, [STRONG]), measured_at(LOUD_WORLD, [STRONG])
    return {
        "plain": float(plain.gold[0]),
        "loud": float(loud.gold[0]),
        "kl": float(loud.kl[0]),
        "reference": float(frames_of(WORLD).measures.gold[-1]),
        "says": sentence_at(LOUD_WORLD, STRONG),
        "same_as": f"{STRONG / LOUD:g}",
        "scale": f"{LOUD:g}",
        "beta": f"{STRONG:g}",
    }


def _best_of_n() -> dict[str, float | str]:
    found = best_of_n(_REFERENCE, _REWARD, N)
    win = float(found.log_policy.exp()[0])
    return {"kl": float(found.kl), "bound": float(best_of_n_bound(float(N))), "win": win, "n": str(N)}


def _winner() -> tuple[float, ...]:
    return tuple(best_of_n(_REFERENCE, _REWARD, N).log_policy.exp().tolist())


QUESTIONS = (
    Question(
        "why_beta",
        SUBJECT,
        "Why β matters",
        "A small language model, a reward model that can be fooled, and the penalty β·KL(π‖π_ref). Too small a β and the policy hacks the "
        "reward, too large and it "
        "stays the reference. **At which β is the true (gold) reward greatest** here?",
        Slide(
            "β, in reward a nat",
            BETAS,
            "",
            "beta",
            1,
            "gold peaks at β = {beta} with {gold}; slide β to both sides and read what the policy says.",
            "this is the policy at your β = {said}. Gold peaks at β = {beta}, with {gold}; slide there.",
        ),
        _best_beta,
        scrubbed("beta", {"scale": f"{WORLD.scale:g}"}, "beta", lambda place: penalty_scene(WORLD, NATS, place), lambda said: float(said)),
        "At β = {light} the proxy is all that counts and gold is {gold_light}, far below the reference’s {reference}; at β = {heavy} the "
        "policy hardly moves and gold is "
        "{gold_heavy}. The best, {gold} at {kl} nats a sentence, lies between, and where depends on the reward’s scale: that is why β is "
        "often adapted while training.",
    ),
    Question(
        "more_beta",
        SUBJECT,
        "More β always prevents hacking",
        "β = {beta} is called strong: with it the policy here earns {plain} of gold, more than the reference’s {reference}. Now the same "
        "reward model’s scores count "
        "{scale} times as much. Does β = {beta} still prevent hacking?",
        Choice(
            (
                Option("Yes: β is the same, so the policy is", "the policy is another one: gold falls to {loud}, and it says “{says}”"),
                Option("No: gold ends below where it started", "gold is {loud}, the reference’s was {reference}, and it says “{says}”"),
                Option(
                    "Yes, and more than before: the reward is clearer",
                    "the louder reward wins: gold is {loud} at {kl} nats, and it says “{says}”",
                ),
            ),
            1,
        ),
        _louder,
        scrubbed("beta", {"scale": f"{LOUD:g}"}, "beta", lambda place: penalty_scene(LOUD_WORLD, NATS, place), lambda _: STRONG),
        "β is a price in units of reward, so with scores {scale} times as large β = {beta} does what {same_as} did before: gold {loud}, "
        "and no β is strong by itself. Nor "
        "does a larger one buy more gold at the same KL: Gao et al. (2022) found none, the penalty acted like stopping early.",
    ),
    Question(
        "best_of_n_bound",
        SUBJECT,
        "log n − (n − 1)/n is exact for best-of-n",
        "Two answers, equally likely under the reference, one better than the other. You draw {n} and keep the best. The usual formula log "
        "n − (n − 1)/n says {bound} nats. "
        "What is **KL(best-of-{n}‖reference)** really?",
        Slide(
            "KL in nats",
            evenly(0.0, 1.0, 51),
            "nats",
            "kl",
            2,
            "it is {kl} nats, less than the formula’s {bound}.",
            "the best of {n} (P) takes the better answer with probability {win}, and that is {kl} nats from the reference (Q); the "
            "formula says {bound}.",
        ),
        _best_of_n,
        pair(bars(*_winner()), bars(0.5, 0.5), names=("better", "worse"), given=False),
        "The formula is an upper bound, reached only when no two draws ever tie; with two answers most draws do, and no law is further "
        "from this reference than "
        "log 2. Here it says {bound} nats where {kl} is so.",
    ),
)
