"""`python -m hub.local`: fetch Apache Kafka's jars before they are needed. The last step of `make setup`."""

import sys

from hub.errors import HubError
from hub.local.jars import kafka_jars


def main() -> int:
    """Fetch and compare, telling each step. 1 with one clear line when it cannot."""
    try:
        jars = kafka_jars(lambda line: print(f"      {line}", flush=True))  # noqa: T201 - for the person who waits
    except HubError as told:
        print(told, file=sys.stderr)  # noqa: T201 - the same person
        return 1
    print(f"      {len(jars)} jars, each as hub/local/kafka-jars.lock names it")  # noqa: T201 - the same person
    return 0


if __name__ == "__main__":
    sys.exit(main())
