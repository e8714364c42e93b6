"""Which person takes over, with what in his hands, and by when."""
