"""Many files: `one_file` at a time, in a `pool` of processes, a `folder` to a store, on `dask`."""
