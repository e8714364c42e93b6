"""The Weibo channel against a strict Weibo."""
