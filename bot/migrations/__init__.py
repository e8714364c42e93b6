"""How a database of an older version becomes one of this version: a script a step, run by `bot.store.schema`.

After a change of `bot/tables.py`, `python -m bot.migrations "what changed"` drafts the next step.
"""
