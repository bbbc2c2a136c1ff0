"""Judges a calendar by icalendar, and the OpenAPI document with two answers by their own schemas."""

import json
import sys
from datetime import datetime

from icalendar import Calendar
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

calendar_file, document_file, meetings_file, rooms_file = sys.argv[1:]


def read(file):
    with open(file, encoding="utf-8") as text:
        return json.load(text)


with open(calendar_file, "rb") as raw:
    calendar = Calendar.from_ical(raw.read())
events = calendar.walk("VEVENT")
assert calendar["VERSION"] == "2.0" and calendar["PRODID"], calendar
assert not calendar.errors and not any(event.errors for event in events), "errors"
assert [str(event["SUMMARY"]) for event in events] == [
    "<script>document.title = 'broken'</script>",
    'gnp.exe ]]> & "quotes"',
], events
assert len({str(event["UID"]) for event in events}) == len(events), "names are unique"
for event in events:
    assert isinstance(event.decoded("DTSTART"), datetime) and event.decoded("DTSTART") < event.decoded("DTEND")
    assert event["SEQUENCE"] >= 1 and event["DTSTAMP"] and str(event["STATUS"]) == "CONFIRMED"

document = read(document_file)
validate(document)


def check(schema, answer):
    # An answer's schema points into the document.
    Draft202012Validator({**schema, "components": document["components"]}).validate(answer)


check({"$ref": "#/components/schemas/MeetingsAnswer"}, read(meetings_file))
rooms = read(rooms_file)
assert len(rooms) == 6, rooms
for room in rooms:
    check({"$ref": "#/components/schemas/RoomAnswer"}, room)
