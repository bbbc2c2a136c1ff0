"""Judges the expansion of series by python-dateutil and zoneinfo.

Generates series from a seed, has them expanded by the program that EXPAND names, and expands them here: dates by
dateutil's RRULE from the first one on, walls by zoneinfo. A series whose occurrences differ in its window fails; the
closing lines are `# pass N` and `# fail N`.
"""

import json
import os
import random
import subprocess
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil import rrule

SERIES = 3000
ZONES = """Africa/Cairo Africa/Casablanca America/Havana America/New_York America/Santiago America/St_Johns America/Vancouver
Asia/Kathmandu Asia/Kolkata Asia/Tokyo Australia/Lord_Howe Australia/Sydney Etc/UTC Europe/Berlin Europe/Dublin Europe/London
Pacific/Apia Pacific/Auckland""".split()
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WEEKDAYS = [rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU]
INDEXES = {"First": 1, "Second": 2, "Third": 3, "Fourth": 4, "Last": -1}


def instant(wall, zone):
    """What the walls of a zone mean: a skipped time moves forward, of two equal ones it is the second."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc) for fold in (0, 1))
    is_skipped = first.astimezone(zone).replace(tzinfo=None) != wall
    return first if is_skipped else second


def day_of_month(day):
    """The last day of a shorter month (Exchange), which RFC 5545 would skip."""
    return {"bymonthday": list(range(28, day + 1)), "bysetpos": -1} if day > 28 else {"bymonthday": day}


def day_kind(kind, index):
    if kind == "Day":
        return {"bymonthday": INDEXES[index]}
    if isinstance(kind, dict):
        days = [WEEKDAYS[DAYS.index(kind["On"])]]
    else:
        days = WEEKDAYS[:5] if kind == "Weekday" else WEEKDAYS[5:]
    return {"byweekday": days, "bysetpos": INDEXES[index]}


def pattern(rng):
    """A pattern as the model says it, and as dateutil does."""
    interval, month = rng.choice([1, 1, 1, 2, 3, 5]), rng.randint(1, 12)
    day, index = rng.choice([rng.randint(1, 27), rng.randint(28, 31)]), rng.choice(list(INDEXES))
    kind = rng.choice(["Day", "Weekday", "WeekendDay", {"On": rng.choice(DAYS)}])
    match rng.choice(["Daily", "Weekly", "AbsoluteMonthly", "RelativeMonthly", "AbsoluteYearly", "RelativeYearly"]):
        case "Daily":
            return {"Daily": {"interval": interval}}, rrule.DAILY, {"interval": interval}
        case "Weekly":
            days = sorted(rng.sample(range(7), rng.randint(1, 4)))
            first = rng.randrange(7)
            said = {"interval": interval, "days": [DAYS[day] for day in days], "first_day_of_week": DAYS[first]}
            how = {"interval": interval, "byweekday": [WEEKDAYS[day] for day in days], "wkst": WEEKDAYS[first]}
            return {"Weekly": said}, rrule.WEEKLY, how
        case "AbsoluteMonthly":
            how = {"interval": interval, **day_of_month(day)}
            return {"AbsoluteMonthly": {"interval": interval, "day_of_month": day}}, rrule.MONTHLY, how
        case "RelativeMonthly":
            said = {"interval": interval, "day": kind, "index": index}
            return {"RelativeMonthly": said}, rrule.MONTHLY, {"interval": interval, **day_kind(kind, index)}
        case "AbsoluteYearly":
            said = {"month": month, "day_of_month": day}
            return {"AbsoluteYearly": said}, rrule.YEARLY, {"bymonth": month, **day_of_month(day)}
        case "RelativeYearly":
            said = {"month": month, "day": kind, "index": index}
            return {"RelativeYearly": said}, rrule.YEARLY, {"bymonth": month, **day_kind(kind, index)}


def series(rng):
    """A series with its window, and what it holds there."""
    name = rng.choice(ZONES)
    zone = ZoneInfo(name)
    said, freq, how = pattern(rng)
    # One of six long ago, when instants were negative and zones had other rules.
    since, years = (date(1950, 1, 1), 20) if rng.random() < 1 / 6 else (date(2000, 1, 1), 26)
    begins = since + timedelta(days=rng.randrange(years * 365))
    all_day = rng.random() < 0.2
    time = timedelta() if all_day else timedelta(minutes=15 * rng.choice([rng.randrange(96), rng.randrange(16)]))
    length = timedelta(days=rng.choice([1, 1, 2])) if all_day else timedelta(minutes=rng.choice([15, 30, 60, 90, 1500]))
    end, bound = "Never", {}
    match rng.choice(["Never", "On", "After"]):
        case "On":
            last = begins + timedelta(days=rng.randrange(4000))
            end, bound = {"On": last.isoformat()}, {"until": datetime.combine(last, datetime.min.time())}
        case "After":
            count = rng.randint(1, 400)
            end, bound = {"After": count}, {"count": count}
    midnight = datetime.combine(begins, datetime.min.time())
    rule = rrule.rrule(freq, dtstart=midnight, **how, **bound)
    first = next(iter(rule), None)
    if first is None:
        return None
    # A window that an occurrence lies in, where there is one so late.
    near = rule.after(first + timedelta(days=rng.randrange(6000)), inc=True) or rng.choice(list(rule[:400]))
    from_day = near - timedelta(days=rng.randrange(30))
    window = [instant(from_day, zone), instant(from_day + timedelta(days=rng.choice([30, 60, 90])), zone)]

    def span(day):
        wall = day + time
        start = instant(wall, zone)
        is_skipped = start.astimezone(zone).replace(tzinfo=None) != wall
        # Whole days are dates (RFC 5545, section 3.3.6: days are nominal), also where midnight is skipped.
        keeps_length = is_skipped and not all_day
        return start, start + length if keeps_length else instant(wall + length, zone)

    if instant(first + time, zone).astimezone(zone).replace(tzinfo=None) != first + time:
        return None  # a first occurrence in a gap tells another wall clock than the series has
    deleted, moved, expected = [], [], []
    for day in rule.between(from_day - timedelta(days=5), from_day + timedelta(days=95), inc=True):
        match rng.random():
            case chance if chance < 0.1:
                deleted.append(span(day)[0])
                continue
            case chance if chance < 0.2:
                start = span(day)[0] + timedelta(hours=rng.randrange(-200, 200))
                moved.append((span(day)[0], start, start + length))
                expected.append((start, start + length))
            case _:
                expected.append(span(day))
    start, stop = span(first)
    case = {
        "start": start, "end": stop, "all_day": all_day, "zone": name,
        "recurrence": {"pattern": said, "start_date": begins.isoformat(), "end": end},
        "deleted": deleted, "moved": moved, "from": window[0], "to": window[1],
    }
    return case, sorted(one for one in expected if one[0] < window[1] and one[1] > window[0])


def text(value):
    return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def main():
    rng = random.Random(2026)
    cases = []
    while len(cases) < SERIES:
        made = series(rng)
        if made:
            cases.append(made)
    lines = [json.dumps(case, default=text) for case, _ in cases]
    done = subprocess.run([os.environ["EXPAND"]], input="\n".join(lines), capture_output=True, text=True, check=True)
    passed = failed = occurrences = 0
    for line, (_, expected), answer in zip(lines, cases, done.stdout.splitlines(), strict=True):
        expected = [[text(start), text(stop)] for start, stop in expected]
        occurrences += len(expected)
        if json.loads(answer) == expected:
            passed += 1
        else:
            failed += 1
            if failed <= 5:
                print(f"{line}\n  expected {expected}\n  found    {answer}")
    print(f"{occurrences} occurrences compared")
    # A judge that compares next to nothing has judged nothing.
    failed += occurrences < 3 * SERIES
    print(f"# pass {passed}\n# fail {failed}")


main()
