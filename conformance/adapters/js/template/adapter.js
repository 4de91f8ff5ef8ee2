#!/usr/bin/env node
// The start of an adapter for a QuickPay @ROLE@: it runs, and the product behind it does nothing yet.
// The commands are those of docs/adapter-protocol.md; § means a section of it. Node.js 18 or later, nothing else.
'use strict';
const net = require('net');
const readline = require('readline');

const ROLE = '@ROLE@';
const MOST = 256 * 1024; // bytes of a request that are read

/** Your product. Start it here with what `setup` says (§4), or replace this class by it. */
class Product {
  constructor(setup) {
    this.setup = setup; // player, host, profile, source, currencies, fixtures
    this.players = setup.directory; // who the others are and where they listen
    this.server = null;
    this.sockets = new Set();
  }

  /** Where it listens; a Wallet listens nowhere. */
  start() {
    if (this.setup.listen === undefined) return Promise.resolve(null);
    this.server = net.createServer((socket) => this.notYet(socket));
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, this.setup.listen, () => resolve({ address: this.setup.listen, port: this.server.address().port }));
    });
  }

  /** Answers every request "501 Not Implemented". */
  notYet(socket) {
    let seen = Buffer.alloc(0);
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (piece) => {
      seen = Buffer.concat([seen, piece]);
      const end = seen.indexOf('\r\n\r\n');
      const length = end < 0 ? 0 : Number((/^content-length: *(\d+)/im.exec(seen.subarray(0, end).toString('latin1')) || [0, 0])[1]);
      if ((end >= 0 && seen.length >= end + 4 + length) || seen.length > MOST) {
        socket.removeAllListeners('data');
        socket.end('HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        socket.resume();
      }
    });
  }

  stop() {
    if (this.server !== null) this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  /** An operation of §5. The reason says why nothing came of it: the product cannot do it. */
  operate(op, args) {
    return { outcome: 'rejected', reason: 'internal' };
  }
}

const sessions = new Map();

function session(line) {
  const product = sessions.get(line.session);
  if (product === undefined) throw new Error('no such session');
  return product;
}

// Not there yet: await, observe (§6), fence, clock and restart (§7). They are answered "unsupported".
const commands = {
  /** What is claimed (§3). Add fence, observes, clock: 'virtual' when they are there. */
  hello: () => ({
    impl: { name: 'My @ROLE@', version: '0' }, roles: [ROLE], profiles: ['F'], protocols: ['micropayment'], clock: 'wall',
  }),
  async setup(line) {
    const product = new Product(line);
    const where = await product.start();
    sessions.set(line.session, product);
    return where === null ? { ready: true } : { ready: true, listen: where };
  },
  directory(line) {
    session(line).players = line.directory;
    return { ready: true };
  },
  do: (line) => session(line).operate(line.op, line.args),
  teardown(line) {
    session(line).stop();
    sessions.delete(line.session);
    return {};
  },
  bye: () => ({}),
};

async function replyTo(line) {
  if (!Object.hasOwn(commands, line.cmd)) return { unsupported: 'not in this adapter yet' };
  try {
    return await commands[line.cmd](line);
  } catch (error) { // the adapter failed, which is not the product's fault
    return { error: String(error).slice(0, 1000) };
  }
}

async function main() {
  for await (const text of readline.createInterface({ input: process.stdin })) {
    let line = null;
    try {
      line = JSON.parse(text);
    } catch {
      continue;
    }
    if (line === null || typeof line !== 'object' || typeof line.id !== 'number') continue; // nothing that could be answered
    const reply = { id: line.id, ...(await replyTo(line)) };
    await new Promise((written) => process.stdout.write(JSON.stringify(reply) + '\n', written));
    if (line.cmd === 'bye') break;
  }
  process.exit(0);
}

main();
