"""A run's tokens from objects with lists in them, as trainers dump them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import TypeGuard

import numpy as np

from ...shared.reading.source import MAGIC, open_source
from .token_masks import passing
from .token_names import guess_roles, masks, plain, second_name

TOLD_EACH = 500
"""Objects."""


@dataclass
class Rows:
    """Columns of equal length, an entry for each token; empty where there is none. mask: 0 for what is left out. line: or 0."""

    policy: list[float] = field(default_factory=list)
    reference: list[float] = field(default_factory=list)
    sampler: list[float] = field(default_factory=list)
    mask: list[float] = field(default_factory=list)
    sequence: list[str] = field(default_factory=list)
    token: list[str] = field(default_factory=list)
    reward: list[float] = field(default_factory=list)
    step: list[float] = field(default_factory=list)
    line: list[int] = field(default_factory=list)


def rows_of_records(
    records: list[dict], lines: list[int], roles: dict[str, str], notes: list[str], told: Callable[[int], object] = lambda done: None
) -> Rows:
    """roles: the field of each role, where an object has that field; where not, by the names it has. told: how many objects are done.

    ValueError with one sentence and the line for an object without the two log-probabilities, or with lists of unlike lengths.
    """
    rows = Rows()
    for i, (record, line) in enumerate(zip(records, lines, strict=True)):
        if i % TOLD_EACH == 0:
            told(i)
        here = {role: name for role, name in roles.items() if name in record}
        known = {role: name for role, name in guess_roles(list(record)).items() if role in roles and name not in here.values()} | here
        where = f"Line {line}" if line else f"Object {i + 1}"
        for role in ("policy", "reference"):
            lacking = role not in known or record[known[role]] is None
            if lacking and not (set(known) >= {"policy", "reference"} and not any(map(_is_list, record.values()))):
                raise ValueError(f"{where} has no “{role}”; it has {', '.join(map(str, record))[:80]}.")
        _add(rows, record, known, where, i, line, notes)
    return rows


def numbers_of_records(records: list[dict]) -> list[str]:
    """The fields whose numbers are at most 0 in the first objects, as log-probabilities are."""
    names = list(dict.fromkeys(str(key) for record in records for key in record))
    return [name for name in names if _all_negative([record.get(name) for record in records[:20]])]


def _all_negative(cells: list[object]) -> bool:
    try:
        numbers = [number for cell in cells for number in _flat(_log_probs(cell)[0])]
    except ValueError:
        return False
    known = [number for number in numbers if number == number]
    return bool(known) and max(known) <= 0 and min(known) < 0


def _flat(numbers: list) -> list[float]:
    return [one for number in numbers for one in (number if isinstance(number, list) else [number])]


def _add(rows: Rows, record: dict, roles: dict[str, str], where: str, number: int, line: int, notes: list[str]) -> None:
    side = lambda role: _log_probs(_of_sampled(record[roles[role]], record.get("token_ids")))
    policy, words = side("policy")
    if policy and isinstance(policy[0], list):
        for part in range(len(policy)):  # a batch in single object: a list for each sequence
            single = {key: value[part] if _is_list(value) and len(value) == len(policy) else value for key, value in record.items()}
            _add(rows, single, roles, f"{where}, sequence {part + 1}", number * 100_000 + part, line, notes)
        return
    count = len(policy)
    reference, _ = side("reference")
    if len(reference) != count:
        raise ValueError(f"{where} has {count} tokens under the policy and {len(reference)} under the reference.")
    rows.policy += policy
    rows.reference += reference
    rows.sampler += _fitting(side("sampler")[0], count, nan) if "sampler" in roles else [nan] * count
    rows.mask += _mask(record, roles, count, where, notes)
    listed = _is_list(record[roles["policy"]]) or isinstance(record[roles["policy"]], dict) and "logprob" not in record[roles["policy"]]
    name = _scalar(record[roles["sequence"]]) if "sequence" in roles else None
    second = None if listed else second_name(list(record), roles)
    name = f"{name} {record[second]}" if second is not None else name
    rows.sequence += [f"{name if name is not None else 'line'} {number}" if listed else str(name if name is not None else "")] * count
    given = record.get(roles["token"]) if "token" in roles else None
    rows.token += [str(word) for word in _fitting(_listed(given) if given is not None else words, count, "")]
    reward = _listed(_scored(record[roles["reward"]])) if "reward" in roles else []
    rows.reward += [sum(_number(one) for one in reward) if reward else nan] * count
    step = _listed(record[roles["step"]]) if "step" in roles else [nan]
    rows.step += [_number(cell) for cell in (step if len(step) == count else step[:1] * count)]
    rows.line += [line] * count


def _scored(reward: object) -> object:
    """The number in an object of several, as of {"score": 1.0, "accuracy": 1}."""
    if not isinstance(reward, dict):
        return reward
    first = next((value for value in reward.values() if isinstance(value, int | float)), None)
    return next((reward[key] for key in ("reward", "score", "total") if key in reward), first)


def records_of_arrays(data: bytes | str, name: str) -> tuple[list[dict], list[int], list[str]] | None:
    """One object of the arrays in a .npz or .safetensors; two plain lists, one after the other, are the policy's and the reference's."""
    if isinstance(data, str) or data[:1] in b"[ \n":
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        pair = re.fullmatch(r"\s*(\[[^\[\]{}]*\])\s*,?\s*(\[[^\[\]{}]*\])\s*", text)
        if pair is None:
            return None
        sides = [[cell for cell in re.split(r"[\s,;]+", side.strip("[] \n")) if cell] for side in pair.groups()]
        return (
            [dict(zip(("policy", "reference"), sides, strict=True))],
            [0],
            ["The first list is the policy’s, the second the reference’s."],
        )
    source = open_source(data, name) if data.startswith((MAGIC["zip"], MAGIC["npy"])) or name.lower().endswith(".safetensors") else None
    if source is None or source.arrays is None:
        return None
    if list(source.arrays) == [""]:
        return _two_sides(source.arrays[""].numpy())
    return [{title: values.tolist() for title, values in source.arrays.items()}], [0], source.notes


def _two_sides(array: np.ndarray) -> tuple[list[dict], list[int], list[str]] | None:
    """An array of two rows or two columns, which are the policy and the reference; None for another."""
    if array.ndim != 2 or 2 not in array.shape or array.shape == (2, 2):  # which could be either
        return None
    what, sides = ("column", array.T) if array.shape[1] == 2 else ("row", array)
    note = f"The first {what} of the array is the policy’s, the second the reference’s."
    return [{"policy": sides[0].tolist(), "reference": sides[1].tolist()}], [0], [note]


def _mask(record: dict, roles: dict[str, str], count: int, where: str, notes: list[str]) -> list[float]:
    """Where all masks of an object let a token through; one over prompt and response counts from its end, unless another fits."""
    passed = np.ones(count)
    given = {name: cells for name in masks(list(record), roles) if (cells := _mask_cells(record, name, count)) is not None}
    fits = [name for name, cells in given.items() if len(cells) == count]
    for name, cells in given.items():
        if len(cells) > count:
            _say_longer(name, cells, fits, notes)
            if fits:
                continue
            cells = cells[-count:] if count else []
        if len(cells) < count:
            raise ValueError(f"{where}: “{name}” has {len(cells)} entries and the log-probabilities {count}; they must be as many.")
        passed *= passing(name, np.array(cells, dtype=float), where, notes)
    return passed.tolist()


def _mask_cells(record: dict, name: str, count: int) -> list[float] | None:
    """A mask's entries, one for all tokens repeated; None for labels that are words or classes."""
    if plain(name) == "labels" and not (_is_list(record[name]) and all(map(_is_number, record[name]))):
        return None
    return [_number(cell) for cell in _listed(record[name])] * (1 if _is_list(record[name]) else count)


