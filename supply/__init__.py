"""What the project is made of: its locks, their licences, the bill of materials.

Put here: checks and papers over ``requirements.lock``. Keep out: anything that a run needs.
"""
