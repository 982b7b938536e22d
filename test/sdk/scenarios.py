"""What the scenarios of all clients for Python have in common. Each prints one line of JSON: its name, and what went wrong."""
import json
import time
import traceback

scenarios = []


def scenario(act):
    scenarios.append((act.__doc__, act))
    return act


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def until(look, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        value = look()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {value!r}"
        time.sleep(0.05)


def play(tidy):
    for name, act in scenarios:
        fault = None
        try:
            act()
        except BaseException:
            fault = traceback.format_exc(limit=-4)
        try:
            tidy()
        except Exception:
            fault = fault or f"tidying: {traceback.format_exc()}"
        print(json.dumps({"name": name, "fault": fault}), flush=True)
