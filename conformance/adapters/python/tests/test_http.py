"""What HTTP refuses (protocol.md section 2), and the journal after a crash."""

import asyncio
import os
import tempfile
import unittest

from quickpay.clock import Clock
from quickpay.server import Server
from quickpay.store import FileStore, StoreError

PATH = "/qp/1/micro/get-order"
TYPE = "Content-Type: application/quickpay+xml"
LINE = f"POST {PATH} HTTP/1.1"

CASES = (
    (200, [LINE, "Host: a", TYPE, "Content-Length: 2"]),
    (200, [LINE, "Host: a", TYPE + '; charset="UTF-8"', "Content-Length: 2"]),
    (200, [LINE, "Host: a", TYPE, "Content-Length: 2", "Expect: 100-continue"]),
    (404, [f"POST {PATH}?a HTTP/1.1", "Host: a", TYPE, "Content-Length: 2"]),
    (404, ["POST /qp/1/micro/%67et-order HTTP/1.1", "Host: a", TYPE, "Content-Length: 2"]),
    (405, [f"GET {PATH} HTTP/1.1", "Host: a"]),
    (411, [LINE, "Host: a", TYPE]),
    (413, [LINE, "Host: a", TYPE, "Content-Length: 65537"]),
    (415, [LINE, "Host: a", "Content-Type: text/xml", "Content-Length: 2"]),
    (415, [LINE, "Host: a", TYPE + "; charset=latin-1", "Content-Length: 2"]),
    (415, [LINE, "Host: a", TYPE, "Content-Encoding: gzip", "Content-Length: 2"]),
    (417, [LINE, "Host: a", TYPE, "Content-Length: 2", "Expect: more"]),
    (431, [LINE, "Host: a", "A: " + "b" * 17000, TYPE, "Content-Length: 2"]),
    (505, [f"POST {PATH} HTTP/1.0", "Host: a", TYPE, "Content-Length: 2"]),
    (400, [LINE, TYPE, "Content-Length: 2"]),
    (400, [LINE, "Host: a", "Host: a", TYPE, "Content-Length: 2"]),
    (400, [LINE, "Host: a", TYPE, "Content-Length: 2", "Content-Length: 2"]),
    (400, [LINE, "Host: a", TYPE, "Content-Length: +2"]),
    (400, [LINE, "Host: a", TYPE, "Content-Length: 2", "Transfer-Encoding: chunked"]),
    (400, [LINE, "Host: a", TYPE, "Transfer-Encoding: gzip, chunked"]),
    (400, [LINE, "Host: a", " folded", TYPE, "Content-Length: 2"]),
    (400, [LINE, "Host : a", TYPE, "Content-Length: 2"]),
    (400, ["POST  / HTTP/1.1", "Host: a", TYPE, "Content-Length: 2"]),
)
CHUNKED = [LINE, "Host: a", TYPE, "Transfer-Encoding: chunked", "Connection: close"]
BODIES = ((200, b"1\r\na\r\n1;x=y\r\nb\r\n0\r\nTrailer: a\r\n\r\n"), (400, b"1\r\nab\r\n0\r\n\r\n"),
          (400, b"x\r\n"), (400, b"1;" + b"x" * 300 + b"\r\na\r\n0\r\n\r\n"), (413, b"ffffff\r\n"))


class Http(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.server = Server(Clock(0), self.handle)
        self.port = await self.server.start("127.0.0.1")
        self.addAsyncCleanup(self.server.stop)
        self.bodies: list[bytes] = []

    async def handle(self, path: str, body: bytes, peer: str) -> bytes:
        self.bodies.append(body)
        return b"<A/>"

    async def ask(self, lines: list[str], body: bytes) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        status = await reader.readline()
        if b" 100 " in status:
            await reader.readline()
            status = await reader.readline()
        rest = await reader.read(100) if b" 200 " in status else await reader.read()
        self.assertIn(b"Content-Length: 4" if b" 200 " in status else b"Content-Length: 0", rest)
        writer.close()
        return int(status.split()[1])

    async def test_headers(self) -> None:
        for status, lines in CASES:
            with self.subTest(lines):
                self.assertEqual(await self.ask(lines, b"ab"), status)

    async def test_chunks(self) -> None:
        for status, body in BODIES:
            with self.subTest(body[:20]):
                self.assertEqual(await self.ask(CHUNKED, body), status)
        self.assertEqual(self.bodies, [b"ab"])

    async def test_kept_alive(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        request = "\r\n".join([LINE, "Host: a", TYPE, "Content-Length: 2", "", "ab"]).encode()
        writer.write(request + request)
        got = b""
        while got.count(b"<A/>") < 2:
            got += await reader.read(1000)
        writer.close()


class Journal(unittest.TestCase):
    def test_a_torn_line_is_dropped(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = FileStore(folder)
            store.commit({"a": 1, "b": [2]})
            store.commit({"a": None, "c": "ä"})
            store.close()
            path = os.path.join(folder, "journal")
            with open(path, "ab") as journal:
                journal.write(b'00000000 {"d":')
            store = FileStore(folder)
            self.assertEqual(dict(store.under("")), {"b": [2], "c": "ä"})
            store.commit({"e": 1})
            store.close()
            self.assertEqual(FileStore(folder).get("e"), 1)

    def test_damage_in_the_middle_is_an_error(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = FileStore(folder)
            store.commit({"a": 1})
            store.commit({"a": 2})
            store.close()
            path = os.path.join(folder, "journal")
            with open(path, "r+b") as journal:
                journal.seek(12)
                journal.write(b"#")
            with self.assertRaises(StoreError):
                FileStore(folder)


if __name__ == "__main__":
    unittest.main()
