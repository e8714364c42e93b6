"""The WeCom channel against what WeCom documents, and against a strict fake of it."""
