"""Reads the mails of a folder with Python's email package beside its expected.json."""

import json
import sys
from email import policy
from email.parser import BytesParser
from pathlib import Path

folder = Path(sys.argv[1])
wrong = 0


def differ(*what):
    global wrong
    wrong += 1
    print("differs:", *what)


expected = json.loads((folder / "expected.json").read_text())
for one in expected:
    mail = BytesParser(policy=policy.default).parsebytes((folder / one["file"]).read_bytes())
    if mail["subject"] != one["subject"]:
        differ(one["file"], "subject", mail["subject"])
    to = [address.addr_spec for address in mail["to"].addresses]
    if to != [one["to"]]:
        differ(one["file"], "to", to)
    if mail.defects:
        differ(one["file"], "defects", mail.defects)
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    for line in one["lines"]:
        if line not in text:
            differ(one["file"], "text lacks", line)
    if "{" in text or "{" in html:
        differ(one["file"], "a raw placeholder")
    if mail["list-unsubscribe-post"] != "List-Unsubscribe=One-Click" or not mail["list-unsubscribe"].startswith("<https://"):
        differ(one["file"], "no one-click unsubscribe")
    files = [part for part in mail.walk() if part.get_filename() and part.get_filename().endswith(".ics")]
    if len(files) != one["calendars"]:
        differ(one["file"], "calendar files", len(files))
print(f"{len(expected)} mails by Python, {wrong} differ")
sys.exit(wrong > 0 or not expected)
