"""Made-up and damaged input, from a seed, for whatever reads what others wrote.

    python -m tests.attack.fuzz --minutes 60 --seed 7 [--target readers]
    python -m tests.attack.fuzz --again FILE

An input holds where what reads it answers in its own way (rows, a refusal, one line and an exit code) within
a minute, in bounded memory, without a traceback, a secret, a file, a descriptor or a process left over. What
does not hold is kept in ``.setup/fuzz`` as a file that ``--again`` tries alone.

Put here: targets, one module each, and the loop. Keep out: attacks with a known answer.
"""
