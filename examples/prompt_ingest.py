"""The same in plain HTTP and files. Usage: prompt_ingest.py [http://127.0.0.1:9650] [detectors of a snap]"""
import json
import sys
import urllib.request
from urllib.parse import unquote, urlparse

base = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:9650"
detectors = int(sys.argv[2]) if len(sys.argv) > 2 else 9
snaps = {}


def events():
    with urllib.request.urlopen(f"{base}/events") as stream:
        for line in stream:
            if line.startswith(b"data: "):
                yield json.loads(line[6:])


for event in events():
    if event.get("type") != "imageForwarded" or event["groupId"] is None:
        continue
    found = snaps.setdefault((event["groupId"], event["snap"] or 0), {})
    path = unquote(urlparse(event["uri"]).path)
    with open(path.removesuffix(".fits") + ".json") as sidecar:
        header = json.load(sidecar)
    found[f"{event['raft']}_{event['sensor']}"] = {"path": path, "serial": header["LSST_NUM"]}
    if len(found) == detectors:
        print(json.dumps({"group": event["groupId"], "detectors": found}), flush=True)
        break
