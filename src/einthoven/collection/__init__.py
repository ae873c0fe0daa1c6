"""One Lance table of ECGs for training sets and archives alike: versioned and crash-safe."""

from einthoven.collection.place import is_uri
from einthoven.collection.read import quoted
from einthoven.collection.replace import replace_folder
from einthoven.collection.row import Row
from einthoven.collection.table import Collection, is_collection

__all__ = ["Collection", "Row", "is_collection", "is_uri", "quoted", "replace_folder"]
