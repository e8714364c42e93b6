"""What a complaint case (投诉单) is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

FIELDS: Final = (
    "what", "when", "order", "product", "harm", "wish", "amount", "promise", "name", "phone", "address", "photos",
    "model", "symptom", "first_used", "recent_use", "made", "batch", "before", "note",
)  # fmt: skip
"""What a case holds (the handbook's register, and what the customer was promised). Only `what` must be there."""
LONG: Final = {"what": 2000, "note": 1000}
LONGEST: Final = 500
"""Characters of a field that is not in LONG; no register asks for more."""
PERSONAL: Final = ("name", "phone", "address")
STATUSES: Final = ("registered", "working", "answered", "closed")
AGREED: Final = ("yes", "no", "silent")
"""How a case ends: the customer is content, is not, or says nothing though he was asked."""
WITHIN: Final[Mapping[str, timedelta]] = {
    "critical": timedelta(hours=1), "serious": timedelta(hours=4), "moderate": timedelta(hours=24),
    "minor": timedelta(hours=24),
}  # fmt: skip
"""By when a case is answered, where the settings do not say. The register promises every customer 24 hours."""
