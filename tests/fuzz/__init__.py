"""Coverage-guided fuzzing of reception and of what casework decides (atheris, libFuzzer): `make fuzz ARGS="--seconds 600"`.

`target.py` says what must hold, `mutator.py` how an input is changed, `harness.py` is the process that libFuzzer drives, `run.py` starts
it, judges what it found and writes the record. `corpus/` is what was found worth keeping; the golden cases are seeds beside it.
"""
