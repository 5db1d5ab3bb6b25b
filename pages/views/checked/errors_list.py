"""The common errors: what is wrong in each pair of `common_errors`, why people write it, and on which inputs it runs."""

from .error import CommonError, Input


def _pair(p: str = "0.6, 0.3, 0.1", q: str = "0.3, 0.3, 0.4", kind: str = "positive") -> tuple[Input, Input]:
    return Input("p", "P", p, kind), Input("q", "Q", q, kind)


_KL = "KL(P‖Q) in nats"
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
            "F.kl_div(a, b) computes KL(b‖exp a): it averages over its second argument. Called with P first, as in the formula "
            "KL(P‖Q), it gives KL(Q‖P).",
            _KL,
            _pair(),
            *_TORCH,
        ),
        CommonError(
            "not_in_logs",
            "Probabilities instead of logs",
            "F.kl_div expects its first argument in logs and does not check it. Given probabilities, it returns a number that is "
            "no divergence.",
            _KL,
            _pair(),
            *_TORCH,
        ),
        CommonError(
            "log_target",
            "log_target forgotten",
            "If both arguments are in logs, F.kl_div needs log_target=True. Without it, it takes the log of a log.",
            _KL,
            _pair(),
            *_TORCH,
        ),
        CommonError(
            "default_reduction",
            "The default reduction",
            'The default is reduction="mean", which divides by the number of entries, classes included. A KL is a sum over classes.',
            _KL,
            _pair(),
            *_TORCH,
        ),
        CommonError(
            "mean_reduction",
            'reduction="mean" of a batch',
            "“mean” looks like the mean over the batch, but divides by rows × classes. “batchmean” divides by the rows alone.",
            "mean KL(P‖Q) of a batch, in nats",
            (*_pair(), _ROWS),
            *_TORCH,
        ),
        CommonError(
            "k3_sign",
            "k3 with its ratio turned round",
            "For samples from P, k3 = r − 1 − log r needs r = q/p. With r = p/q it is still never negative, but estimates another "
            "quantity: χ²(P‖Q) − KL(P‖Q).",
            "expected value of the estimate of KL(P‖Q), in nats",
            _pair(q="0.1, 0.3, 0.6"),
            "trlX, its PPO trainer, and its copies",
            "https://github.com/CarperAI/trlx/blob/main/trlx/trainer/accelerate_ppo_trainer.py",
        ),
        CommonError(
            "k1_loss",
            "k1 as a loss",
            "The mean of log p − log q over sampled tokens estimates KL without bias, so it is tempting to differentiate it. But the "
            "samples depend on p too, and autograd does not see that: the expected gradient is 0.",
            "norm of the expected gradient of KL(P‖Q) with respect to P’s logits, in nats",
            _pair(),
            "Tang & Munos 2025",
            "https://arxiv.org/abs/2506.09477",
        ),
        CommonError(
            "epsilon",
            "Clipping by an ε",
            "Clipping p and q by ε avoids log 0, and turns an infinite KL into a number that depends on ε.",
            _KL,
            (*_pair("0.5, 0.5", "1, 0", "probs"), Input("eps", "ε", "1e-7", "eps")),
            "Keras’s manual, KLDivergence",
            "https://www.tensorflow.org/api_docs/python/tf/keras/losses/KLD",
        ),
        CommonError(
            "zero_log_zero",
            "0 · log 0",
            "The formula typed in directly. Where P is 0 the term is 0 · (−∞) = NaN; by definition it counts as 0.",
            _KL,
            _pair("0.5, 0.5, 0", "0.4, 0.4, 0.2", "probs"),
        ),
        CommonError(
            "vae_mean",
            "Mean over latent dimensions",
            "−0.5 · mean(…) instead of −0.5 · sum(…) divides the KL, and so β, by the number of latent dimensions.",
            "KL(posterior‖prior) of one image, in nats",
            _POSTERIOR,
        ),
        CommonError(
            "vae_sum",
            "Sum over the batch",
            "−0.5 · sum(…) over the whole batch, added to a reconstruction loss that is a mean over the batch, multiplies β by the "
            "batch size.",
            "KL(posterior‖prior) per image, in nats",
            (*_POSTERIOR, Input("rows", "Batch size", "64", "rows")),
        ),
        CommonError(
            "underflow",
            "softmax, then log",
            "The softmax rounds small probabilities to 0, and their log is −∞. Compute from the logits instead.",
            _KL,
            (Input("z_p", "Logits of P", "1000, -1000", "logits"), Input("z_q", "Logits of Q", "-1000, 1000", "logits")),
        ),
        CommonError(
            "float32",
            "Nearly equal distributions in float32",
            "Near equality the terms p·(log p − log q) cancel, and the KL is far below their rounding error.",
            _KL,
            _pair("0.3, 0.5, 0.2", "0.3001, 0.4999, 0.2"),
        ),
        CommonError(
            "silent_normalising",
            "scipy.stats.entropy of logits",
            "scipy.stats.entropy divides its inputs by their sums without a warning. So logits give a plausible number.",
            _KL,
            _LOGITS,
            "SciPy’s manual",
            "https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.entropy.html",
        ),
        CommonError(
            "per_token",
            "Per token for per sequence",
            "The mean over tokens is smaller than the sum over the sequence by the answer’s length. A β or a target for whole "
            "sequences needs the sum.",
            "estimate of KL(π‖π_ref) of a sequence, in nats",
            (
                Input("log_p", "log π", "-0.3, -0.5, -0.4, -0.2", "log_probs"),
                Input("log_q", "log π_ref", "-0.5, -1.2, -0.8, -0.3", "log_probs"),
            ),
        ),
        CommonError(
            "bits",
            "Bits for nats",
            "log2 gives bits, which is 1/ln 2 = 1.44 times the number in nats. A threshold or a β in nats is then wrong.",
            _KL,
            _pair(),
        ),
        CommonError(
            "without_T2",
            "T² left out",
            "The gradient of the soft targets shrinks like 1/T², so at high T only the hard labels count. Hinton et al. multiply by T².",
            "soft part of the loss, KL(teacher‖student), in nats",
            (
                Input("student", "Student’s logits", "1, 2.5, 0.5", "logits"),
                Input("teacher", "Teacher’s logits", "3, 2, 1", "logits"),
                Input("T", "T", "5", "T"),
            ),
            "Hinton et al. 2015, §2",
            "https://arxiv.org/abs/1503.02531",
        ),
        CommonError(
            "js_ends",
            "β next to 0 in generalised JSD",
            "Libraries use a pure KL at β = 0 and β = 1, and the formula of generalised JSD in between. The formula tends to 0 there, like "
            "β·KL, so β = 0.01 trains with a hundredth of the loss at β = 0. Divide by β(1 − β).",
            "loss between KL(teacher‖student) at β = 0 and KL(student‖teacher) at β = 1, in nats",
            (
                Input("teacher", "Teacher’s logits", "3, 2, 1", "logits"),
                Input("student", "Student’s logits", "1, 2.5, 0.5", "logits"),
                Input("beta", "β", "0.01", "share"),
            ),
            "ms-swift, issue 10078 (mended since)",
            "https://github.com/modelscope/ms-swift/issues/10078",
        ),
    )
}
