"""Which field of a log is which: by its name, else by its numbers, else by hand; what was guessed is said."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .token_names import MASKS, NO_LOG_PROBS, ROLES, guess_roles, is_log_prob, plain

SIDES = ("policy", "reference")
_DREW = {"old", "behavior", "behaviour", "sampling", "rollout", "before"}
"""In a field's name: the policy that drew the tokens, where two policies and no reference are logged."""


class UnknownFieldsError(ValueError):
    """The two log-probabilities cannot be told by the fields' names; names: of all fields. roles: those that are known."""

    def __init__(self, problem: str, names: list[str], roles: dict[str, str]) -> None:
        super().__init__(problem)
        self.names, self.roles = names, roles


@dataclass(frozen=True)
class Roles:
    """fields: the field of each role. note: what was guessed, in one sentence, or "". lacking: the sides that no field is for."""

    fields: dict[str, str]
    note: str
    lacking: list[str]


def decide_roles(names: list[str], numbers: Iterable[str], chosen: dict[str, str]) -> Roles:
    """names: of all fields. numbers: those that hold numbers of at most 0, as log-probabilities do. chosen: by hand, by role; "" for none.

    ValueError where one field is chosen for both sides.
    """
    known = guess_roles(names)
    guessed = _filled(names, list(numbers), known)
    fields = {role: name for role, name in (guessed | chosen).items() if name in names}
    if fields.get("policy") is not None and fields.get("policy") == fields.get("reference"):
        if chosen.keys() >= set(SIDES):
            raise ValueError(f"The policy and the reference are both “{fields['policy']}”: choose two fields.")
        taken, other = SIDES if "policy" in chosen else SIDES[::-1]  # the other side gets what this one was
        fields[other] = guessed[taken]
    same = all(fields.get(role) == guessed.get(role) for role in SIDES)
    note = _note(names, known, fields) if same and len(fields.keys() & set(SIDES)) == 2 else ""
    return Roles(fields, note, [role for role in SIDES if role not in fields])


def _filled(names: list[str], numbers: list[str], known: dict[str, str]) -> dict[str, str]:
    """With fields for the two sides where names do not say them: the one that drew the tokens is the policy."""
    free = [name for name in names if name not in known.values() and plain(name) not in MASKS]
    named = [name for name in free if is_log_prob(name)]
    candidates = [*named, *(name for name in free if name in numbers and name not in named and not _words(name) & NO_LOG_PROBS)]
    candidates.sort(key=lambda name: (name not in named, not (_words(name) & _DREW)))
    filled = dict(known)
    for role in SIDES:
        if role not in filled and candidates:
            filled[role] = candidates.pop(0)
    return filled


def _words(name: str) -> set[str]:
    return set(re.split(r"[^a-z]+", plain(name)))


def _note(names: list[str], known: dict[str, str], fields: dict[str, str]) -> str:
    """Which fields are taken where their names leave a doubt."""
    policy, reference = (fields[role] for role in SIDES)
    guessed = [role for role in SIDES if role not in known]
    if guessed:
        what = " and ".join(guessed)
        return (
            f"No field is named as the {what}: “{policy}” is taken as the policy that drew the tokens, “{reference}” as the reference. "
            "If it is otherwise, choose where it says “Which field is which”."
        )
    rivals = _rivals(names, fields)
    if rivals:
        others = ", ".join(f"“{name}”" for name in rivals)
        return (
            f"The policy is “{policy}”, as it drew the tokens, and the reference is “{reference}”. {others} could be meant too: choose "
            "where it says “Which field is which”."
        )
    return ""


def _rivals(names: Sequence[str], fields: dict[str, str]) -> list[str]:
    """Other fields whose name would fit one of the two sides."""
    sides = {*ROLES["policy"], *ROLES["reference"]}
    return [name for name in names if name not in fields.values() and (plain(name) in sides or is_log_prob(name))]
