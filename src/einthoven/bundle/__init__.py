"""Floor 1: everything that an installation without a network needs, in one ZIP file."""

from einthoven.bundle.make import Contents, make_bundle
from einthoven.bundle.platforms import PLATFORMS, Platform

__all__ = ["PLATFORMS", "Contents", "Platform", "make_bundle"]
