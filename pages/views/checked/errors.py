"""Wrong code from the wild beside right code. What stands on screen is this source, and it is what runs.

Each pair has the name of its error; arguments are float64 tensors unless the function makes them otherwise. P is what
the expectation is under: what is wanted is KL(P‖Q) in nats, unless a function says otherwise.
"""

import torch
import torch.nn.functional as F
from scipy.stats import entropy

from kl_core import kl_from_logits, kl_from_probs
from kl_core.distilling.distillation import scaled_soft_kl
from kl_core.estimates.estimators import k1, k3
from kl_core.vaes.vae import posterior_kl
from kl_core.vectors.generalised_js import scaled_js_from_logits


def argument_order_wrong(p, q):
    return F.kl_div(p.log(), q, reduction="sum")


def argument_order_right(p, q):
    return F.kl_div(q.log(), p, reduction="sum")  # F.kl_div(log_q, p) is KL(P‖Q)


def not_in_logs_wrong(p, q):
    return F.kl_div(q, p, reduction="sum")


def not_in_logs_right(p, q):
    return F.kl_div(q.log(), p, reduction="sum")


def log_target_wrong(p, q):
    return F.kl_div(q.log(), p.log(), reduction="sum")


def log_target_right(p, q):
    return F.kl_div(q.log(), p.log(), reduction="sum", log_target=True)


def default_reduction_wrong(p, q):
    return F.kl_div(q.log(), p)


def default_reduction_right(p, q):
    return F.kl_div(q.log(), p, reduction="sum")


def mean_reduction_wrong(p, q, rows):
    log_q, p = q.log().repeat(int(rows), 1), p.repeat(int(rows), 1)
    return F.kl_div(log_q, p, reduction="mean")


def mean_reduction_right(p, q, rows):
    log_q, p = q.log().repeat(int(rows), 1), p.repeat(int(rows), 1)
    return F.kl_div(log_q, p, reduction="batchmean")


def k3_sign_wrong(p, q):
    log_ratio = p.log() - q.log()  # at samples x ~ P
    estimate = log_ratio.exp() - 1 - log_ratio
    return (p * estimate).sum()  # its exact mean under P


def k3_sign_right(p, q):
    estimate = k3(p.log(), q.log())  # (q/p − 1) − log(q/p) at samples x ~ P
    return (p * estimate).sum()


def k1_loss_wrong(p, q):
    z = p.log().requires_grad_()
    log_p = z.log_softmax(-1)
    estimate = k1(log_p, q.log())  # the samples are held fixed
    (log_p.exp().detach() * estimate).sum().backward()
    return z.grad.norm()


def k1_loss_right(p, q):
    z = p.log().requires_grad_()
    kl_from_logits(z, q.log()).backward()
    return z.grad.norm()


def epsilon_wrong(p, q, eps):
    p, q = p.clamp(eps, 1), q.clamp(eps, 1)
    return (p * (p / q).log()).sum()


def epsilon_right(p, q, eps):
    return kl_from_probs(p, q)


def zero_log_zero_wrong(p, q):
    return (p * (p.log() - q.log())).sum()


def zero_log_zero_right(p, q):
    return kl_from_probs(p, q)


def vae_mean_wrong(mu, logvar):
    return -0.5 * torch.mean(1 + logvar - mu**2 - logvar.exp())


def vae_mean_right(mu, logvar):
    return posterior_kl(mu, logvar).sum(-1)  # a sum over the latent dimensions


def vae_sum_wrong(mu, logvar, rows):
    mu, logvar = mu.repeat(int(rows), 1), logvar.repeat(int(rows), 1)
    return -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())


def vae_sum_right(mu, logvar, rows):
    mu, logvar = mu.repeat(int(rows), 1), logvar.repeat(int(rows), 1)
    return posterior_kl(mu, logvar).sum(-1).mean()


def underflow_wrong(z_p, z_q):
    p, q = z_p.softmax(-1), z_q.softmax(-1)
    return (p * (p.log() - q.log())).sum()


def underflow_right(z_p, z_q):
    return kl_from_logits(z_p, z_q)


def float32_wrong(p, q):
    p, q = p.float(), q.float()
    return F.kl_div(q.log(), p, reduction="sum")


def float32_right(p, q):
    return kl_from_probs(p.float(), q.float())


def silent_normalising_wrong(z_p, z_q):
    return torch.as_tensor(entropy(z_p, z_q))  # logits by mistake; it divides each by its sum, and says nothing


def silent_normalising_right(z_p, z_q):
    return torch.as_tensor(entropy(z_p.softmax(-1), z_q.softmax(-1)))


def per_token_wrong(log_p, log_q):
    return (log_p - log_q).mean()


def per_token_right(log_p, log_q):
    return (log_p - log_q).sum()  # of the sequence, as in E[r] − β·KL with one reward a sequence


def bits_wrong(p, q):
    return (p * (p / q).log2()).sum()


def bits_right(p, q):
    return (p * (p / q).log()).sum()


def without_T2_wrong(student, teacher, T):
    return F.kl_div((student / T).log_softmax(-1), (teacher / T).softmax(-1), reduction="sum")


def without_T2_right(student, teacher, T):
    return scaled_soft_kl(student, teacher, T)  # T²·KL, whose gradient keeps its size


def js_ends_wrong(teacher, student, beta):
    t, s = teacher.log_softmax(-1), student.log_softmax(-1)
    if beta == 0:
        return F.kl_div(s, t, reduction="sum", log_target=True)  # KL(teacher‖student)
    if beta == 1:
        return F.kl_div(t, s, reduction="sum", log_target=True)
    m = torch.logaddexp(t + beta.log(), s + (1 - beta).log())
    kl_teacher = F.kl_div(m, t, reduction="sum", log_target=True)
    kl_student = F.kl_div(m, s, reduction="sum", log_target=True)
    return beta * kl_teacher + (1 - beta) * kl_student  # about β·KL next to 0


def js_ends_right(teacher, student, beta):
    return scaled_js_from_logits(teacher, student, float(beta))  # the same over β(1 − β)
