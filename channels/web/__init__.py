"""The web channel: the chat a company puts on its own pages, served by us from the loader to the last event."""
