"""Programs of other people that kefu meets, started for a test on loopback and stopped with it."""
