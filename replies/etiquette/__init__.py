"""Whether a text is fit to be said to a customer: the words a service keeps to, in three written languages.

Serves the bot's scripts, FAQ answers and an agent's draft alike. Chinese rules are written once, in Simplified, and
look at a Traditional text through its Simplified form.
"""

from replies.etiquette.checking import check
from replies.etiquette.rules import Advice, Tone
from replies.etiquette.tables import warm
from replies.etiquette.written import check_script

__all__ = ["Advice", "Tone", "check", "check_script", "warm"]
