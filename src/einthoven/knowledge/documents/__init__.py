"""Readers of documents, one module a kind; `read.read_document` chooses among them."""
