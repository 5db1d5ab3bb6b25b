"""The picture and the table of "Checked" as HTML: one bar a claim, one row a claim."""

import csv
import io
import re
from collections.abc import Mapping
from html import escape
from math import isinf, isnan

from kl_core.published import SUBJECTS, Check, Claim

from ...shared.style import number
from .links import address_of

_SCALE = (4, 8, 12, 16)
_MOST_SHOWN = 12
"""Significant digits of a number on screen; the CSV has them all."""


def matching(words: str, subject: str | None, corrections: bool) -> dict[str, tuple[Claim, ...]]:
    """The claims by subject in which each of the words occurs, whatever their case."""
    wanted = words.casefold().split()
    fits = lambda claim, of: all(word in _text(claim, of) for word in wanted) and (claim.corrects or not corrections)
    found = {of: tuple(claim for claim in claims if fits(claim, of)) for of, claims in SUBJECTS.items() if subject in (None, of)}
    return {of: claims for of, claims in found.items() if claims}


def _text(claim: Claim, subject: str) -> str:
    return " ".join((claim.name, claim.what, claim.source.text, claim.shown, claim.corrects, subject)).casefold()


def headline(checks: Mapping[str, Check], total: int) -> str:
    """How many agree, in large type."""
    good = sum(one.agrees for one in checks.values())
    seconds = sum(one.seconds for one in checks.values())
    numbers = sum(len(one.ours) for one in checks.values())
    if len(checks) < total:
        return f'<p class="headline">{good} of {total} reproduced so far <small>{total - len(checks)} still to be computed</small></p>'
    return (
        f'<p class="headline">{good} of {total} reproduced <small>{numbers} numbers, computed in {seconds:.1f} s on this server</small></p>'
    )


def strip(shown: Mapping[str, tuple[Claim, ...]], checks: Mapping[str, Check]) -> str:
    """A bar for each claim: how many digits ours and theirs share; a tick: how many the source asks for."""
    groups = "".join(_group(subject, claims, checks) for subject, claims in shown.items())
    scale = "".join(f'<div class="scale" style="--at:{at}"><span>{at}</span></div>' for at in _SCALE)
    every = [checks[one.name] for claims in shown.values() for one in claims if one.name in checks]
    words = f"Digits of agreement of {len(every)} claims: {sum(one.agrees for one in every)} reach what their source asks for."
    key = (
        "Each bar is a claim. Its height: how many digits ours and theirs share, of 16. Its tick: how many digits the source "
        "gives, or our tolerance allows. A bar that reaches its tick is reproduced."
    )
    return f'<div class="strip" role="group" aria-label="{words}">{scale}{groups}</div><p class="key">{key}</p>'


def _group(subject: str, claims: tuple[Claim, ...], checks: Mapping[str, Check]) -> str:
    bars = "".join(_bar(one, checks.get(one.name)) for one in claims)
    return f'<div class="group" style="flex:{len(claims)}"><div class="bars">{bars}</div><div class="name">{escape(subject)}</div></div>'


def _bar(claim: Claim, check: Check | None) -> str:
    if check is None:
        return f'<span class="bar waiting" title="{escape(claim.what, quote=True)}: not computed yet"><i></i></span>'
    words = f"{claim.what}: {check.digits:.1f} digits shared, {check.asked:.1f} asked for; {_verdict(check)}"
    return (
        f'<a class="bar{"" if check.agrees else " off"}" href="#{claim.name}" target="_self" tabindex="-1" aria-hidden="true" '
        f'title="{escape(words, quote=True)}" style="--digits:{check.digits:.2f};--asked:{check.asked:.2f}"><i></i><b></b></a>'
    )


def _verdict(found: Check) -> str:
    return "✓ reproduced" if found.agrees else "✗ not reproduced"


def tables(shown: Mapping[str, tuple[Claim, ...]], checks: Mapping[str, Check], unfolded: bool) -> str:
    """A table a subject, below a line that folds it away; the first shows what they are, and a link to a row unfolds its own."""
    return "".join(_table(subject, claims, checks, unfolded or not place) for place, (subject, claims) in enumerate(shown.items()))


