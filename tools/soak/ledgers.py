"""Reads what a player's ledger holds, without the code that wrote it."""
import collections
import os
import shutil
import sqlite3
import tempfile
import xml.etree.ElementTree as ElementTree

SPACE = "{urn:quickpay:1}"
Record = collections.namedtuple("Record", "state variables fields")


class _Cursor:
    """The contents of a record: counts and lengths in base 128, low digits first."""

    def __init__(self, blob):
        self.blob, self.at = blob, 0

    def number(self):
        value = shift = 0
        while True:
            byte = self.blob[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def text(self):
        size = self.number()
        self.at += size
        return self.blob[self.at - size:self.at]


def _decode(state, blob):
    cursor = _Cursor(blob)
    variables = dict(cursor.text().decode().split("=", 1) for _ in range(cursor.number()))
    fields = {cursor.text().decode(): cursor.text() for _ in range(cursor.number())}
    if cursor.at != len(blob):
        raise ValueError("a record has more bytes than it says")
    return Record(state, variables, fields)


class Ledger:
    """A ledger as it was when it was read."""

    def __init__(self, path):
        self.records = collections.defaultdict(dict)
        with tempfile.TemporaryDirectory() as folder:  # a reader must not change the file that it judges
            copy = os.path.join(folder, "ledger")
            copy_ledger(path, copy)
            database = sqlite3.connect(copy)
            for machine, key, state, blob in database.execute("SELECT machine,key,state,contents FROM record"):
                if machine != "host.log":
                    self.records[machine][key] = _decode(state, blob)
            self.answers = {tuple(row[:3]): (bytes(row[3]), bool(row[4])) for row in
                            database.execute("SELECT path,sender,msg_id,body,final FROM answer")}
            self.calls = {row[0]: row[1:] for row in database.execute("SELECT msg_id,message,receiver,attempts FROM call")}
            database.close()

    def state(self, machine, key):
        record = self.records[machine].get(key)
        return record.state if record else "NONE"


def copy_ledger(path, to):
    """The database with the log that may lie beside it."""
    shutil.copy(path, to)
    if os.path.exists(path + "-wal"):
        shutil.copy(path + "-wal", to + "-wal")


def parse(xml):
    return ElementTree.fromstring(xml)


def all_of(tree, name):
    return tree.iter(SPACE + name)


def text(tree, name):
    """The text of the first element of this name below; empty if there is none."""
    found = next(all_of(tree, name), None)
    return "" if found is None else found.text or ""


def number(record, name):
    return int(record.fields.get(name, b"0"))


def order_ref(record):
    """(key of the order, amount) of a record that keeps an OrderRef."""
    ref = parse(b'<x xmlns="urn:quickpay:1">' + record.fields["OrderRef"] + b"</x>")
    return key_of(ref), int(text(ref, "Amount"))


def key_of(tree):
    return "/".join((text(tree, "Kind"), text(tree, "Vendor"), text(tree, "OrderId")))
