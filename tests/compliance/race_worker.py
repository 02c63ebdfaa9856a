"""The processes of test_counter_race: each sends until no cap has room, and says how many."""

import multiprocessing
import os
import sys

import django


def main() -> None:
    """Fork the racers once Django is set up: starting it eight times takes a minute."""
    slug, racers, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
    django.setup()
    # Everything is imported before the fork; nothing is connected to the database.
    from tests.compliance.racing import send_until_full  # noqa: PLC0415  # needs the set-up

    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(racers), context.SimpleQueue()

    def race(name: str) -> None:
        results.put(send_until_full(slug, name, batch, ready=barrier.wait))

    processes = [context.Process(target=race, args=(f"w{n}",)) for n in range(racers)]
    for process in processes:
        process.start()
    counts = [results.get() for _ in processes]
    for process in processes:
        process.join()
    sys.stdout.write(" ".join(map(str, counts)) + "\n")
    sys.exit(any(process.exitcode for process in processes))


if __name__ == "__main__":
    main()
