"""A server for one person on one machine: drop recordings, see their reps, correct them.

`security` lets only its own pages in; `recordings` reads what is dropped, `shelf` remembers it
while the server runs, `edits` are what a person changes, `keeping` writes it into a store, `desk`
holds all that, `pages` draws, `app` answers, `run` listens. Only the extra ``[serve]`` needs it.
"""
