// http.js - an HTTP client over a bare socket: one that can misbehave, and one that is polite.
//
// fetch hides what these tests are about: bytes, order, and when a connection is closed.

import net from 'node:net';
import zlib from 'node:zlib';

const ANSWER_MS = 10_000;

/** A connection to send any bytes over. @typedef {{host: string, port: number}} Place */
export class RawConnection {
  /** @param {Place} place */
  static async open(place) {
    const socket = net.connect({
      host: place.host ?? '127.0.0.1',
      port: place.port,
      noDelay: true,
    });
    const raw = new RawConnection(socket);
    await new Promise((done, fail) => {
      socket.once('connect', done);
      socket.once('error', fail);
    });
    return raw;
  }

  /** @param {net.Socket} socket */
  constructor(socket) {
    this.socket = socket;
    this.received = Buffer.alloc(0);
    this.isClosed = false;
    this.error = null;
    this.watchers = new Set();
    socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
      this.look();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.isClosed = true;
        this.look();
      });
    }
  }

  look() {
    for (const watcher of [...this.watchers]) watcher();
  }

  /** @param {string|Uint8Array} bytes a string goes as latin1: one character, one byte */
  async send(bytes) {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    await new Promise((done) => this.socket.write(data, () => done()));
  }

  /** Sends in pieces, `ms` apart. */
  async sendSlowly(bytes, piece = 1, ms = 1) {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    for (let at = 0; at < data.length && !this.isClosed; at += piece) {
      await this.send(data.subarray(at, at + piece));
      if (ms) await new Promise((done) => setTimeout(done, ms));
    }
  }

  /** Waits until ready() is neither undefined nor false; null when the connection closed first. */
  async until(ready, ms = ANSWER_MS) {
    return await new Promise((done, fail) => {
      const stop = (result) => {
        clearTimeout(timer);
        this.watchers.delete(look);
        done(result);
      };
      const look = () => {
        const result = ready();
        if (result !== undefined && result !== false) stop(result);
        else if (this.isClosed) stop(null);
      };
      const timer = setTimeout(() => {
        this.watchers.delete(look);
        fail(
          new Error(
            `no answer in ${ms} ms; so far: ${this.received.toString('latin1', 0, 2000)}`,
          ),
        );
      }, ms);
      this.watchers.add(look);
      look();
    });
  }

  /** The next whole response, taken off what was received; null when closed before one. */
  async response({ ms = ANSWER_MS, method = 'GET' } = {}) {
    return await this.until(() => {
      const answer = parseResponse(this.received, { isClosed: this.isClosed, method });
      if (!answer) return undefined;
      this.received = this.received.subarray(answer.bytes);
      return answer;
    }, ms);
  }

  /** Waits for the end of the connection; what was received and not taken by then. */
  async closed(ms = ANSWER_MS) {
    await this.until(() => (this.isClosed ? true : undefined), ms);
    return this.received;
  }

  /** Stops reading, so that the peer's window fills. */
  pause() {
    this.socket.pause();
  }

  resume() {
    this.socket.resume();
  }

  /** RST instead of FIN. */
  reset() {
    this.socket.resetAndDestroy();
  }

  close() {
    this.socket.destroy();
  }
}

/** @returns {{name: string, value: string}[]} */
function headerLines(head) {
  return head
    .split('\r\n')
    .slice(1)
    .map((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) throw new Error(`not a header line: ${JSON.stringify(line)}`);
      return { name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1).trim() };
    });
}

/** Body of chunks from `at`; null when more is to come. */
function parseChunks(bytes, at) {
  const parts = [];
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return null;
    const word = bytes.toString('latin1', at, end).split(';')[0];
    if (!/^[0-9a-fA-F]+$/.test(word)) throw new Error(`not a chunk size: ${JSON.stringify(word)}`);
    const size = parseInt(word, 16);
    at = end + 2;
    if (size === 0) {
      if (bytes.length < at + 2) return null;
      if (bytes.toString('latin1', at, at + 2) !== '\r\n')
        throw new Error('trailers are not expected');
      return { body: Buffer.concat(parts), end: at + 2 };
    }
    if (bytes.length < at + size + 2) return null;
    parts.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
}

