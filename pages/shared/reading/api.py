"""The most probable tokens as servers give them: OpenAI's and vLLM's `top_logprobs`, in a whole answer or cut out of one."""

from .frames import cell_text
from .table import Table


def of_api(content: object, **more) -> Table | None:
    """The first position's tokens and log-probabilities; None for what is no such answer."""
    positions = [one for one in _positions(content) if one]
    if not positions:
        return None
    tokens = positions[0]
    rows = [[_shown(token), cell_text(value)] for token, value in tokens.items()]
    table = Table(["token", "logprob"], rows, [0] * len(rows), **more)
    if len(positions) > 1:
        table.say(f"Of {len(positions):,} tokens with alternatives the first is read.")
    return table


def _shown(token: str) -> str:
    """With marks around a token whose spaces count: “ red” is another one than “red”."""
    return token if token.strip() == token else f"“{token}”".replace("\n", "\\n")


def _positions(content: object) -> list[dict[str, object]]:
    if isinstance(content, list):
        if content and all(isinstance(one, dict) and {"token", "logprob"} <= set(one) and "top_logprobs" not in one for one in content):
            return [{str(one["token"]): one["logprob"] for one in content}]
        return [position for one in content for position in _positions(one)]
    if not isinstance(content, dict):
        return []
    top = content.get("top_logprobs")
    if isinstance(top, dict):
        return [top]
    if isinstance(top, list) and all(one is None or isinstance(one, dict) for one in top):
        given = [one for one in top if one]
        return _positions(given) if given and "logprob" in given[0] else [_plain(one) for one in given]
    return [position for one in content.values() if isinstance(one, dict | list) for position in _positions(one)]


def _plain(tokens: dict) -> dict[str, object]:
    """vLLM gives an object for each token, with its text inside."""
    return {
        str(one.get("decoded_token", token)) if isinstance(one, dict) else str(token): one.get("logprob") if isinstance(one, dict) else one
        for token, one in tokens.items()
    }
