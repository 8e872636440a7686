"""Arrays for browsers: a NumPy archive in, typed binary with a header in JSON out.

The file: the header's length (four bytes, little end first), the header, and the arrays' bytes,
each from a multiple of eight bytes after the header on. The header names each array's `type`,
`shape` and `start`, seen from the first array.
"""

import ast
import io
import json
import math
import struct
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from portfolio.errors import UserError

MAGIC = b"\x93NUMPY"
ALIGNED = 8  # bytes
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError),
    *(ValueError, LookupError, TypeError, SyntaxError),
)
MOST = 100_000_000  # bytes of an unpacked array
# How JavaScript calls what NumPy writes, and the size of an item in bytes.
TYPES = {
    "<f4": ("Float32Array", 4),
    "<i4": ("Int32Array", 4),
    "<u4": ("Uint32Array", 4),
    "<u2": ("Uint16Array", 2),
    "|u1": ("Uint8Array", 1),
    "|b1": ("Uint8Array", 1),
    "<i8": ("Int32Array", 8),  # JavaScript has no plain integers of eight bytes: made shorter
}


@dataclass(frozen=True)
class Array:
    """Numbers as they lie in a file: their type as JavaScript calls it, and their shape."""

    type: str
    shape: tuple[int, ...]
    content: bytes

    def text(self) -> object:
        """What is written as JSON in it."""
        return json.loads(self.content)


def read(archive: bytes, wanted: Collection[str], shown: str) -> dict[str, Array]:
    """The arrays of an `.npz` archive that are among those wanted; no code in it runs.

    Raises:
        UserError: it is damaged, or holds something else.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            files = {one.filename.removesuffix(".npy"): one for one in opened.infolist()}
            return {
                name: _array(opened.open(file).read(MOST + 1))
                for name, file in files.items()
                if name in wanted
            }
    except DAMAGED as error:
        raise UserError(f"{shown}: no archive of arrays that can be read ({error}).") from error


def _array(content: bytes) -> Array:
    """An array in NumPy's own format (NEP 1)."""
    if not content.startswith(MAGIC):
        raise ValueError("no array of NumPy")
    size, start = ("<H", 10) if content[6] == 1 else ("<I", 12)
    (length,) = struct.unpack(size, content[8:start])
    header = ast.literal_eval(content[start : start + length].decode("latin-1").strip())
    (name, width), shape = TYPES[header["descr"]], tuple(header["shape"])
    values, count = content[start + length :], math.prod(shape)
    if header["fortran_order"] or len(values) != count * width:
        raise ValueError("an array that is not as its header says")
    if width == 8:
        values = struct.pack(f"<{count}i", *struct.unpack(f"<{count}q", values))
    return Array(name, shape, values)


def pack(arrays: dict[str, Array]) -> bytes:
    """Arrays as the module `arrays.js` reads them."""
    header, parts, start = {}, [], 0
    for name, array in arrays.items():
        header[name] = {"type": array.type, "shape": array.shape, "start": start}
        parts.append(array.content + bytes(-len(array.content) % ALIGNED))
        start += len(parts[-1])
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % ALIGNED)
    return struct.pack("<I", len(text)) + text + b"".join(parts)
