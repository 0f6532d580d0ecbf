"""The same pipeline as the tutorials of its parts write it: what the one in ``pipelines`` is held against."""
