"""What we say: understanding, FAQ, scripts and the rules among them. Pure: no clock, no database, no network."""

import os

# One thread of numpy a process: a question is a few small products, which more threads make slower, and several
# processes with as many threads as there are cores get into one another's way. Read when numpy is first imported.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")