def _say_longer(name: str, cells: list[float], fits: list[str], notes: list[str]) -> None:
    """Which entries of a mask over prompt and response are used, and what would make that wrong."""
    longer = f"“{name}” is longer than the log-probabilities, as one over prompt and response is: "
    said = [longer + (f"“{fits[0]}”, which has as many entries, is used instead." if fits else "its last entries are used.")]
    if not fits and cells[0] and not cells[-1]:
        said.append(
            "That is right where every response begins at the same place of its row. Where each response follows its own prompt and all "
            "the padding comes last, give a mask of the response alone (“response_mask”)."
        )
    notes += [note for note in said if note not in notes]


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float | np.number)


def _log_probs(value: object) -> tuple[list, list[str]]:
    """Numbers, and the tokens that stand beside them: plain lists, OpenAI's content, vLLM's dicts of candidates."""
    if isinstance(value, dict):
        for key in ("content", "token_logprobs"):
            if _is_list(value.get(key)):
                return _log_probs(value[key])[0], _log_probs(value[key])[1] or [str(one) for one in value.get("tokens", [])]
        if _is_list(value.get("choices")) and value["choices"]:
            return _log_probs(value["choices"][0])
        if isinstance(value.get("logprobs"), dict | list):
            return _log_probs(value["logprobs"])
        if len(value) > 1 and all(cell is None or _is_number(cell) for cell in value.values()):  # a column as pandas writes it, or by token
            names = list(map(str, value))
            return [_number(cell) for cell in value.values()], [] if all(name.isdigit() for name in names) else names
        return _log_probs([value])
    cells = _listed(value)
    if cells and all(map(_is_triple, cells)):
        return [_number(cell[0]) for cell in cells], [str(cell[2] or "") for cell in cells]
    if any(_is_list(cell) for cell in cells):
        return [list(map(_number, _listed(cell))) for cell in cells], []
    words = [_word(cell) for cell in cells]
    return [_number(_chosen(cell)) for cell in cells], words if any(words) else []


