"""A Singer tap whose behaviour, good or bad, is what its config says.

It uses nothing but the standard library, so that any Python runs it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import signal
import sys
import time
from pathlib import Path

ABOUT = {
    "name": "tap-toy",
    "version": "1.2.3",
    "capabilities": ["catalog", "discover", "state"],
    "settings": {
        "type": "object",
        "required": ["rows"],
        "properties": {
            "rows": {"type": "integer", "minimum": 0},
            "streams": {"type": "array", "items": {"type": "string"}},
            "token": {"type": "string", "secret": True},
            "mode": {"enum": ["spaced", "compact", "reversed"]},
            "state_every": {"type": "integer"},
            "pause_every": {"type": "integer"},
            "pause_s": {"type": "number"},
            "die_after": {"type": "integer"},
            "die_with": {"type": "integer"},
            "die_by": {"type": "integer"},
            "half_line": {"type": "boolean"},
            "garbage_after": {"type": "integer"},
            "ignore_sigterm": {"type": "boolean"},
            "say": {"type": "string"},
            "touch": {"type": "string"},
            "child_s": {"type": "number"},
            "width": {"type": "integer"},
            "is_keyless": {"type": "boolean"},
            "batch_folder": {"type": "string"},
            "api_calls": {"type": "integer"},
            "score": {"type": "number"},
            "start_date": {"type": "string", "format": "date-time"},
            "end_date": {"type": "string"},
            "copy": {"type": "string"},
            "activates": {"type": "boolean"},
            "fails": {"type": "integer"},
            "fails_at": {"type": "string"},
            "counter": {"type": "string"},
            "calls_every": {"type": "integer"},
            "quota": {"type": "object"},
            "label": {"type": "string"},
            "personal": {"type": "boolean"},
            "declares": {"type": "object"},
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": ["string", "null"]},
        "secret_note": {"type": ["string", "null"]},
    },
}


def main() -> None:
    parser = argparse.ArgumentParser()
    for option in ("--config", "--state", "--catalog", "--format"):
        parser.add_argument(option)
    parser.add_argument("--discover", action="store_true")
    parser.add_argument("--about", action="store_true")
    parser.add_argument("--test", action="store_true")
    words = parser.parse_args()
    if words.about:
        if Path(__file__).name.endswith("-silent"):
            sys.exit(2)
        if Path(__file__).name.endswith("-tested"):
            ABOUT["capabilities"].append("test")
        if Path(__file__).name.endswith("-live"):
            ABOUT["capabilities"].append("live-catalog")
        print(json.dumps(ABOUT))
        return
    config = json.loads(Path(words.config).read_text())
    if words.discover:
        print(json.dumps({"streams": [stream(name, config) for name in names(config)]}))
        return
    state = json.loads(Path(words.state).read_text()) if words.state else {}
    catalog = json.loads(Path(words.catalog).read_text()) if words.catalog else None
    behave(config)
    if words.test:
        config["rows"] = min(config["rows"], 3)
    if "copy" in config:
        Path(config["copy"]).write_text(json.dumps({"config": config, "state": state}))
    read_all(selected(catalog, config), config, state)


def read_all(streams: list[str], config: dict, state: dict) -> None:
    for name in streams:
        if "batch_folder" in config:
            send_batch(name, config)
        else:
            send(name, config, state)
    if "api_calls" in config:
        print(f"API calls: {config['api_calls']} by this run", file=sys.stderr)


def names(config: dict) -> list[str]:
    return config.get("streams", ["users"])


def stream(name: str, config: dict) -> dict:
    metadata = [{"breadcrumb": [], "metadata": {"table-key-properties": ["id"]}}]
    return {
        "tap_stream_id": name,
        "stream": name,
        "schema": schema_of(config),
        "key_properties": ["id"],
        "metadata": metadata,
    }


def selected(catalog: dict | None, config: dict) -> list[str]:
    if catalog is None:
        return names(config)
    return [
        entry["tap_stream_id"]
        for entry in catalog["streams"]
        if any(
            m["metadata"].get("selected")
            for m in entry["metadata"]
            if not m["breadcrumb"]
        )
    ]


def behave(config: dict) -> None:
    if config.get("ignore_sigterm"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "say" in config:
        print(config["say"], file=sys.stderr, flush=True)
    if "touch" in config:
        Path(config["touch"]).write_text(json.dumps(dict(os.environ)))
    if "child_s" in config and os.fork() == 0:
        time.sleep(config["child_s"])
        os._exit(0)


def send(name: str, config: dict, state: dict) -> None:
    bookmarks = state.setdefault("bookmarks", {})
    keys = [] if config.get("is_keyless") else ["id"]
    message = {"type": "SCHEMA", "stream": name, "schema": schema_of(config)}
    put({**message, "key_properties": keys}, config)
    every = config.get("state_every", 100)
    start = bookmarks.get(name, {}).get("n", 0)
    if config.get("activates"):
        put({"type": "ACTIVATE_VERSION", "stream": name, "version": 1}, config)
    maybe_fail_for_a_while(name, config)
    for number in range(start, config["rows"]):
        maybe_fail(number, config)
        name_text = config.get("label", "x" * config.get("width", 8))
        record = {"id": number, "name": name_text}
        if config.get("personal"):
            record |= {"email": name_text, "first_name": "A", "phone": "1"}
        if "score" in config:
            record["score"] = config["score"]
        put({"type": "RECORD", "stream": name, "record": record}, config)
        if "calls_every" in config and number % config["calls_every"] == 0:
            tags = {"stream": name}
            if "quota" in config:
                used = config["quota"]["used"] + number // config["calls_every"]
                tags["quota"] = {**config["quota"], "used": used}
            metric("http_request_count", 1, tags)
        if number % every == every - 1:
            bookmarks[name] = {"n": number + 1}
            put({"type": "STATE", "value": state}, config)
    bookmarks[name] = {"n": config["rows"]}
    put({"type": "STATE", "value": state}, config)
    tags = {"stream": name, "status": "succeeded"}
    metric("sync_duration", 0.1, tags)


def metric(name: str, value: float, tags: dict) -> None:
    point = {"type": "counter", "metric": name, "value": value, "tags": tags}
    print(f"INFO METRIC: {json.dumps(point)}", file=sys.stderr, flush=True)


def maybe_fail_for_a_while(name: str, config: dict) -> None:
    """Fail at one stream as often as the config says, over several processes."""
    if name != config.get("fails_at"):
        return
    counter = Path(config["counter"])
    tried = len(counter.read_text()) if counter.exists() else 0
    counter.write_text("x" * (tried + 1))
    if tried < config["fails"]:
        sys.stdout.flush()
        print("the API is down", file=sys.stderr, flush=True)
        os._exit(config.get("die_with", 5))


PERSONAL = {
    name: {"type": ["string", "null"]} for name in ("email", "first_name", "phone")
}


def schema_of(config: dict) -> dict:
    if config.get("personal"):
        fields = {**SCHEMA["properties"], **PERSONAL}
        for name, kind in config.get("declares", {}).items():
            fields[name] = {**fields[name], "x-personal": kind}
        return {"type": "object", "properties": fields}
    if "score" not in config:
        return SCHEMA
    kind = "integer" if isinstance(config["score"], int) else "number"
    return {
        "type": "object",
        "properties": {**SCHEMA["properties"], "score": {"type": kind}},
    }


def send_batch(name: str, config: dict) -> None:
    put(
        {"type": "SCHEMA", "stream": name, "schema": SCHEMA, "key_properties": ["id"]},
        config,
    )
    file = Path(config["batch_folder"], f"{name}.jsonl.gz")
    with gzip.open(file, "wt") as lines:
        for number in range(config["rows"]):
            lines.write(json.dumps({"id": number, "name": "x"}) + "\n")
    encoding = {"format": "jsonl", "compression": "gzip"}
    message = {"type": "BATCH", "stream": name, "encoding": encoding}
    put({**message, "manifest": [file.as_uri()]}, config)
    put(
        {"type": "STATE", "value": {"bookmarks": {name: {"n": config["rows"]}}}}, config
    )


def maybe_fail(number: int, config: dict) -> None:
    if number == config.get("garbage_after"):
        print("INFO this should have gone to stderr")
    if number == config.get("die_after"):
        if config.get("half_line"):
            sys.stdout.write('{"type": "RECORD", "stream": "users", "record": {"id": 9')
        sys.stdout.flush()
        print("the API said no", file=sys.stderr, flush=True)
        if "die_by" in config:
            os.kill(os.getpid(), config["die_by"])
        os._exit(config.get("die_with", 1))
    if number and number % config.get("pause_every", sys.maxsize) == 0:
        sys.stdout.flush()
        time.sleep(config.get("pause_s", 0.01))


def put(message: dict, config: dict) -> None:
    mode = config.get("mode", "spaced")
    if mode == "reversed":
        message = dict(reversed(message.items()))
    separators = (",", ":") if mode == "compact" else None
    print(json.dumps(message, separators=separators))


if __name__ == "__main__":
    main()
