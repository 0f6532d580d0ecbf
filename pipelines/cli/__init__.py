"""The command line ``spm``: read arguments, make one call, print, end with an exit code.

Put here: arguments and what is shown. Keep out: deciding anything.
"""
