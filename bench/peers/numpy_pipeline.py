"""numpy and astropy as a peer: unpacking by strided views, ip_isr's pair loop for crosstalk, RICE_1 files by astropy with checksums.

Arguments are name=value: mode (crosstalk, raft-disk), input, out, keep, both, warmups, iterations. Prints one JSON line.
"""
import json
import multiprocessing
import os
import re
import sys
import time

import numpy as np
from astropy.io import fits

SEGMENTS = 16
PROCESSES = 2


def read_input(path):
    """Geometry and CCDs as bench/inputs.ts writes them."""
    with open(path) as file:
        lines = file.read().split("\n")
    columns, rows, groups, xor, first, end = (int(word) for word in lines[0].split())
    packed, ccds = None, []
    for line in lines[1:]:
        word, _, rest = line.partition(" ")
        if word == "source":
            packed = np.concatenate([np.fromfile(rest, np.uint8), np.zeros(64, np.uint8)])
        elif word == "ccd":
            values = rest.split()
            numbers = np.array(values[2 + SEGMENTS :], np.float32).reshape(2, SEGMENTS, SEGMENTS)
            channels = [int(value) for value in values[2 : 2 + SEGMENTS]]
            ccds.append({"packed": packed, "name": values[0], "group": int(values[1]), "channels": channels,
                         "linear": numbers[0], "quadratic": numbers[1]})
    return {"columns": columns, "rows": rows, "groups": groups, "xor": xor, "pedestal": (first, end), "ccds": ccds}


def unpack(spec, ccd):
    """Pixels [segment, row, column]."""
    samples = spec["rows"] * spec["columns"]
    raw = np.empty((SEGMENTS, spec["rows"], spec["columns"]), np.int32)
    for segment, channel in enumerate(ccd["channels"]):
        offset = ccd["group"] * 36 + channel * 18 // 8
        words = np.ndarray(samples, "<u4", ccd["packed"].data, offset, (spec["groups"] * 36,))
        values = ((words >> np.uint32(channel * 18 % 8)) & np.uint32(0x3FFFF)) ^ np.uint32(spec["xor"])
        raw[segment] = values.astype(np.int32).reshape(spec["rows"], spec["columns"])
    return raw


def correct(spec, ccd, raw, both):
    """The pair loop: for every target, every source, scaled and added."""
    first, end = spec["pedestal"]
    pedestal = raw[:, :, first:end].sum(axis=2, dtype=np.int32).astype(np.float32) / np.float32(end - first)
    signal = raw.astype(np.float32) - pedestal[:, :, np.newaxis]
    corrected = np.empty_like(raw)
    for target in range(SEGMENTS):
        sub = np.zeros(raw.shape[1:], np.float32)
        for source in range(SEGMENTS):
            if source == target:
                continue
            sub += ccd["linear"][source, target] * signal[source]
            if both:
                sub += ccd["quadratic"][source, target] * (signal[source] * signal[source])
        corrected[target] = np.clip(raw[target] - np.ceil(sub - np.float32(0.5)).astype(np.int32), 0, 262143)
    return corrected


def cards(count):
    return [(f"KEY{i:05d}", i * 1.25, "a value that stands for the real ones") for i in range(count)]


def write_fits(path, planar):
    """17 HDUs with as many cards as the real ones, checksums in all, fsynced."""
    columns = planar.shape[2]
    hdus = [fits.PrimaryHDU(header=fits.Header(cards(145)))]
    for segment in range(SEGMENTS):
        header = fits.Header(cards(55))
        try:
            hdu = fits.CompImageHDU(planar[segment], header, compression_type="RICE_1", tile_shape=(1, columns))
        except TypeError:  # astropy before 5.3
            hdu = fits.CompImageHDU(planar[segment], header, compression_type="RICE_1", tile_size=(columns, 1))
        hdus.append(hdu)
    fits.HDUList(hdus).writeto(path, checksum=True)
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def archive(index):
    """One CCD from packed words to files; runs in a process that inherited the input."""
    spec, trial = JOB["spec"], JOB["trial"]
    ccd = spec["ccds"][index]
    raw = unpack(spec, ccd)
    if trial["both"]:
        write_fits(f"{trial['out']}/raw_{ccd['name']}.fits", raw)
    write_fits(f"{trial['out']}/corrected_{ccd['name']}.fits", correct(spec, ccd, raw, trial["both"]))


JOB = {}


def read_trial():
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    numbers = {name: int(given[name]) for name in ("keep", "both", "warmups", "iterations")}
    return {**given, **numbers}


def measure(trial, work):
    times = []
    for i in range(trial["warmups"] + trial["iterations"]):
        for name in os.listdir(trial["out"]):  # untimed: every file is a new one
            os.remove(f"{trial['out']}/{name}")
        start = time.perf_counter()
        work()
        if i >= trial["warmups"]:
            times.append((time.perf_counter() - start) * 1000)
    processes = [os.getpid(), *(child.pid for child in multiprocessing.active_children())]
    print(json.dumps({"ms": times, "peakRssBytes": sum(peak_rss_bytes(pid) for pid in processes)}))


def peak_rss_bytes(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1)) * 1024


def main():
    trial = read_trial()
    JOB["trial"] = trial
    JOB["spec"] = spec = read_input(trial["input"])
    if trial["mode"] == "crosstalk":
        ccd = spec["ccds"][0]
        raw = unpack(spec, ccd)
        measure(trial, lambda: correct(spec, ccd, raw, trial["both"]))
        if trial["keep"]:
            correct(spec, ccd, raw, trial["both"]).tofile(f"{trial['out']}/answer")
    elif trial["mode"] == "raft-disk":
        with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
            measure(trial, lambda: pool.map(archive, range(len(spec["ccds"])), chunksize=1))
    else:
        sys.exit(f"peer: unknown mode: {trial['mode']}")


if __name__ == "__main__":
    main()
