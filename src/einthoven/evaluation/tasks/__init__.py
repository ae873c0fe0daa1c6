"""Tasks of the ESI paper's evaluation, one a file."""
