from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pytest

import replies.forms.content
import replies.lint
from replies.etiquette import check
from replies.knowledge import Knowledge
from tests.replies.shipped import shipped


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """What is shipped."""
    return shipped()


@pytest.fixture(scope="session")
def _judged_once() -> Iterator[None]:
    """For copies of the content with a word changed: a text that was judged once need not be judged again."""
    remembering = lru_cache(maxsize=None)(check)
    with pytest.MonkeyPatch.context() as patch:
        for module in (replies.lint, replies.forms.content):
            patch.setattr(module, "check", remembering)
        yield
