"""Bytes of watch files -> Activity."""
