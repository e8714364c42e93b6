"""Phone: calls that agents write down. Nothing comes in or goes out by itself."""
