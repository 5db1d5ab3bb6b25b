"""What the fields of a run's log are called: by hand, and by TRL, verl, OpenRLHF, slime, vLLM and OpenAI."""

import re

ROLES: dict[str, tuple[str, ...]] = {
    "policy": (
        "policy", "log_p", "logp", "old_log_probs", "old_log_prob", "old_logprobs", "old_per_token_logps", "old_logps", "log_probs",
        "log_prob", "logprobs", "logprob",
        "logps", "policy_log_probs", "policy_logprobs", "policy_logprob", "logprobs_current", "current_logprobs", "actor_log_probs",
        "action_log_probs",
        "per_token_logps", "token_logprobs", "completion_logprobs", "response_logprobs", "prompt_logprobs", "output_token_logprobs", "pi",
        "student",
    ),
    "reference": (
        "reference", "log_q", "ref", "ref_log_prob", "ref_log_probs", "ref_logprob", "ref_logprobs", "ref_logps", "logprobs_reference",
        "reference_log_probs", "reference_logprobs", "ref_per_token_logps", "base_action_log_probs", "base_log_probs", "base_logprobs",
        "ref_token_logprobs", "ref_policy_logprobs", "sft_logprobs", "logprobs_ref", "logq", "ref_prompt_logprobs", "pi_ref", "teacher",
        "ref_output_token_logprobs",
    ),
    "sampler": (
        "sampler", "rollout_log_probs", "rollout_log_prob", "rollout_logprobs", "sampling_logprobs", "sampling_per_token_logps",
        "inference_logprobs", "vllm_logprobs", "behavior_log_probs", "behaviour_log_probs", "generation_logprobs", "log_mu",
    ),
    "mask": (
        "mask", "response_mask", "loss_mask", "completion_mask", "action_mask", "attention_mask", "response_attention_mask", "loss_masks",
        "masks", "assistant_mask", "assistant_masks", "is_response", "is_completion", "is_generated", "is_assistant", "response_only",
    ),
    "sequence": (
        "sequence", "seq", "id", "sample", "sample_id", "sequence_id", "seq_id", "uid", "request_id", "rollout_id", "trajectory", "episode",
        "prompt_id", "completion_id", "response_id", "answer_id", "conversation_id", "question_id", "example_id",
    ),
    "token": (
        "token", "tokens", "text", "word", "token_str", "token_text", "decoded_token", "piece", "response_tokens", "completion_tokens",
    ),
    "reward": ("reward", "rewards", "score", "scores", "token_level_scores", "return", "raw_reward"),
    "step": ("step", "global_step", "training_step", "iteration", "iter", "rollout_step"),
}  # fmt: skip
"""Of several that fit, the first is taken. A mask may have several columns: all of them must let a token through."""
PADDING = ("padding_mask", "padding_masks", "pad_mask", "pad_masks", "key_padding_mask", "prompt_mask", "prompt_masks")
"""Masks that are 1 where nothing is that counts."""
PROMPTS = ("prompt_id", "uid", "request_id", "id", "question_id", "example_id", "seq", "sequence", "sequence_id")
ANSWERS = (
    "completion_id", "response_id", "answer_id", "generation_id", "output_id", "sample_id", "sample", "sample_index", "sample_idx",
    "completion_index", "rollout_id",
)  # fmt: skip
"""Of several answers to one prompt: the two names together are a sequence's."""
MASKS = {*ROLES["mask"], *PADDING, "labels"}
"""Fields that leave tokens out; of labels those that are −100."""


def plain(name: str) -> str:
    """A field's name without its batch, spaces or case: "batch.Old log-probs" → "old_log_probs"."""
    return re.sub(r"[\s\-]+", "_", str(name).strip().lower()).split("/")[-1].split(".")[-1]


_BY_WORDS = {
    "reference": {"ref", "reference", "base", "sft", "teacher", "init", "initial", "frozen"},
    "sampler": {"rollout", "sampler", "sampling", "vllm", "sglang", "inference", "behavior", "behaviour", "generation"},
    "policy": {"actor", "policy", "current", "student", "model", "trainer", "train"},
}


_OF_OTHERS = {"top", "mean", "sum", "cumulative", "avg", "diff", "ratio", "rejected", "entropy"}
"""In the names of log-probabilities that are not those of the tokens drawn."""
NO_LOG_PROBS = {*_OF_OTHERS, "kl", "advantage", "advantages", "adv", "loss", "reward", "rewards", "return", "returns", "value", "values"}
"""In the names of numbers that may all be below 0 without being log-probabilities."""


def is_log_prob(name: str) -> bool:
    """Whether a field's name says that it holds log-probabilities."""
    bare = plain(name)
    return re.search(r"log_?p(rob|s|$|_)|logits_logp|lp_", bare) is not None and not set(bare.split("_")) & _OF_OTHERS


def _role_by_words(name: str) -> str | None:
    """The role of a name that says both that it is a log-probability and whose."""
    if not is_log_prob(name):
        return None
    words = set(name.split("_"))
    return next((role for role, known in _BY_WORDS.items() if words & known), None)


def guess_roles(names: list[str]) -> dict[str, str]:
    """The field of each role that there is one for. A sampler alone is the policy: then nothing else was logged."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(plain(name), name)
    roles = {role: known[alias] for role, aliases in ROLES.items() for alias in reversed(aliases) if alias in known}
    for name in names:  # “actor_logprob”, “logprob_teacher”
        role = _role_by_words(plain(name))
        if role is not None and role not in roles and name not in roles.values():
            roles[role] = name
    if "policy" not in roles and "sampler" in roles:
        roles["policy"] = roles.pop("sampler")
    return roles


def second_name(names: list[str], roles: dict[str, str]) -> str | None:
    """The field that tells the answers to one prompt apart, where sequences are named by their prompt."""
    if plain(roles.get("sequence", "")) not in PROMPTS:
        return None
    return next((name for name in names if plain(name) in ANSWERS and name != roles["sequence"]), None)


def masks(names: list[str], roles: dict[str, str]) -> list[str]:
    """All fields that are masks."""
    is_mask = lambda name: plain(name) in MASKS or plain(name).endswith(("_mask", "_masks")) and plain(name) != "special_tokens_mask"
    return [name for name in names if is_mask(name) or name == roles.get("mask")]
