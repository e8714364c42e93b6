"""Better models, if an operator wants them: they choose among FAQ answers, and never say anything of their own."""
