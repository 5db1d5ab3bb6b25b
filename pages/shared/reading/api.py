"""The most probable tokens as servers give them: OpenAI's and vLLM's `top_logprobs`, in a whole answer or cut out of one."""

from typing import Any, NamedTuple

from .frames import cell_text
from .table import Table


class Position(NamedTuple):
    """A place in a text. drawn: the token that stands there, or "". tokens: the listed ones with their log-probabilities."""

    drawn: str
    tokens: dict[str, Any]


def of_api(content: object, **more) -> Table | None:
    """The first position's tokens and log-probabilities, and all positions beside them; None for what is no such answer."""
    positions = [position for position in positions_of(content) if position.tokens]
    if not positions:
        return None
    tokens = positions[0].tokens
    rows = [[shown(token), cell_text(value)] for token, value in tokens.items()]
    return Table(["token", "logprob"], rows, [0] * len(rows), positions=positions, **more)


def shown(token: str) -> str:
    """With marks around a token whose spaces count: “ red” is another one than “red”."""
    return token if token.strip() == token else f"“{token}”".replace("\n", "\\n")


def positions_of(content: object) -> list[Position]:
    """Every position that lists tokens, in order; one without a list has none."""
    if isinstance(content, list):
        if content and all(isinstance(one, dict) and {"token", "logprob"} <= set(one) and "top_logprobs" not in one for one in content):
            return [Position("", {str(one["token"]): one["logprob"] for one in content})]
        return [position for one in content for position in positions_of(one)]
    if not isinstance(content, dict):
        return []
    top = content.get("top_logprobs")
    if isinstance(top, dict):
        return [Position(str(content.get("token", "")), top)]
    if isinstance(top, list) and all(one is None or isinstance(one, dict) for one in top):
        return _listed(content, top)
    listed = content.get("logprobs")
    if isinstance(listed, list) and any(map(_candidates, listed)) and all(one is None or _candidates(one) for one in listed):
        return [Position(next(iter(plain)), plain) for one in listed if one and (plain := _plain(one))]
    return [position for one in content.values() if isinstance(one, dict | list) for position in positions_of(one)]


def _listed(content: dict, top: list) -> list[Position]:
    """Of a token with a list of its alternatives, or of a text with a dict for each of its tokens."""
    given = [one for one in top if one]
    if given and "logprob" in given[0]:
        return [Position(str(content.get("token", "")), {str(one["token"]): one["logprob"] for one in given})]
    drawn = content.get("tokens")
    words = list(map(str, drawn)) if isinstance(drawn, list) and len(drawn) == len(top) else [""] * len(top)
    return [Position(word, _plain(one)) for word, one in zip(words, top, strict=True) if one]


def _candidates(listed: object) -> bool:
    """vLLM's own list at a place: token ids, each with an object."""
    return isinstance(listed, dict) and bool(listed) and all(isinstance(told, dict) and "logprob" in told for told in listed.values())


def _plain(tokens: dict) -> dict[str, object]:
    """vLLM gives an object for each token, with its text inside."""
    return {
        str(one.get("decoded_token", token)) if isinstance(one, dict) else str(token): one.get("logprob") if isinstance(one, dict) else one
        for token, one in tokens.items()
    }
