"""Strict stand-ins for the networks no test can reach: they refuse what the real ones would refuse."""
