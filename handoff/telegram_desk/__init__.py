"""The agents' desk inside one Telegram forum group: a topic a conversation, under the rules of the web desk.

Everything it does stands in rows first (`bot.store.topics`); one process at a time is the desk.
"""
