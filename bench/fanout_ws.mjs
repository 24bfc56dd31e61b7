// fanout_ws.mjs - the peer of bench/fanout: the shortest broadcast that the `ws` package can be.
//
//   node fanout_ws.mjs SAMPLE          prints its port
//
// Every message that comes is an op; the sample's bytes go to everyone. Nothing is parsed, nothing
// is stored.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../tests/socket/package.json', import.meta.url));
const { WebSocketServer } = require('ws');

const sample = readFileSync(process.argv[2]);
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  backlog: 4096,
});
server.on('listening', () => console.log(server.address().port));
server.on('connection', (socket) => {
  socket._socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('message', () => {
    for (const client of server.clients) client.send(sample, { binary: false });
  });
});
