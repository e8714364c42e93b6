"""Small real files, made here."""

from __future__ import annotations

import io
import math
import struct
import wave
import zipfile
import zlib


def png(width: int = 64, height: int = 48, hue: int = 0) -> bytes:
    """A picture with a gradient."""
    rows = b"".join(
        b"\0" + b"".join(bytes(((x * 255 // width + hue) % 256, y * 255 // height, 160)) for x in range(width))
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def wav(seconds: float = 1.0) -> bytes:
    """A tone."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        tone = (int(9000 * math.sin(n / 4)) for n in range(int(8000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in tone))
    return out.getvalue()


def archive(*names: str) -> bytes:
    """A ZIP archive with files of these names; a document of an office program is one too."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return out.getvalue()


AMR = b"#!AMR\n" + bytes(64)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PAGE = b"<!doctype html><script>parent.document.title = 'caught'</script>"
