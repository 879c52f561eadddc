"""What is handed on: the printed object (`summary`), tables (`export`), `curves` for later looks."""
