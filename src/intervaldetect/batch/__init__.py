"""Many files: `one_file` at a time, in a `pool` of processes, a `folder` into a store, on `dask`."""
