"""What people read. Nothing is computed here: every figure stands in the printed object."""
