"""The parts of a draft's page: small functions from data to HTML, one section a file."""
