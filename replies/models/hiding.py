"""What goes to another company's machine or into a log: no numbers and addresses of whoever wrote it."""

from __future__ import annotations

import re
from typing import Final

from replies.forms.secrets import mask

_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_NUMBER: Final = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){5,40}")
_CODE: Final = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]{0,20}\d)[A-Za-z0-9_-]{8,64}(?![A-Za-z0-9])")


def hide(text: str) -> str:
    """The text with e-mail addresses, long numbers, codes and secrets made unreadable."""
    return _CODE.sub("***", _NUMBER.sub("***", _EMAIL.sub("***", mask(text[:20_000]))))
