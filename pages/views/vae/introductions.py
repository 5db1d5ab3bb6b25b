"""What the later views of the VAE page open with."""

from pages.shared.introductions import INTRODUCTIONS, Introduction

_LOSS, _SYMBOLS = INTRODUCTIONS["vae"].formula, INTRODUCTIONS["vae"].symbols

OF_VIEWS = {
    "KL of one posterior": Introduction(
        "What does the code of one image cost?",
        "The encoder answers each image with a Gaussian q(z|x). Its KL pulls it back to the prior.",
        "Drag a handle of q.",
        r"\mathrm{KL}(\mathcal{N}(\mu,\sigma^2)\,\|\,\mathcal{N}(0,1))=-\tfrac12\,(1+\log\sigma^2-\mu^2-\sigma^2)",
        "μ is the mean of q(z|x), σ its standard deviation; the prior p(z) is N(0, 1).",
    ),
    "Draw your own": Introduction(
        "What does your digit cost?",
        "A VAE describes an image in two parts: where it lies in latent space, and how its pixels differ from what is decoded there.",
        "Draw a digit.",
        r"-\text{ELBO}=\mathbb{E}_{q}[-\log p(x\,|\,z)]+\mathrm{KL}(q(z\,|\,x)\,\|\,p(z))",
        "x is your drawing, q(z|x) what the encoder makes of it, p(z) = N(0, I) the prior; β is 1.",
    ),
    "What the ELBO leaves out": Introduction(
        "What does the ELBO leave out?",
        "Training raises a lower bound of log p(x). What is missing is the KL from q to the true posterior.",
        "Drag q onto the blue hills.",
        r"\log p(x)=\text{ELBO}+\mathrm{KL}(q(z\,|\,x)\,\|\,p(z\,|\,x))",
        "p(z|x), the true posterior, says which codes z could have made the image x; q(z|x) is the encoder’s guess.",
    ),
    "Linear VAE": Introduction(
        "When does a posterior collapse?",
        "This VAE has an exact solution: above a certain β it encodes nothing at all.",
        "Slide λ and β.",
        r"\text{weight}^2=\max(0,\,\lambda-\beta\sigma^2)",
        "λ is the variance of the data, σ² the decoder’s variance; the posterior collapses from β = λ/σ².",
    ),
    "Train your own": Introduction(
        "What does your β make of the digits?",
        "A real network learns while you watch: β, warm-up and free bits shape its latent space.",
        "Train one run, or compare four.",
        _LOSS,
        _SYMBOLS,
    ),
    "Sum or mean": Introduction(
        "Which β did you really train?",
        "A mean where a sum belongs divides one part of the loss, so the network trains at another β.",
        "Choose the reductions and press Train both.",
        _LOSS,
        _SYMBOLS,
    ),
    "Diffusion": Introduction(
        "Where does a diffusion model spend its nats?",
        "A diffusion is a VAE with many small steps. Its ELBO adds up one KL per step, and −log p(x₀|x₁) at the end.",
        "Drag the noise schedule.",
        r"-\text{ELBO}=L_0+\sum_{t=2}^{T}\mathrm{KL}(q_{t-1}\,\|\,p_{t-1})+L_T",
        r"$q_{t-1}$ is $q(x_{t-1}|x_t,x_0)$, $p_{t-1}$ the model’s $p(x_{t-1}|x_t)$; $L_0=\mathbb{E}_q[-\log p(x_0|x_1)]$; "
        r"$L_T$ is the KL of $x_T$ from N(0, 1).",
    ),
}
