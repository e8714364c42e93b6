"""The complaint register as a conversation: forms are data, their talk is a pure function of draft and message."""