def _is_triple(cell: object) -> bool:
    """SGLang’s [log-probability, token id, text or null] at each place."""
    return (
        isinstance(cell, list)
        and len(cell) == 3
        and isinstance(cell[1], int)
        and cell[1] >= 0
        and (cell[2] is None or isinstance(cell[2], str))
    )


def _of_sampled(cells: object, ids: object) -> object:
    """vLLM's candidates {id: {"logprob"}} at each place, as the one that was sampled, where its ids are logged; None where it lacks."""
    if not (_is_list(cells) and _is_list(ids) and len(cells) == len(ids)):
        return cells
    is_candidates = lambda cell: isinstance(cell, dict) and "logprob" not in cell
    return [cell.get(str(own)) if is_candidates(cell) else cell for cell, own in zip(cells, ids, strict=True)]


def _chosen(cell: object) -> object:
    """The log-probability in OpenAI's {"token", "logprob"}, or of the first candidate, the sampled one, in vLLM's {id: {"logprob"}}."""
    if not isinstance(cell, dict):
        return cell
    if "logprob" in cell:
        return cell["logprob"]
    return _chosen(next(iter(cell.values()), None))


def _word(cell: object) -> str:
    if not isinstance(cell, dict):
        return ""
    if "logprob" not in cell and cell:
        return _word(next(iter(cell.values())))
    return str(cell.get("decoded_token") or cell.get("token") or "")


def _number(cell: object) -> float:
    """NaN for null; ValueError for a word."""
    if cell is None or cell == "":
        return nan
    if isinstance(cell, str) and cell.strip().lower() in ("null", "none", "nan"):
        return nan
    try:
        return float(cell.replace("−", "-") if isinstance(cell, str) else cell)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError):
        raise ValueError(f"“{str(cell)[:20]}” is no number.") from None


def _is_list(value: object) -> TypeGuard[Sequence]:
    return isinstance(value, list | tuple | np.ndarray)


def _listed(value: object) -> list:
    return list(value) if _is_list(value) else [value]


def _scalar(value: object) -> object:
    return value[0] if _is_list(value) and len(value) else value


def _fitting(cells: Sequence, count: int, filler: object) -> list:
    return list(cells) if len(cells) == count else [filler] * count
