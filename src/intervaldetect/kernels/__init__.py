"""Compiled kernels: arrays in, arrays and status codes out. Nothing here knows a column name."""
