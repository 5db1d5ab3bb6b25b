"""The common errors: what is wrong in each pair of `common_errors`, why people write it, and on which inputs it runs."""

from .error import CommonError, Input


def _pair(p: str = "0.6, 0.3, 0.1", q: str = "0.3, 0.3, 0.4", kind: str = "positive") -> tuple[Input, Input]:
    return Input("p", "P", p, kind), Input("q", "Q", q, kind)


_KL = "KL(P‖Q), under P, in nats"
_TORCH = ("PyTorch’s manual, KLDivLoss", "https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html")
_ROWS = Input("rows", "Batch size", "8", "rows")
_POSTERIOR = (Input("mu", "μ", "1, -0.5, 0, 0.3", "mu"), Input("logvar", "log σ²", "0, -0.4, -1, 0", "logvar"))
_LOGITS = (Input("z_p", "Logits of P", "3, 2, 1", "logits"), Input("z_q", "Logits of Q", "1, 2.5, 0.5", "logits"))

ERRORS = {
    one.name: one
    for one in (
        CommonError(
            "argument_order",
            "Argument order of F.kl_div",
            "F.kl_div(a, b) is KL(b‖exp a): the second argument is the one under the expectation. Written in the order of the "
            "formula it is the other direction.",
            _KL,
            _pair(),
            *_TORCH,
        ),
        CommonError(
            "not_in_logs",
            "Probabilities instead of logs",
            "F.kl_div wants its first argument in logs and does not check: given probabilities, it adds up something that is no "
            "divergence.",
            _KL,
            _pair(),
            *_TORCH,
        ),
        CommonError(
            "log_target",
            "log_target forgotten",
            "With both in logs F.kl_div needs log_target=True; without it, it takes the log of a log.",
            _KL,
            _pair(),
            *_TORCH,
        ),
        CommonError(
            "default_reduction",
            "The default reduction",
            'The default is reduction="mean", which divides by the number of entries, classes included. It is the shortest call, so '
            "it is the usual one.",
            _KL,
            _pair(),
            *_TORCH,
        ),
        CommonError(
            "mean_reduction",
            'reduction="mean" of a batch',
            "“mean” looks like the mean over the batch; it divides by rows × classes. “batchmean” is the KL.",
            "mean KL(P‖Q) of a batch, under P, in nats",
            (*_pair(), _ROWS),
            *_TORCH,
        ),
        CommonError(
            "k3_sign",
            "k3 with its ratio turned round",
            "k3 is (r − 1) − log r with r = q/p at samples of P. With r = p/q, the order of k1, it still is never negative, and "
            "estimates something else: χ² − KL.",
            "exact mean of the estimate of KL(P‖Q), under P, in nats",
            _pair(q="0.1, 0.3, 0.6"),
            "trlX, its PPO trainer, and its copies",
            "https://github.com/CarperAI/trlx/blob/main/trlx/trainer/accelerate_ppo_trainer.py",
        ),
        CommonError(
            "k1_loss",
            "k1 as a loss",
            "log p − log q of sampled tokens is the right value, so people differentiate it; that the samples depend on p is then "
            "forgotten, and the expected gradient is 0.",
            "size of the expected gradient of KL(P‖Q) by P’s logits, in nats",
            _pair(),
            "Tang & Munos 2025",
            "https://arxiv.org/abs/2506.09477",
        ),
        CommonError(
            "epsilon",
            "Clipping by an ε",
            "To be rid of log 0, both are clipped: an infinite KL becomes a number that ε chooses.",
            _KL,
            (*_pair("0.5, 0.5", "1, 0", "probs"), Input("eps", "ε", "1e-7", "eps")),
            "Keras’s manual, KLDivergence",
            "https://www.tensorflow.org/api_docs/python/tf/keras/losses/KLD",
        ),
        CommonError(
            "zero_log_zero",
            "0 · log 0",
            "The sum as it stands in the formula. Where P has no mass it is 0 · (−∞) = NaN; the term counts as 0.",
            _KL,
            _pair("0.5, 0.5, 0", "0.4, 0.4, 0.2", "probs"),
        ),
        CommonError(
            "vae_mean",
            "Mean over latent dimensions",
            "−0.5 · mean(…) for −0.5 · sum(…): the KL, and so β, is divided by the number of latent dimensions.",
            "KL(posterior‖prior) of one image, under the posterior, in nats",
            _POSTERIOR,
        ),
        CommonError(
            "vae_sum",
            "Sum over the batch",
            "−0.5 · sum(…) over everything, as in the paper, beside a reconstruction that is a mean over the batch: β is multiplied "
            "by the batch size.",
            "KL(posterior‖prior) per image, under the posterior, in nats",
            (*_POSTERIOR, Input("rows", "Batch size", "64", "rows")),
        ),
        CommonError(
            "underflow",
            "softmax, then log",
            "A softmax rounds small probabilities to 0, and the log of that is −∞. From logits, subtract logits.",
            _KL,
            (Input("z_p", "Logits of P", "1000, -1000", "logits"), Input("z_q", "Logits of Q", "-1000, 1000", "logits")),
        ),
        CommonError(
            "float32",
            "Nearly equal laws in float32",
            "p·(log p − log q) cancels: near equality the KL is far below the rounding error of its terms.",
            _KL,
            _pair("0.3, 0.5, 0.2", "0.3001, 0.4999, 0.2"),
        ),
        CommonError(
            "silent_normalising",
            "scipy.stats.entropy of logits",
            "scipy.stats.entropy divides what it gets by its sum and says nothing, so that logits, or counts of another thing, give "
            "a plausible number.",
            _KL,
            _LOGITS,
            "SciPy’s manual",
            "https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.entropy.html",
        ),
        CommonError(
            "per_token",
            "Per token for per sequence",
            "A mean over tokens and a β, or a target, meant for whole sequences: smaller by the length of the answer.",
            "estimate of KL(π‖π_ref) of a sequence, under π, in nats",
            (
                Input("log_p", "log π", "-0.3, -0.5, -0.4, -0.2", "log_probs"),
                Input("log_q", "log π_ref", "-0.5, -1.2, -0.8, -0.3", "log_probs"),
            ),
        ),
        CommonError(
            "bits",
            "Bits for nats",
            "log2 in the sum and a threshold, a β or a paper’s number in nats: larger by 1/ln 2.",
            _KL,
            _pair(),
        ),
        CommonError(
            "without_T2",
            "T² left out",
            "The soft half of a distillation loss falls as 1/T², so at a high temperature only the hard labels count; Hinton et al. "
            "multiply by T².",
            "soft part of the loss, KL(teacher‖student) under the teacher, in nats",
            (
                Input("student", "Student’s logits", "1, 2.5, 0.5", "logits"),
                Input("teacher", "Teacher’s logits", "3, 2, 1", "logits"),
                Input("T", "T", "5", "T"),
            ),
            "Hinton et al. 2015, §2",
            "https://arxiv.org/abs/1503.02531",
        ),
    )
}
