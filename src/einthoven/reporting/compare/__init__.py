"""Two ECGs of one person: what changed, and which of it is more than the error of the measurements."""
