"""Files of reports, and the one reader as Your numbers asks it."""

from pathlib import Path

from pages.views.your_numbers.inputs import Chosen, Inputs, Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS

REPORTS = Path(__file__).parent / "reports"


def report(name: str) -> bytes:
    """What somebody reported, as it was written."""
    return (REPORTS / name).read_bytes()


def one_file(data: bytes | str, kind: str = "Counts", name: str = "", **chosen) -> Inputs:
    """A file that holds P and Q; chosen: columns and marks."""
    return read_inputs(KINDS[kind], [Piece(data, name, "The file")], Chosen(**chosen))


def two_files(p: bytes | str, q: bytes | str, kind: str = "Counts") -> Inputs:
    """P and Q in a file each."""
    return read_inputs(KINDS[kind], [Piece(p, "p.csv", "P"), Piece(q, "q.csv", "Q")])
