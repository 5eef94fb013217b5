"""Reads Kindred's calendar files with libraries of others and reports what differs.

    calendars.py zones STRETCHES FILE   every zone that FILE writes out, by dateutil; STRETCHES is
                                        what `cargo run -p db --example zones` prints
    calendars.py events FOLDER          feeds and mails of FOLDER beside its expected.tsv

dateutil reads the zones that a file writes out; icalendar and recurring-ical-events know zones by
their names, so run it with PYTHONTZPATH= for the tzdata package and not the system's files.
"""

import collections
import datetime
import itertools
import os
import pathlib
import random
import sys
import zoneinfo

import dateutil.tz
import icalendar
import recurring_ical_events

END = 2_082_758_400
DAY = 86_400
UTC = datetime.timezone.utc
wrong = 0


def differ(*what):
    global wrong
    wrong += 1
    if wrong <= 20:
        print("differs:", *what)


def offset(zone, second, seconds):
    """What dateutil says the offset is on the wall clock of that second."""
    wall = datetime.datetime.fromtimestamp(second + seconds, UTC).replace(tzinfo=None)
    found = {int(zone.utcoffset(wall.replace(fold=fold)).total_seconds()) for fold in (0, 1)}
    return seconds if seconds in found else found


def zones(stretches, file):
    # It reads lines one by one: as many as there are, each zone of its own.
    known = dateutil.tz.tzical(file)
    rows = [line.split() for line in open(stretches)]
    count = changes = 0
    for name, group in itertools.groupby(rows, key=lambda row: row[0]):
        if name == "UTC":
            continue
        zone = known.get(name)
        stretches = [(int(row[1]), int(row[2])) for row in group]
        count += 1
        changes += len(stretches) - 1
        for (start, seconds), (end, _) in zip(stretches, stretches[1:] + [(END, 0)]):
            for second in {start, min(start + 7200, end - 1), (start + end) // 2, end - 1}:
                if (found := offset(zone, second, seconds)) != seconds:
                    differ(name, second, seconds, "dateutil has", found)
                    break
    print(f"dateutil: {count} zones, {changes} changes: {wrong} differ")
    return count >= 400


def text(value):
    return "" if value is None else str(value)


def seconds(moment):
    return int(moment.timestamp())


def written(path):
    """The file's own zones by dateutil; a file without any is in UTC."""
    if b"BEGIN:VTIMEZONE" not in path.read_bytes():
        return None
    return dateutil.tz.tzical(str(path))


def lines(path):
    raw = path.read_bytes()
    if not raw.endswith(b"END:VCALENDAR\r\n"):
        differ(path.name, "has no end")
    for line in raw.split(b"\r\n"):
        if len(line) > 75 or b"\n" in line or b"\r" in line:
            differ(path.name, "line", line)
        try:
            line.decode()
        except UnicodeDecodeError:
            differ(path.name, "a character is cut in two", line)


def compare(where, event, wanted, own):
    start, end = event["DTSTART"].dt, event["DTEND"].dt
    if (seconds(start), seconds(end)) != (wanted.starts, wanted.ends):
        differ(where, wanted.uid, start, end, "not", wanted.starts, wanted.ends)
    # Once more by the zone that the file itself writes out.
    if own is not None and "TZID" in event["DTSTART"].params:
        zone = own.get(event["DTSTART"].params["TZID"])
        instants = {seconds(start.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)}
        if wanted.starts not in instants:
            differ(where, wanted.uid, "by its own zone", instants, "not", wanted.starts)
    wall = datetime.datetime.fromtimestamp(wanted.starts, zoneinfo.ZoneInfo(wanted.zone))
    if wall.strftime("%Y%m%dT%H%M%S") != wanted.wall:
        differ(where, wanted.uid, "wall clock", wall, "not", wanted.wall)
    if (text(event.get("SUMMARY")), text(event.get("LOCATION"))) != (wanted.summary, wanted.place):
        differ(where, wanted.uid, text(event.get("SUMMARY")), text(event.get("LOCATION")))
    if (text(event["STATUS"]) == "CANCELLED") != wanted.cancelled:
        differ(where, wanted.uid, event["STATUS"], "cancelled" if wanted.cancelled else "stands")


Wanted = collections.namedtuple("Wanted", "uid starts ends wall zone cancelled summary place")


def events(folder):
    folder = pathlib.Path(folder)
    files = collections.defaultdict(list)
    for line in (folder / "expected.tsv").read_text().splitlines():
        file, uid, starts, ends, wall, zone, cancelled, summary, place = line.split("\t")
        files[file].append(Wanted(uid, int(starts), int(ends), wall, zone, cancelled == "1", summary, place))
    count = mails = 0
    told = collections.defaultdict(list)
    for name, wanted in files.items():
        path = folder / name
        lines(path)
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        own = written(path)
        found = {text(event["UID"]): event for event in calendar.walk("VEVENT")}
        if sorted(found) != sorted(one.uid for one in wanted):
            differ(name, len(found), "events, not", len(wanted))
            continue
        for one in wanted:
            compare(name, found[one.uid], one, own)
            count += 1
        # As a calendar shows them: every event once, within an hour of a day that it is on.
        first, last = min(one.starts for one in wanted), max(one.ends for one in wanted)
        shown = recurring_ical_events.of(calendar).between(
            datetime.datetime.fromtimestamp(first - DAY, UTC), datetime.datetime.fromtimestamp(last + DAY, UTC)
        )
        have = sorted((text(event["UID"]), seconds(event["DTSTART"].dt)) for event in shown)
        if have != sorted((one.uid, one.starts) for one in wanted):
            differ(name, "expands to", len(have), "of", len(wanted))
        if name.startswith("mail-"):
            mails += 1
            (event,) = found.values()
            if (text(calendar["METHOD"]) == "CANCEL") != wanted[0].cancelled:
                differ(name, calendar["METHOD"])
            told[wanted[0].uid].append((int(event["SEQUENCE"]), seconds(event["DTSTART"].dt), wanted[0]))
    # What was mailed last is in the calendar in the end, in whatever order the mails arrive.
    for uid, versions in told.items():
        if [one[0] for one in versions] != sorted({one[0] for one in versions}):
            differ(uid, "sequence does not rise", [one[0] for one in versions])
        final = versions[-1]
        for _ in range(3):
            random.shuffle(versions)
            if max(versions)[:2] != final[:2]:
                differ(uid, "another one wins", versions)
    print(f"icalendar, recurring-ical-events, dateutil: {count} events, {mails} mails: {wrong} differ")
    return count > 0 and mails > 0


def main():
    if os.environ.get("PYTHONTZPATH") != "" or zoneinfo.TZPATH:
        sys.exit("Set PYTHONTZPATH to nothing: the system's zone data is not the reference.")
    whole = {"zones": zones, "events": events}[sys.argv[1]](*sys.argv[2:])
    sys.exit(wrong > 0 or not whole)


main()
