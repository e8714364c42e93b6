"""The rules of `replies.decide`, by what they are about. A rule's docstring is the answer to "why did it say that?"."""
