"""Say whether PostgreSQL and Redis are reachable: `python -m tests.services`."""

import os
import sys

import psycopg
import redis


def main() -> int:
    """Print what was found; return 0 when both answer."""
    missing = []
    try:
        psycopg.connect(os.environ["TEST_DATABASE_URL"], connect_timeout=3).close()
    except psycopg.Error as error:
        missing.append(f"PostgreSQL: {str(error).strip().splitlines()[0]}")
    try:
        redis.Redis.from_url(os.environ["TEST_REDIS_URL"], socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        missing.append(f"Redis: {error}")
    for line in missing:
        sys.stdout.write(f"{line}\n")
    return len(missing)


if __name__ == "__main__":
    sys.exit(main())
