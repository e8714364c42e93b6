from __future__ import annotations

import pytest

from replies.knowledge import Knowledge, load_knowledge


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """What is shipped."""
    return load_knowledge()
