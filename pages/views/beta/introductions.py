"""What the later views of β open with."""

from pages.shared.introductions import Introduction

_AIM = r"\max_{\pi}\;\mathbb{E}_{\pi}[\text{reward}]-\beta\cdot\mathrm{KL}(\pi\,\|\,\pi_{\text{ref}})"
_POLICIES = r"π is the trained policy, $\pi_\text{ref}$ the reference it began as"

OF_VIEWS = {
    "Forgetting": Introduction(
        "What does a model forget when it learns?",
        "One set of weights answers every question, so training on one moves the others: catastrophic forgetting.",
        "Compare RL with SFT, then press Train.",
        r"\min_{\pi\,\text{succeeds}}\mathrm{KL}(\pi\,\|\,\pi_{\text{ref}})=-\log\pi_{\text{ref}}(\text{success})",
        _POLICIES
        + ". The nearest policy that always succeeds is the reference given success. RL is reinforcement learning, SFT imitation.",
    ),
    "Which direction?": Introduction(
        "Which KL should hold the policy back?",
        "RLHF averages its penalty over the policy. The other direction averages over the reference.",
        "Drag a bar, then β.",
        r"\mathrm{KL}(\pi\,\|\,\pi_{\text{ref}})\quad\text{or}\quad\mathrm{KL}(\pi_{\text{ref}}\,\|\,\pi)",
        _POLICIES + ".",
    ),
    "One frontier": Introduction(
        "Which method gets the most reward per nat?",
        "Every method trades reward for KL, and none can lie above the exact optimum.",
        "Choose methods and compare them.",
        r"\pi^*=\dfrac{1}{Z}\,\pi_{\text{ref}}\,e^{\text{reward}/\beta}",
        r"π* is the exact optimum at β, $\pi_\text{ref}$ the reference, and Z makes π* sum to 1.",
    ),
    "Train it yourself": Introduction(
        "How close does training come?",
        "The curve of exact optima is what training aims at. A real run walks towards it, step by step.",
        "Press Train.",
        _AIM,
        _POLICIES + ", β the price of one nat of KL in units of reward.",
    ),
    "Who sets β?": Introduction(
        "Can you set β better than a rule?",
        "In practice nobody sees the true reward. One watches the score, the KL and the text, and turns β.",
        "Run 50 steps, look, and set β anew.",
        _AIM,
        _POLICIES + ", β the price of one nat of KL in units of reward.",
    ),
    "In practice": Introduction(
        "Which β do people use?",
        "Libraries differ in their defaults, and in what they multiply by β.",
        "Find your library.",
        _AIM,
        _POLICIES + ", β the price of one nat of KL in units of reward.",
    ),
}
