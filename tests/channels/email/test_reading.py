"""Mails with the faults that real ones have (ours, byte for byte as a mailbox would hand them out), and what their
senders meant: `mails/expected.json` says it in the words of `kefu replay --dry-run`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from channels.email.inbound import understood

MAILS = Path(__file__).parent / "mails"
WANTED: dict[str, dict[str, Any]] = json.loads((MAILS / "expected.json").read_text("utf-8"))


def test_every_mail_has_its_meaning_written_down() -> None:
    assert {path.stem for path in MAILS.glob("*.eml")} == WANTED.keys()


@pytest.mark.parametrize("name", WANTED)
def test_a_mail_is_understood_as_its_sender_meant_it(name: str) -> None:
    told = understood((MAILS / f"{name}.eml").read_bytes())
    told["names"] = [one["name"] for one in told["attachments"]]
    wanted = dict(WANTED[name])
    if key := wanted.pop("auto_reply", None):
        assert told["auto_reply"].partition(":")[0] == key
    assert told["body"].startswith(wanted.pop("body_starts", ""))
    assert all(part in told["new_text"] for part in wanted.pop("new_has", ()))
    assert {key: told[key] for key in wanted} == wanted
    if name != "body_cut_within_a_character":
        assert "\ufffd" not in told["body"] + told["subject"] + told["from_name"]
