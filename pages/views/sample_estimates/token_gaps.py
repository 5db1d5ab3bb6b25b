"""Tokens of a log without a log-probability: null, a placeholder, rounded above 0, or what looks like padding."""

from collections import Counter

import numpy as np

from ...shared.reading.placeholders import NO_LOG_PROBABILITY, PLACEHOLDERS, as_written
from .token_records import Rows

INVALID = 1.0
"""TRL's and Open Instruct's INVALID_LOGPROB, at padding."""
ROUNDED = 1e-5
"""A log-probability of nearly 0 that half floats rounded above it."""
PADDED = 2
"""Equal tokens at a sequence's end from which on they look like padding."""


def without_null(p: np.ndarray, q: np.ndarray, keep: np.ndarray, sequence: list[str], notes: list[str]) -> np.ndarray:
    """Without tokens that neither side knows, and without a first token that one side does not: nothing stands before it."""
    first = np.zeros(len(p), dtype=bool)
    first[[i for i in range(len(p)) if i == 0 or sequence[i] != sequence[i - 1]]] = True
    half = keep & first & (np.isnan(p) ^ np.isnan(q))
    if half.any():
        notes.append(f"The first token of {int(half.sum()):,} sequence{'s' if half.sum() > 1 else ''} is null on one side and left out.")
    keep = keep & ~half
    both = keep & np.isnan(p) & np.isnan(q)
    if both.any():
        count = int(both.sum())
        have, are = ("s have", "are") if count > 1 else (" has", "is")
        notes.append(f"{count:,} token{have} no log-probability on either side (null) and {are} left out.")
    return keep & ~both


def without_placeholders(p: np.ndarray, q: np.ndarray, keep: np.ndarray, rows: Rows, notes: list[str]) -> np.ndarray:
    for who, side in (("the policy", p), ("the reference", q)):
        known = side[keep & ~np.isnan(side)]
        invalid = (side == INVALID) & (len(known) > 0 and float(np.median(known)) <= 0)  # not of probabilities
        held = keep & (np.isin(side, PLACEHOLDERS) | np.isfinite(side) & (side <= NO_LOG_PROBABILITY) | invalid)
        if held.any():
            first, count = int(held.argmax()), int(held.sum())
            line = f", first on line {rows.line[first]}" if rows.line[first] else ""
            notes.append(
                f"{as_written(side[first])} under {who} is a placeholder for “no log-probability known”: {count:,} "
                f"token{'s are' if count > 1 else ' is'} left out{line}."
            )
            keep = keep & ~held
    return keep


def round_down(p: np.ndarray, q: np.ndarray, keep: np.ndarray, notes: list[str]) -> None:
    """Makes 0 of what is above it by rounding, and says how many."""
    near = [keep & (side > 0) & (side <= ROUNDED) for side in (p, q)]
    count = int(sum(side.sum() for side in near))
    if count:
        are = "log-probabilities are" if count > 1 else "log-probability is"
        notes.append(f"{count:,} {are} rounded above 0, by at most {ROUNDED:g}, and read as 0.")
    for side, here in zip((p, q), near, strict=True):
        side[here] = 0.0


def say_padding(p: np.ndarray, q: np.ndarray, keep: np.ndarray, sequence: list[str], notes: list[str]) -> None:
    """Says that sequences end with tokens of log-probability 0, or −100, on both sides: without a mask they count.

    Only where all sequences are as long, as padding makes them: an answer may well end with tokens that are certain.
    """
    at = np.nonzero(keep)[0]
    if len(set(Counter(sequence).values())) > 1:
        return
    for value in (0.0, -100.0):
        same = (p[at] == value) & (q[at] == value)
        if not same.any():
            continue
        label = np.array([sequence[i] for i in at])
        ends = np.append(label[1:] != label[:-1], True)
        trailing, run = 0, 0
        for held, last in zip(same.tolist(), ends.tolist(), strict=True):
            run = run + 1 if held else 0
            if last:
                trailing += run if run >= PADDED else 0
                run = 0
        if trailing:
            notes.append(
                f"{trailing:,} tokens at the ends of sequences have log-probability {value:g} on both sides, as padding has, and count as "
                "tokens. If they are padding, give a mask."
            )
