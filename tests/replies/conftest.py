from __future__ import annotations

import pytest

from replies.knowledge import Knowledge
from tests.replies.shipped import shipped


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """What is shipped."""
    return shipped()
