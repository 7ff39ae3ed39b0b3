"""`python -m tests.fuzz.harness [--planted NAME] [libFuzzer's own arguments]`: the process that libFuzzer drives. Ends at the first fault.

Our packages are instrumented while they are imported, so this module must be the first that does.
"""

import sys

import atheris

with atheris.instrument_imports(include=["contracts", "schemas", "translators", "hub"]):
    from tests.fuzz import mutator, planted, target


def main(arguments: list[str]) -> None:
    """Run until a fault is found or libFuzzer's own limits are reached. Never returns."""
    if arguments[1:2] == ["--planted"]:
        planted.plant(arguments.pop(2))
        arguments.pop(1)
    arguments[0] = f"{sys.executable} -m {__spec__.name}"  # what a merge, which starts itself anew, gives a shell
    atheris.Setup(arguments, target.check_quietly, custom_mutator=mutator.mutated, custom_crossover=mutator.crossed)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
