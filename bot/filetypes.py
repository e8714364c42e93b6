"""What a file is, by its first bytes: what a network or a browser calls it counts for nothing.

Pure. Whatever is not in the table is `application/octet-stream`: web pages, scripts and drawings that may hold scripts
(SVG) are therefore never shown as an image, only handed out for download.
"""

from __future__ import annotations

import re
import unicodedata

from bot.messages import Kind

UNKNOWN = "application/octet-stream"
LONGEST_NAME = 120
"""Characters of a file's name; past it nobody reads, and some systems refuse."""

BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"#!AMR\n", "audio/amr"),
    (b"#!AMR-WB\n", "audio/amr-wb"),
    (b"#!SILK_V3", "audio/silk"),
    (b"\x02#!SILK_V3", "audio/silk"),  # WeChat puts a byte before it
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xfa", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"fLaC", "audio/flac"),
    (b"%PDF-", "application/pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),  # .doc .xls .ppt of old
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b\x08", "application/gzip"),
)
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
BRANDS = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"avif": "image/avif",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
}
OGG = ((b"Speex   ", "audio/x-speex"), (b"\x80theora", "video/ogg"))
LABEL = re.compile(r"[a-z0-9]{1,40}/[a-z0-9][a-z0-9.+-]{0,99}")
OFFICE = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
INDEX = 65_536
"""Bytes at the end of a ZIP archive that hold the names of what is in it, or enough of them."""

SHOWN = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp"),
        *("audio/mpeg", "audio/ogg", "audio/wav", "audio/mp4", "audio/aac", "audio/flac"),
        *("video/mp4", "video/webm", "video/ogg", "video/quicktime"),
    }
)
"""What a browser may show in a page of ours: it can draw or play it, and there is no script in it."""

ENDINGS = {
    "image/jpeg": ".jpg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/x-speex": ".spx",
    "audio/amr-wb": ".awb",
    "image/tiff": ".tif",
    "video/quicktime": ".mov",
    "video/3gpp": ".3gp",
    "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
    "video/ogg": ".ogv",
    "application/gzip": ".gz",
    "application/vnd.rar": ".rar",
    "application/x-7z-compressed": ".7z",
    "application/x-ole-storage": ".doc",
    OFFICE[0][1]: ".docx",
    OFFICE[1][1]: ".xlsx",
    OFFICE[2][1]: ".pptx",
    UNKNOWN: "",
}
"""Where it is not what stands behind the slash."""


def media_type(data: bytes) -> str:
    """The media type of a whole file, or UNKNOWN."""
    for beginning, found in BEGINNINGS:
        if data.startswith(beginning):
            return found
    if data.startswith(b"RIFF"):
        return RIFF.get(data[8:12], UNKNOWN)
    if data[4:8] == b"ftyp":
        return BRANDS.get(data[8:12], "video/mp4")
    if data.startswith(b"OggS"):
        return next((found for mark, found in OGG if mark in data[:128]), "audio/ogg")
    if data.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in data[:64] else "video/x-matroska"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return next((found for name, found in OFFICE if name in data[-INDEX:]), "application/zip")
    return "image/bmp" if _bitmap(data) else UNKNOWN


def labelled(declared: str) -> str:
    """What a file whose bytes tell nothing may be called: as its sender calls it, but never what a browser would show,
    for that its bytes would tell."""
    plain = declared.strip().lower()
    seen_or_heard = plain.startswith(("image/", "audio/", "video/"))
    return plain if LABEL.fullmatch(plain) and not seen_or_heard else UNKNOWN


def _bitmap(data: bytes) -> bool:
    """Two letters alone prove little: the reserved bytes and the header's length must be right too."""
    return data[:2] == b"BM" and data[6:10] == bytes(4) and data[14:18] in (b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0")


def kind_of(found: str) -> Kind:
    """How a message with a file of this media type is called."""
    return {"image": Kind.IMAGE, "audio": Kind.VOICE, "video": Kind.VIDEO}.get(found.partition("/")[0], Kind.FILE)


def wordy(data: bytes) -> bool:
    """It is text of the kind that servers answer with when they have no file: a page, XML or JSON."""
    return data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"<", b"{", b"[")


def file_name(given: str, found: str, kind: Kind) -> str:
    """A name under which it can be saved anywhere: no folders, nothing invisible, not endless, never empty."""
    last = given.replace("\\", "/").rpartition("/")[2]
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, ending = visible.rpartition(".")
    if len(visible) > LONGEST_NAME:
        ending = ending if dot and len(ending) <= 10 else ""
        visible = (stem if ending else visible)[: LONGEST_NAME - len(ending) - 1] + (f".{ending}" if ending else "")
    return visible or kind.value + ENDINGS.get(found, f".{found.partition('/')[2]}")


__all__ = ["SHOWN", "UNKNOWN", "file_name", "kind_of", "labelled", "media_type", "wordy"]
