"""A Singer target that keeps lines in a file and behaves as its config says."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

ABOUT = {
    "name": "target-toy",
    "version": "0.1.0",
    "capabilities": [],
    "settings": {
        "type": "object",
        "required": ["host", "user"],
        "properties": {
            "file": {"type": "string"},
            "host": {"type": "string"},
            "port": {"type": "integer"},
            "user": {"type": "string"},
            "password": {"type": "string"},
            "dbname": {"type": "string"},
            "default_target_schema": {"type": "string"},
            "die_after": {"type": "integer"},
            "die_with": {"type": "integer"},
            "close_after": {"type": "integer"},
            "pause_s": {"type": "number"},
            "ignore_sigterm": {"type": "boolean"},
            "chatter": {"type": "boolean"},
            "silent_on_state": {"type": "boolean"},
            "end_slowly_s": {"type": "number"},
        },
    },
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config")
    parser.add_argument("--about", action="store_true")
    parser.add_argument("--format")
    words = parser.parse_args()
    if words.about:
        print(json.dumps(ABOUT))
        return
    config = json.loads(Path(words.config).read_text())
    if config.get("ignore_sigterm"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with Path(config["file"]).open("a") as kept:
        kept.write(json.dumps({"config": config, "environ": dict(os.environ)}) + "\n")
        for number, line in enumerate(sys.stdin):
            take(number, line, kept, config)
    time.sleep(config.get("end_slowly_s", 0))


def take(number: int, line: str, kept, config: dict) -> None:
    if number == config.get("die_after"):
        print("the database said no", file=sys.stderr, flush=True)
        kept.flush()
        os._exit(config.get("die_with", 4))
    if number == config.get("close_after"):
        os.close(0)
        time.sleep(30)
    if config.get("pause_s"):
        time.sleep(config["pause_s"])
    kept.write(line)
    message = json.loads(line)
    if message["type"] == "STATE" and not config.get("silent_on_state"):
        kept.flush()
        if config.get("chatter"):
            print("loaded something")
        print(json.dumps(message["value"]), flush=True)


if __name__ == "__main__":
    main()
