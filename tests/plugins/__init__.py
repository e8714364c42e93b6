"""What others would bring: a channel found by its entry point, and a brain for proofs."""
