"""What the desk is called in the store."""

INBOX, CHANNEL = "@telegram-desk", "telegram-desk"
"""The row its shelf belongs to: no inbox of the settings can have this name."""
USERNAME = "username"
"""Where on the shelf the bot's own name is."""
