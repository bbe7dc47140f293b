#!/usr/bin/env python3
"""Packs what restore-pairs.sh left behind: one archive per release, and one table of outcomes.

usage: pack_pairs.py ROOT TARGET

Kept is what a verdict is made of. Options of databases, most of their bytes, are replaced by zeros.
"""
import re
import sys
import zipfile
from pathlib import Path

EPOCH = (2024, 1, 1, 0, 0, 0)
OPTIONS = b"# This is a RocksDB option file."


def add(archive, name, content):
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content, compresslevel=9)


def files_below(roots):
    """A root may be a file itself."""
    return sorted(file for root in map(Path, roots) for file in [root, *root.rglob("*")])


def pack_release(directory, target):
    with zipfile.ZipFile(target, "w") as archive:
        lines = []
        packed = set()
        for line in sorted((directory / "bases.tsv").read_text().splitlines()):
            _, scenario, snapshot, roots = line.split("\t")
            snapshot = Path(snapshot)
            lines.append(f"{scenario}\t{snapshot.relative_to(directory)}\n")
            metadata = (snapshot / "_metadata").read_bytes()
            for file in files_below(roots.split(";")):
                wanted = file == snapshot / "_metadata" or file.name.encode() in metadata
                # A sink's files are looked at by nobody but the sink.
                if not file.is_file() or not wanted or file in packed or "output" in file.parts:
                    continue
                packed.add(file)
                content = file.read_bytes()
                if content.startswith(OPTIONS):
                    content = bytes(len(content))
                add(archive, str(file.relative_to(directory)), content)
        add(archive, "bases.tsv", "".join(lines))
        add(archive, "jobs.tsv", (directory / "jobs.tsv").read_bytes())
        for job in sorted((directory / "jobs").glob("*.json")):
            add(archive, f"jobs/{job.name}", job.read_bytes())


def version(text):
    return [int(part) for part in text.split(".")]


def outcomes(results):
    lines = [line for file in results.glob("*.tsv") for line in file.read_text().splitlines()]
    rows = [line.split("\t") for line in lines]
    rows.sort(key=lambda row: (version(row[0]), row[1], version(row[2])))
    for row in rows:
        # Names that differ from run to run.
        row[5] = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|@[0-9a-f]+", "...", row[5])
        yield "\t".join(row) + "\n"


def main():
    root, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    releases = sorted(file.parent for file in root.glob("*/bases.tsv"))
    for directory in releases:
        pack_release(directory, target / f"{directory.name}.zip")
    header = "base\tform\treader\toutcome\twhen\terror\n"
    (target / "outcomes.tsv").write_text(header + "".join(outcomes(root / "results")))


main()
