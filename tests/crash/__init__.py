"""Real processes under load, killed at any moment: nothing acknowledged is lost, doubled or out of order."""