def _table(subject: str, claims: tuple[Claim, ...], checks: Mapping[str, Check], unfolded: bool) -> str:
    found = [checks[one.name] for one in claims if one.name in checks]
    good = sum(one.agrees for one in found)
    count = f"{good} of {len(claims)} reproduced{' so far' if len(found) < len(claims) else ''}"
    heads = "".join(f"<th scope=col>{one}</th>" for one in ("Claim", "Source", "Theirs", "Ours, now", "Difference", "Verdict"))
    rows = "".join(_row(one, checks.get(one.name)) for one in claims)
    return (
        f"<details{' open' if unfolded else ''}><summary><b>{escape(subject)}</b> <span>{count}</span></summary>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def _row(claim: Claim, check: Check | None) -> str:
    source = escape(claim.source.text)
    if claim.source.url:
        source = f'<a href="{escape(claim.source.url, quote=True)}" target="_blank" rel="noopener">{source}</a>'
    address = address_of(claim.name)
    see = f' <a href="{escape(address, quote=True)}" target="_self">See it</a>' if address else ""
    corrects = f'<span class="corrects">{escape(claim.corrects)}</span>' if claim.corrects else ""
    cells = [
        f'<td class="claim">{escape(claim.what)}{see}{corrects}</td>',
        f'<td class="source" data-label="Source">{source}</td>',
        f'<td data-label="Theirs">{_theirs(claim)}</td>',
    ]
    ours, gap, verdict = ("–", "–", "not computed yet") if check is None else (_values(check.ours, claim), _gap(check), _verdict(check))
    cells += [f'<td data-label="Ours, now">{ours}</td>', f'<td data-label="Difference">{gap}</td>', f'<td class="verdict">{verdict}</td>']
    return f'<tr id="{claim.name}">{"".join(cells)}</tr>'


def _theirs(claim: Claim) -> str:
    """As printed; a closed form as its formula with what it comes to."""
    if claim.rule.startswith("half"):
        return _listed(claim.shown.split(" · "), claim)
    values = _values(claim.theirs, claim)
    return values if claim.shown == exactly(claim.theirs[0], _MOST_SHOWN) else f'<span class="rule">{escape(claim.shown)}</span> {values}'


def _values(values: tuple[float, ...], claim: Claim) -> str:
    return _listed([exactly(one, _digits_of(claim, i)) for i, one in enumerate(values)], claim)


def _digits_of(claim: Claim, place: int) -> int:
    """Two more significant digits than the tolerance speaks of, so that a difference shows."""
    theirs, allowed = claim.theirs[place], claim.tolerances[place]
    asked = len(f"{int(abs(theirs) / allowed)}") if 0 < abs(theirs) < float("inf") else 4
    return min(max(asked + 2, 4), _MOST_SHOWN)


def _listed(values: list[str], claim: Claim) -> str:
    parts = claim.parts or ("",) * len(values)
    unit = f' <span class="part">{claim.unit}</span>' if claim.unit else ""
    named = [f'<span class="part">{escape(part)}</span> ' if part else "" for part in parts]
    return "".join(f'<span class="value">{name}{escape(value)}{unit}</span>' for name, value in zip(named, values, strict=True))


def exactly(value: float, digits: int) -> str:
    """That many significant digits, trailing zeros left out; tiny numbers as rounding leaves them."""
    if isnan(value) or isinf(value) or (value and not 1e-4 <= abs(value) < 1e6):
        return number(value)
    return f"{value + 0.0:.{digits}g}".replace("-", "−")


def _gap(check: Check) -> str:
    """Of the worst value, beside what is allowed."""
    place = check.worst
    part = f"{escape(check.claim.parts[place])}: " if check.claim.parts and check.claim.parts[place] else ""
    sign = "≤" if check.agrees else "&gt;"
    return (
        f'<span class="value">{part}{_size(check.differences[place])} {sign} {_size(check.claim.tolerances[place])}</span>'
        f'<span class="rule">{_rule(check.claim)}</span>'
    )


def _size(value: float) -> str:
    """A difference to two digits: its size is what counts."""
    if 1e-3 <= value < 1e5 or value == 0:
        return f"{value:.2g}"
    return re.sub(r"\.?0+(?= ×)", "", number(float(f"{value:.1e}")))


def _rule(claim: Claim) -> str:
    """How the tolerance was chosen, powers of ten as they are printed."""
    return escape(re.sub(r"1e-\d+", lambda power: number(float(power[0])).removeprefix("1.000 × "), claim.rule))


_COLUMNS = (
    "subject",
    "claim",
    "what",
    "part",
    "source",
    "url",
    "theirs",
    "ours",
    "difference",
    "tolerance",
    "rule",
    "unit",
    "reproduced",
    "seconds",
)


def as_csv(checks: Mapping[str, Check]) -> str:
    """One row per number, with every digit."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for subject, claims in SUBJECTS.items():
        for found in (checks[claim.name] for claim in claims if claim.name in checks):
            claim = found.claim
            about = (subject, claim.name, claim.what)
            numbers = zip(claim.parts or ("",), claim.theirs, found.ours, found.differences, claim.tolerances, strict=True)
            writer.writerows(
                [
                    *about,
                    part,
                    claim.source.text,
                    claim.source.url,
                    theirs,
                    ours,
                    gap,
                    allowed,
                    claim.rule,
                    claim.unit,
                    found.agrees,
                    f"{found.seconds:.4f}",
                ]
                for part, theirs, ours, gap, allowed in numbers
            )
    return out.getvalue()
