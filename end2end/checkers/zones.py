"""Compares the clocks that `cargo run -p db --example zones` prints with Python's zoneinfo.

Run it with PYTHONTZPATH= so that the tzdata package is read and not the system's files.
"""

import datetime
import importlib.metadata
import itertools
import os
import sys
import zoneinfo

END = 2_082_758_400
DAY = 86_400


def offset(zone, second):
    at = datetime.datetime.fromtimestamp(second, datetime.timezone.utc).astimezone(zone)
    return int(at.utcoffset().total_seconds())


def main():
    if os.environ.get("PYTHONTZPATH") != "" or zoneinfo.TZPATH:
        sys.exit("Set PYTHONTZPATH to nothing: the system's zone data is not the reference.")
    rows = [line.split() for line in sys.stdin]
    zones = changes = wrong = 0
    for name, group in itertools.groupby(rows, key=lambda row: row[0]):
        zone = zoneinfo.ZoneInfo(name)
        stretches = [(int(row[1]), int(row[2])) for row in group]
        zones += 1
        changes += len(stretches) - 1
        for (start, seconds), (end, _) in zip(stretches, stretches[1:] + [(END, 0)]):
            # Both ends of the stretch, and each day within it.
            for second in [start, end - 1, *range(start + DAY, end, DAY)]:
                if offset(zone, second) != seconds:
                    print(f"{name} at {second}: {seconds}, zoneinfo has {offset(zone, second)}")
                    wrong += 1
                    break
    version = importlib.metadata.version("tzdata")
    print(f"{zones} zones, {changes} changes, tzdata {version}: {wrong} differ")
    sys.exit(wrong > 0 or zones < 400)


main()
