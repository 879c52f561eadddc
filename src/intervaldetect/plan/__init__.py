"""What was planned: read from texts and files (`sources`), held against what was run (`check`)."""
