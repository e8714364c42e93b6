"""What the commands do, one module a subject; `bot.cli` says how they are called."""
