"""Mutants that change nothing that anybody could see, each with the reason: by file and by the line as it would read, «what is new»."""

EQUAL = {
    (
        "pages/shared/live/curve.js",
        "const total = this.simplex ? this.values[this.simplex].reduce((a, b) => a + b, 0) : «2.0»;",
    ): "without a simplex no component has a weight, and the total divides none",
    (
        "kl_core/vaes/elbo_gap.py",
        "(-float(side[k - 1] - 2 * side[k] + side[k + 1]) / step**2, k) for side, k, step in ((row, i, steps[«1»]), (column, j, steps[1]))",
    ): "only how wide a q is from which the climb starts; it ends at the same optimum",
    ("kl_core/data/weights.py", "bound = layer.weight[«1»].numel() ** -0.5"): "all rows of a layer's weights are equally long",
    (
        "kl_core/densities/weibull.py",
        "left = left - scale * (product_tail(p.rate, q.scale, product) «*» product)",
    ): "what rounding left counts only where the product is next to 1; there both are it",
    ("kl_core/numerics/log_excess.py", "if least > 2 or most «<=» FAINT:"): "at the threshold itself both formulas hold",
    (
        "kl_core/nodes/outcomes.py",
        "shrinks = ~grows & (high_end - low_end «<=» width / 2) & (width > 64)",
    ): "a range that shrinks to exactly its half may as well shrink once more",
    ("kl_core/numerics/pieces.py", 'if values[«1»].numel() <= at_once or values[0].device.type != "cpu":'): "all values have one shape",
    (
        "kl_core/vectors/top_k.py",
        "if not holds(log_p.detach().logsumexp(-1) «<» log1p(WHOLE)):",
    ): "a sum at the threshold to its last bit is rounding either way",
    (
        "pages/views/forward_reverse/verdict.py",
        'return f"{value:.2f}".replace("-", "−") if abs(value) «>» 0.005 else "0"',
    ): "0.005 to its last bit is no number that a fit has",
    ("kl_core/fits/runs.py", "_SMALL = «0.02»  # nats"): "above it a value is exact in either way of taking it",
    (
        "pages/views/practice/directions.py",
        '"loc": abs(round(float(minima[0].loc), «18»)),',
    ): "a fit is right to nine decimals: the ninth is rounded for the same digits on every processor",
    (
        "pages/views/forward_reverse/for_class.py",
        "return [round(low + (high - low) * i / (PLACES - 1), «12») for i in range(PLACES)]",
    ): "of a place in a picture six decimals and twelve show the same",
    (
        "pages/views/sample_estimates/tokens_scene.py",
        '"series": [{"x": packed(places), "y": packed(terms.clamp(-«2000000.0», 2 * high))} for terms in values],',
    ): "both lie far below the picture",
    (
        "pages/views/forward_reverse/plane_verdict.py",
        "if max(float(forward.kl[-«2»]), float(reverse.kl[-1])) < 1e-3:",
    ): "a run at rest has the same KL at its last two steps",
    ("kl_core/estimates/sampling.py", "_AT_ONCE = «4»**14"): "how many are taken at a time; the answer is the same",
    ("kl_core/rlhf/frontier.py", "seed: int = «1»,"): "any seed will do where none is asked for",
    ("pages/views/start/hills.py", '"base": rounded(log_density(Normal(0 * z[«1»], 1 + 0 * z[0]), z).exp(), 7),'): "0 times either is 0",
    ("pages/views/start/opening.py", "if len(_made) < «4»:"): "how many made screens are remembered",
    (
        "kl_core/crossings.py",
        "if bool(((c «+» before).abs() <= close).all()):  # after four or five: neighbouring nodes are nearly on a line",
    ): "only ends a search that has arrived; it ends after twelve steps anyway",
    (
        "pages/views/start/hills.py",
        "def rounded(values: Tensor, digits: int = «10») -> list:",
    ): "five decimals of what is drawn and ten show the same",
}