/** A whole response at the start of bytes, or null. Throws when it is no HTTP/1.1. */
export function parseResponse(bytes, { isClosed = false, method = 'GET' } = {}) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end);
  const first = head.match(/^HTTP\/1\.[01] (\d{3}) ?([^\r]*)/);
  if (!first) throw new Error(`not a status line: ${JSON.stringify(head.slice(0, 100))}`);
  const lines = headerLines(head);
  const headers = {};
  for (const { name, value } of lines)
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  const status = Number(first[1]);
  const start = end + 4;
  let body = Buffer.alloc(0);
  let bytesUsed = start;
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) {
    if (status === 204 && 'content-length' in headers) throw new Error('204 with Content-Length');
  } else if (headers['transfer-encoding'] === 'chunked') {
    const chunks = parseChunks(bytes, start);
    if (!chunks) return null;
    body = chunks.body;
    bytesUsed = chunks.end;
  } else if ('content-length' in headers) {
    if (!/^\d+$/.test(headers['content-length']))
      throw new Error(`Content-Length ${headers['content-length']}`);
    bytesUsed = start + Number(headers['content-length']);
    if (bytes.length < bytesUsed) return null;
    body = bytes.subarray(start, bytesUsed);
  } else {
    if (!isClosed) return null;
    body = bytes.subarray(start);
    bytesUsed = bytes.length;
  }
  return answerOf(status, first[2], headers, lines, Buffer.from(body), bytesUsed);
}

function answerOf(status, reason, headers, lines, body, bytes) {
  return {
    status,
    reason,
    headers,
    lines,
    body,
    bytes,
    get plain() {
      return headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(body) : body;
    },
    get text() {
      return this.plain.toString('utf8');
    },
    get json() {
      return JSON.parse(this.text);
    },
  };
}

/** The bytes of a request. @returns {Buffer} */
export function requestBytes({
  method = 'GET',
  path = '/',
  headers = {},
  token,
  json,
  body,
  host = 'localhost',
}) {
  const all = { Host: host, ...headers };
  let bytes = body === undefined ? undefined : Buffer.from(body);
  if (json !== undefined) {
    bytes = Buffer.from(JSON.stringify(json));
    all['Content-Type'] ??= 'application/json';
  }
  if (token) all.Authorization ??= `Bearer ${token}`;
  if (bytes || ['POST', 'PUT', 'PATCH'].includes(method))
    all['Content-Length'] ??= String(bytes?.length ?? 0);
  const head = Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  return Buffer.concat([
    Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`, 'latin1'),
    bytes ?? Buffer.alloc(0),
  ]);
}

/** One request on a connection of its own. Throws when it is closed without an answer. */
export async function request(place, options = {}) {
  const raw = await RawConnection.open(place);
  try {
    await raw.send(
      requestBytes({ host: `${place.host ?? '127.0.0.1'}:${place.port}`, ...options }),
    );
    const answer = await raw.response({
      ms: options.ms ?? ANSWER_MS,
      method: options.method ?? 'GET',
    });
    if (!answer)
      throw new Error(`${options.method ?? 'GET'} ${options.path}: closed without an answer`);
    return answer;
  } finally {
    raw.close();
  }
}

/** Requests as one session: get(path), post(path, json), put(path, json), delete(path). */
export class Client {
  /** @param {Place} place @param {string|undefined} token */
  constructor(place, token) {
    this.place = place;
    this.token = token;
  }

  async call(method, path, json, options = {}) {
    return await request(this.place, { method, path, json, token: this.token, ...options });
  }

  /** The answer's JSON; throws when the status is not 2xx. */
  async ok(method, path, json, options = {}) {
    const answer = await this.call(method, path, json, options);
    if (answer.status < 200 || answer.status > 299) {
      throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 1000)}`);
    }
    return answer.body.length ? answer.json : null;
  }

  get(path, options) {
    return this.ok('GET', path, undefined, options);
  }

  post(path, json = {}, options = {}) {
    return this.ok('POST', path, json, options);
  }

  put(path, json = {}, options = {}) {
    return this.ok('PUT', path, json, options);
  }

  delete(path, options) {
    return this.ok('DELETE', path, undefined, options);
  }
}
