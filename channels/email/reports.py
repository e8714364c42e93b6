"""What machines report: deliveries (RFC 3464), receipts (RFC 8098), complaints (RFC 5965). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from channels.email import charsets, headers
from channels.email.mail import About, Fate, Report
from channels.email.parts import Part

IDS = re.compile(r"<[^<>\s]{1,900}>")
STATUSES = {
    "message/delivery-status": About.DELIVERY,
    "message/global-delivery-status": About.DELIVERY,
    "message/disposition-notification": About.DISPOSITION,
    "message/feedback-report": About.ABUSE,
}
KINDS = {
    "delivery-status": About.DELIVERY,
    "disposition-notification": About.DISPOSITION,
    "feedback-report": About.ABUSE,
}
RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
MOST = 100
LONGEST = 262_144


def ids(value: str) -> tuple[str, ...]:
    """The Message-IDs in a header, as written; one without brackets counts where it is all there is."""
    found = tuple(dict.fromkeys(IDS.findall(value)))
    bare = value.strip().strip("<>")
    return found or ((f"<{bare}>",) if "@" in bare and not re.search(r"\s", bare) and len(bare) < 900 else ())


def report(root: Part) -> Report | None:
    """The report a mail is; None if it is none."""
    parts = list(root.leaves())
    status = next((part for part in parts if part.kind in STATUSES), None)
    kind = KINDS.get(root.parameters.get("report-type", "").lower()) if root.kind == "multipart/report" else None
    refused = headers.readable(root.head.first("x-failed-recipients"))
    about = STATUSES[status.kind] if status else kind or (About.DELIVERY if refused else None)
    if about is None:
        return None
    blocks = list(_blocks(status.data[:LONGEST])) if status else []
    fates = tuple(_fates(about, blocks)) or tuple(
        Fate(one.strip(), "failed") for one in refused.split(",") if one.strip()
    )
    return Report(about, fates[:MOST], _about(parts, blocks))


def _blocks(data: bytes) -> Iterator[Mapping[str, str]]:
    """The groups of fields in a status part."""
    for block in re.split(rb"\r?\n[ \t]*\r?\n", data.strip(b"\r\n"))[: MOST + 1]:
        fields = headers.split(block + b"\n\n").fields
        if fields:
            yield {name: headers.readable(value) for name, value in reversed(fields)}


def _fates(about: About, blocks: list[Mapping[str, str]]) -> Iterator[Fate]:
    for block in blocks:
        recipient = _typed(block.get("final-recipient", "")) or _typed(block.get("original-recipient", ""))
        if about is About.DISPOSITION:
            action = block.get("disposition", "").rpartition(";")[2].partition("/")[0].strip().lower()
        else:
            action = block.get("action", "").partition(" ")[0].strip().lower()
        if recipient or action:
            said = _typed(block.get("diagnostic-code", ""))
            yield Fate(recipient, action or "failed", block.get("status", "").partition(" ")[0], said[:1000])


def _typed(value: str) -> str:
    """`rfc822; a@b` → `a@b`."""
    return value.partition(";")[2].strip().strip("<>") if ";" in value else value.strip().strip("<>")


def _about(parts: list[Part], blocks: list[Mapping[str, str]]) -> tuple[str, ...]:
    """The mails it is about: named by the report, or returned with it."""
    found = [one for block in blocks for one in ids(block.get("original-message-id", ""))]
    for part in parts:
        if part.kind in RETURNED:
            head = headers.split(part.data[:LONGEST].lstrip(b"\r\n"))
            found += ids(charsets.printable(headers.readable(head.first("message-id"))))
    return tuple(dict.fromkeys(found))[:MOST]
