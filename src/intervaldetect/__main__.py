"""``python -m intervaldetect`` is the command ``intervaldetect``."""

from intervaldetect.cli import main

if __name__ == "__main__":
    main()
