"""What people read. Nothing is computed here: every figure stands in the printed object."""

FIRST_RUN = "the first run on a machine compiles its kernels, once"
