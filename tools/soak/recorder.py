"""A recorder in front of a server: every exchange passes through it unchanged, from the address that it came from. It also
plays the web server of a shop, from which goods are fetched that do not come inside a message."""
import asyncio
import contextlib

MAX_HEAD = 64 * 1024


class Exchange:
    """One request and what came back of it. `answer` is None until the whole answer has left the server."""

    __slots__ = ("number", "source", "server", "path", "request", "status", "answer")

    def __init__(self, number, source, server, path, request):
        self.number, self.source, self.server, self.path, self.request = number, source, server, path, request
        self.status, self.answer = 0, None


class Traffic:
    """All exchanges in their order. `watchers` are called as watcher("asked" | "answered", exchange), before the bytes go on."""

    def __init__(self):
        self.exchanges, self.watchers, self.tasks = [], [], set()

    def asked(self, source, server, path, request):
        exchange = Exchange(len(self.exchanges), source, server, path, request)
        self.exchanges.append(exchange)
        self._tell("asked", exchange)
        return exchange

    def answered(self, exchange, status, answer):
        exchange.status, exchange.answer = status, answer
        self._tell("answered", exchange)

    def _tell(self, what, exchange):
        for watcher in self.watchers:
            watcher(what, exchange)


async def _message(reader):
    """First line, head and body of one HTTP message; both sides are known to send Content-Length or no body."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    length = next((int(line.split(":", 1)[1]) for line in lines if line.lower().startswith("content-length:")), 0)
    return lines[0].split(" "), head, await reader.readexactly(length)


def _page(content):
    """What the web server of a shop answers."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    return head.split(b"\r\n")[0].decode().split(" "), head, content


class _Pair:
    """A client's connection and the one to the server that belongs to it."""

    def __init__(self, traffic, player, server_port, client):
        self.traffic, self.player, self.port, self.client = traffic, player, server_port, client
        self.server = None

    async def run(self):
        source = self.client[1].get_extra_info("peername")[0]
        try:
            while await self._client_is_next():
                await self._exchange(source)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # one side is gone, so the other one learns it
        finally:
            for _, writer in filter(None, (self.client, self.server)):
                writer.close()

    async def _client_is_next(self):
        """Waits for either side; a server that closes an idle connection closes the client's."""
        if self.server is None:
            self.head = await self.client[0].readuntil(b"\r\n\r\n")
            return True
        ends = asyncio.ensure_future(self.server[0].read(1))
        begins = asyncio.ensure_future(self.client[0].readuntil(b"\r\n\r\n"))
        await asyncio.wait({ends, begins}, return_when=asyncio.FIRST_COMPLETED)
        if not begins.done() or begins.exception():
            for waiting in (ends, begins):
                waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await begins
            return False
        ends.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ends
        self.head = begins.result()
        return True

    async def _connect(self, source):
        if self.server is None:
            self.server = await asyncio.open_connection(self.player.address, self.port, local_addr=(source, 0), limit=MAX_HEAD)

    async def _exchange(self, source):
        lines = self.head.decode("latin-1").split("\r\n")
        length = next((int(line.split(":", 1)[1]) for line in lines if line.lower().startswith("content-length:")), 0)
        body = await self.client[0].readexactly(length)
        exchange = self.traffic.asked(source, self.player.id, lines[0].split(" ")[1], self.head + body)
        if exchange.path in self.player.shop:
            words, head, answer = _page(self.player.shop[exchange.path])
        else:
            await self._connect(source)
            self.server[1].write(self.head + body)
            words, head, answer = await _message(self.server[0])
        self.traffic.answered(exchange, int(words[1]), head + answer)
        self.client[1].write(head + answer)
        await self.client[1].drain()


async def record(traffic, player, port, server_port):
    """Listens in front of a player's server until the returned server is closed."""
    async def accept(reader, writer):
        task = asyncio.current_task()
        traffic.tasks.add(task)  # the loop itself would let it be collected
        try:
            await _Pair(traffic, player, server_port, (reader, writer)).run()
        finally:
            traffic.tasks.discard(task)

    return await asyncio.start_server(accept, player.address, port, limit=MAX_HEAD)


def body_of(message):
    """The body of a recorded request or answer."""
    return message.split(b"\r\n\r\n", 1)[1] if message else b""
