"""A file's bytes as text or as arrays: encodings, and the formats that are no text."""

import codecs
import io
import json
import re
import warnings
import zipfile
from dataclasses import dataclass, field

import numpy as np
import pandas
import torch

from .encodings import decoded
from .frames import has_numbers
from .tidied import tidied

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_SAFETENSORS = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}
_SAFETENSORS |= {"F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2, "BOOL": torch.bool, "U16": torch.uint16}
_SAFETENSORS |= {"I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8}
MAGIC = {"PAR1": b"PAR1", "npy": b"\x93NUMPY", "zip": b"PK\x03\x04"}


@dataclass(frozen=True)
class Source:
    """One of: text; a frame, of a file that has columns; arrays by name. notes: what was decided, in sentences.

    sheets: of a workbook, those that have numbers; frame is one of them.
    """

    text: str | None = None
    frame: pandas.DataFrame | None = None
    arrays: dict[str, torch.Tensor] | None = None
    notes: list[str] = field(default_factory=list)
    sheets: dict[str, pandas.DataFrame] = field(default_factory=dict)


def open_source(data: bytes | str, name: str = "", sheet: str | None = None, encoding: str = "") -> Source:
    """What is in a file, or in a text that was pasted. encoding: of `encodings.ENCODINGS`, for a text that is not UTF-8; "" guesses.

    ValueError with one sentence for what cannot be read.
    """
    if isinstance(data, str):
        return _of_text(data, [])
    if data.startswith(MAGIC["npy"]):
        return _of_arrays({"": _numpy(_view, data)})
    if data.startswith(MAGIC["PAR1"]):
        return Source(frame=_frame(pandas.read_parquet, data, "Parquet", "pyarrow"))
    if data.startswith(MAGIC["zip"]):
        return _zipped(data, sheet)
    if name.lower().endswith(".safetensors"):
        return Source(arrays=_safetensors(data))
    if name.lower().endswith((".pkl", ".pickle", ".pt", ".pth", ".bin")) or data.startswith(
        (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
    ):
        raise ValueError("This is a pickle, which runs code when it is opened. Save it as .npy, .safetensors, .parquet or .csv.")
    if data.startswith((b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xd0\xcf\x11\xe0")):
        raise ValueError("This file is compressed or in an old Office format. Unpack it, or save it as CSV.")
    if data.startswith(b"%PDF"):
        raise ValueError("This is a PDF. Save the table in it as CSV.")
    text, note = _decoded(data, encoding)
    return _of_text(text, [note] if note else [])


def _of_text(text: str, notes: list[str]) -> Source:
    if re.match(r"\s*<(?:!doctype|html|table|\?xml|head|body|div)\b", text, re.IGNORECASE):
        raise ValueError("This is a web page or XML, and not a table. Save the table in it as CSV, or copy its cells.")
    return Source(text=tidied(text), notes=notes)


def _decoded(data: bytes, encoding: str) -> tuple[str, str]:
    for mark, codec, title in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(codec), "" if title == "UTF-8" else f"The text is in {title}."
            except UnicodeDecodeError as problem:
                raise ValueError(f"The file begins as {title} and breaks off at byte {problem.start:,}.") from None
    head = data[:2000]
    for codec, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if len(head) > 3 and zeros.count(0) > 0.4 * len(zeros) and len(data) % 2 == 0:
            return data.decode(codec, "replace"), "The text is in UTF-16."
    if b"\0" in head:
        raise ValueError("This file is no text: it has zero bytes in it. Save it as CSV, JSON, .npy, .safetensors or .parquet.")
    try:
        if b"\x1b$" in head:
            return data.decode("iso2022_jp"), "The text is in ISO-2022-JP."
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        return decoded(data, encoding)


def _view(data: bytes, allow_pickle: bool) -> np.ndarray:
    """The array in a .npy file, in the file's own bytes: 64 rows of 150,000 logits need no second copy."""
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        return np.load(io.BytesIO(data), allow_pickle=allow_pickle)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, by_column, dtype = header(file)
    if dtype.hasobject:
        raise ValueError("objects")
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(data, dtype, count, file.tell()).reshape(shape, order="F" if by_column else "C")


def _numpy(load, *arguments) -> np.ndarray:
    try:
        array = load(*arguments, allow_pickle=False)
    except (ValueError, OSError, EOFError):
        raise ValueError("This NumPy file cannot be read: it is damaged, or holds Python objects instead of numbers.") from None
    return array


def _of_arrays(arrays: dict[str, np.ndarray]) -> Source:
    """Arrays of numbers; a table of columns where some hold words, or of the fields of records."""
    alone = next(iter(arrays.values()))
    if len(arrays) == 1 and alone.dtype.names:
        return Source(frame=pandas.DataFrame.from_records(np.atleast_1d(alone)))
    if any(array.dtype.kind in "US" for array in arrays.values()):
        lengths = {array.shape for array in arrays.values()}
        if len(lengths) > 1 or alone.ndim != 1:
            raise ValueError("This NumPy file holds words beside arrays of another shape; save one table of columns, as CSV or Parquet.")
        return Source(
            frame=pandas.DataFrame({name: array.astype(str) if array.dtype.kind in "US" else array for name, array in arrays.items()})
        )
    notes = []
    if any(array.dtype.kind == "V" for array in arrays.values()):
        notes = ["Entries of two bytes without a type are read as bfloat16."]
    return Source(arrays={name: _tensor(array) for name, array in arrays.items()}, notes=notes)


def _tensor(array: np.ndarray) -> torch.Tensor:
    if array.dtype.kind == "V" and array.dtype.itemsize == 2 and not array.dtype.names:  # as ml_dtypes saves bfloat16
        return _tensor(array.view(np.int16)).view(torch.bfloat16)
    if array.dtype == np.uint16:  # perhaps the bits of bfloat16
        return _tensor(array.view(np.int16)).view(torch.uint16)
    if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8:
        raise ValueError(f"The array holds {array.dtype}, not real numbers of at most 64 bits.")
    if array.dtype.kind == "u" and array.dtype.itemsize > 1:
        array = array.astype(np.int64)
    array = np.ascontiguousarray(array)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the bytes of a file are not written to, and neither is this tensor
        return torch.from_numpy(array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("=")))


def _zipped(data: bytes, sheet: str | None) -> Source:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except zipfile.BadZipFile:
        raise ValueError("This file begins like a ZIP archive and is damaged.") from None
    if "xl/workbook.xml" in names:
        return _workbook(_frame(_sheets, data, "Excel", "openpyxl"), sheet)
    if names and all(name.endswith(".npy") for name in names):
        archive = np.load(io.BytesIO(data), allow_pickle=False)
        return _of_arrays({name: _numpy(lambda allow_pickle, name=name: archive[name]) for name in archive.files})
    if any(name.endswith("data.pkl") for name in names):
        raise ValueError("This is a pickle of torch, which runs code when it is opened. Save it as .npy or .safetensors.")
    raise ValueError("This is a ZIP archive. Unpack it and open the files in it.")


def _sheets(data: io.BytesIO) -> dict[str, pandas.DataFrame]:
    """Cells as they stand: an empty one is no word “nan”, and the name “NA” is no empty cell."""
    return pandas.read_excel(data, sheet_name=None, header=None, dtype=object, keep_default_na=False, na_values=[""])


def _workbook(sheets: dict[str, pandas.DataFrame], chosen: str | None) -> Source:
    """The sheet that was chosen, else the first with numbers, else the first with anything in it."""
    full = {title: sheet for title, sheet in sheets.items() if sheet.notna().to_numpy().any()}
    numbers = {title: sheet for title, sheet in full.items() if has_numbers(sheet)} or full or sheets
    title = chosen if chosen in numbers else next(iter(numbers))
    note = f"Of {len(sheets)} sheets “{title}” is read." if len(sheets) > 1 else ""
    return Source(frame=sheets[title], notes=[note] if note else [], sheets=numbers)


def _frame(read, data: bytes, what: str, engine: str):
    try:
        return read(io.BytesIO(data))
    except ImportError:
        raise ValueError(f"This server cannot read {what} files ({engine} is not installed). Save the table as CSV.") from None
    except Exception as problem:  # each engine raises errors of its own
        raise ValueError(f"This {what} file cannot be read: {str(problem).splitlines()[0][:80]}.") from None


def _safetensors(data: bytes) -> dict[str, torch.Tensor]:
    """The format's own few rules: eight bytes for the header's length, a JSON header, the numbers (huggingface/safetensors, README)."""
    try:
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        header.pop("__metadata__", None)
        view = memoryview(data)[8 + length :]
        arrays = {}
        for name, told in header.items():
            start, end = told["data_offsets"]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # as above
                array = torch.frombuffer(view[start:end], dtype=_SAFETENSORS[told["dtype"]]).reshape(told["shape"])
            arrays[name] = array.bfloat16() if told["dtype"].startswith("F8") else array  # which holds every float of 8 bits
    except (ValueError, KeyError, TypeError, RuntimeError, AttributeError, UnicodeDecodeError):
        raise ValueError(
            "This safetensors file cannot be read: it is damaged, or in a type of numbers other than float and integer."
        ) from None
    if not arrays:
        raise ValueError("This safetensors file holds no tensor.")
    return arrays
