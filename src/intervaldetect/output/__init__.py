"""What is handed on: the printed object (`summary`), tables (`export`), later looks (`curves`)."""
