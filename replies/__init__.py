"""What we say: understanding, FAQ, scripts and the rules among them. Pure: no clock, no database, no network."""
