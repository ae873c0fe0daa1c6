"""Taking identities out of ECGs, and making sure that they are out."""

from einthoven.formats.identity.deidentify import deidentify
from einthoven.formats.identity.pseudonym import pseudonym
from einthoven.formats.identity.secret import read_secret, secret_of

__all__ = ["deidentify", "pseudonym", "read_secret", "secret_of"]
