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


def _best_beta() -> dict[str, float | str]:
    frames = frames_of(WORLD)
    top, reference = peak_of(frames), float(frames.measures.gold[-1])
    low, high = measured_at(WORLD, [LIGHT]), measured_at(WORLD, [HEAVY])
    return {
        "beta": float(frames.betas[top]),
        "gold": float(frames.measures.gold[top]) - reference,
        "kl": float(frames.measures.kl[top]),
        "gold_light": float(low.gold[0]) - reference,
        "gold_heavy": float(high.gold[0]) - reference,
        "light": f"{LIGHT:g}",
        "heavy": f"{HEAVY:g}",
    }


def _louder() -> dict[str, float | str]:
    plain, loud = measured_at(WORLD, [STRONG]), measured_at(LOUD_WORLD, [STRONG])
    reference = float(frames_of(WORLD).measures.gold[-1])
    return {
        "plain": float(plain.gold[0]) - reference,
        "loud": float(loud.gold[0]) - reference,
        "kl": float(loud.kl[0]),
        "says": sentence_at(LOUD_WORLD, STRONG),
        "same_as": f"{STRONG / LOUD:g}",
        "scale": f"{LOUD:g}",
        "beta": f"{STRONG:g}",
    }


def _best_of_n() -> dict[str, float | str]:
    best = best_of_n(_REFERENCE, _REWARD, N)
    win = float(best.log_policy.exp()[0])
    return {"kl": float(best.kl), "bound": float(best_of_n_bound(float(N))), "win": win, "n": str(N)}


def _winner() -> tuple[float, ...]:
    return tuple(best_of_n(_REFERENCE, _REWARD, N).log_policy.exp().tolist())


QUESTIONS = (
    Question(
        "why_beta",
        SUBJECT,
        "Why β matters",
        "A small language model learns from a reward model that can be fooled, with the penalty β·KL(π‖π_ref). Too small a β and the "
        "policy hacks the reward; too large and it stays at the reference, whose true reward counts as 0. **At which β is the true reward "
        "greatest** here?",
        Slide(
            "β, in reward per nat",
            BETAS,
            "",
            "beta",
            1,
            "the true reward peaks at β = {beta}, with {gold}. Slide β to both sides and read what the policy says.",
            "the picture shows the policy at your β = {said}. It peaks at β = {beta}, with {gold}; slide there.",
        ),
        _best_beta,
        scrubbed("beta", {"scale": f"{WORLD.scale:g}"}, "beta", lambda place: penalty_scene(WORLD, NATS, place), lambda said: float(said)),
        "At β = {light} only the reward model counts, and the true reward falls to {gold_light}, far below the reference’s 0. At "
        "β = {heavy} the policy stays near the reference, with {gold_heavy}. The best true reward, {gold} at {kl} nats per sentence, lies "
        "between. Which β is best depends on the scale of the reward.",
    ),
    Question(
        "more_beta",
        SUBJECT,
        "More β always prevents hacking",
        "At β = {beta} the policy here earns a true reward of {plain} over the reference’s. Now multiply the reward "
        "model’s scores by {scale} and keep β. Does β = {beta} still prevent reward hacking?",
        Choice(
            (
                Option(
                    "Yes: β is the same, so the policy is the same",
                    "the policy changes: the true reward falls to {loud}, and it says “{says}”",
                ),
                Option("No: the true reward ends below the reference’s", "it is {loud}, below the reference’s 0. It says “{says}”"),
                Option(
                    "Yes, even better: the reward is clearer",
                    "the larger reward outweighs the penalty: the true reward is {loud} at {kl} nats, and it says “{says}”",
                ),
            ),
            1,
        ),
        _louder,
        scrubbed("beta", {"scale": f"{LOUD:g}"}, "beta", lambda place: penalty_scene(LOUD_WORLD, NATS, place), lambda _: STRONG),
        "β is a price in reward per nat. With scores {scale} times as large, β = {beta} acts as β = {same_as} did before, so no β is "
        "strong by itself. Nor need a larger β earn more true reward at the same KL: Gao et al. (2022) found no gain (their penalty acted "
        "like early stopping), and note that this may depend on hyperparameters.",
    ),
    Question(
        "best_of_n_bound",
        SUBJECT,
        "log n − (n − 1)/n is exact for best-of-n",
        "The reference gives two answers with equal probability, and one is better. You draw {n} and keep the best. The formula "
        "log n − (n − 1)/n gives {bound} nats. What is the true **KL(best-of-{n}‖reference)**?",
        Slide(
            "KL in nats",
            evenly(0.0, 1.0, 51),
            "nats",
            "kl",
            2,
            "the true KL is {kl} nats; the formula says {bound}.",
            "the true KL is {kl} nats; the formula says {bound}. The best of {n} (P) is the better answer with probability {win}; the "
            "reference is Q.",
        ),
        _best_of_n,
        pair(bars(*_winner()), bars(0.5, 0.5), names=("better", "worse"), given=False),
        "The formula is an upper bound. It is exact only if two draws are never equally good, and with two answers they often are. "
        "Nothing can be farther than log 2 ≈ 0.693 nats from a reference of two equally likely answers.",
    ),
)
