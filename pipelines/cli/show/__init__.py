"""What a person sees in the terminal, by subject.

Put here: printing. Keep out: finding out what to print.
"""
