"""Corrections by hand that stick: a small TOML file beside a recording, applied last.

The file lists the reps as they were, so that a later version of the detector changes nothing in
them; moving, splitting, merging, dropping and adding a rep are edits of that list. It belongs to
the content of the recording (``sha256``), whatever that is called. `parse` reads such a file,
`find` knows where they stand, `apply` puts them in place, `template` writes one.
"""
