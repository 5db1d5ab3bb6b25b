"""Formulas in running text: "KL(π‖π_ref)" as Markdown with LaTeX in it, so that "ref" is lowered."""

import re

_KL = re.compile(r"(∇?)KL\((π_ref|π)‖(π_ref|π)\)")
_TEX = {"π": r"\pi", "π_ref": r"\pi_\text{ref}", "∇": r"\nabla", "": ""}


def typeset(text: str) -> str:
    """The text with every KL of π and π_ref, and every other π_ref, as a formula."""
    text = _KL.sub(lambda found: rf"${_TEX[found[1]]}\mathrm{{KL}}({_TEX[found[2]]}\,\Vert\,{_TEX[found[3]]})$", text)
    return text.replace("π_ref", f"${_TEX['π_ref']}$")
