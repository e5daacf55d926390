#!/usr/bin/env node
/*
 * Hello Node: a whole plugin for Toru Steering Center in one file, with nothing but Node.
 *
 * Toru runs this file with --metadata to learn what it is, and without arguments to start it. A started plugin listens
 * on the Unix socket named in TORU_PLUGIN_SOCKET. Toru connects for each request and sends messages: four bytes with
 * the length (big-endian), then one JSON object.
 */
'use strict';

const net = require('node:net');
const { randomUUID } = require('node:crypto');

const metadata = {
  id: 'hello-node',
  name: 'Hello Node',
  version: '1.0.0',
  icon: '🟢',
  route: '/hello-node',
  author: 'Toru Steering Center',
  description: 'Counts its visits. No dependencies: a start for a plugin of your own.',
};

let instanceId = process.env.TORU_INSTANCE_ID ?? '';

/** Your routes: returns status, content type and body. */
async function respond({ method, path }, kv) {
  switch (`${method} ${withoutRoute(path)}`) {
    case 'GET /visits':
      return json({ visits: Number(await kv('get', 'visits')), instance_id: instanceId });
    case 'POST /visits':
      return json({ visits: await addVisit(kv), instance_id: instanceId });
    case 'GET /bundle.js':
      return { status: 200, type: 'text/javascript; charset=utf-8', body: bundle };
    case 'GET /':
      return { status: 200, type: 'text/html; charset=utf-8', body: page };
    default:
      return json({ error: `nothing at ${method} ${path}` }, 404);
  }
}

const json = (value, status = 200) => ({ status, type: 'application/json', body: JSON.stringify(value) });

/** Paths arrive with the plugin's route (/hello-node/visits) or without it (/visits). */
function withoutRoute(path) {
  const { pathname } = new URL(path, 'http://plugin');
  const { route } = metadata;
  return pathname === route || pathname.startsWith(`${route}/`) ? pathname.slice(route.length) || '/' : pathname;
}

/** Requests run side by side: each visit waits for the one before, so that none is lost. */
let lastVisit = Promise.resolve();
function addVisit(kv) {
  const visit = lastVisit.then(async () => {
    const count = Number(await kv('get', 'visits')) + 1;
    await kv('set', 'visits', String(count));
    return count;
  });
  lastVisit = visit.catch(() => undefined);
  return visit;
}

/** One connection from the host. It carries one request; several connections may be open at once. */
async function serve(socket) {
  const waiting = new Map();
  const send = (type, request_id, payload) => {
    const data = Buffer.from(JSON.stringify({ type, timestamp: new Date().toISOString(), request_id, payload }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    socket.write(Buffer.concat([length, data]));
  };
  // The host's key-value storage is asked on the connection of the request that is being handled.
  const kv = (action, key, value) =>
    new Promise((resolve, reject) => {
      const id = randomUUID();
      waiting.set(id, { resolve, reject });
      send('kv', id, { action, key, value });
    });
  const answer = async (message) => {
    const request = message.payload.payload;
    const response = await respond(request, kv).catch((error) => {
      console.error(`${request.method} ${request.path}:`, error);
      return json({ error: 'internal error' }, 500);
    });
    const { status, type, body } = response;
    send('http', message.request_id, { status, headers: { 'content-type': type }, body });
  };

  try {
    for await (const message of messages(socket)) {
      if (message.type === 'http') void answer(message);
      else if (message.type === 'kv') waiting.get(message.request_id)?.resolve(message.payload.value);
      else if (message.action === 'init') instanceId = message.payload.instance_id;
      else if (message.action === 'shutdown') server.close(); // ends the process once open requests are answered
    }
  } finally {
    for (const { reject } of waiting.values()) reject(new Error('the host closed the connection'));
  }
}

async function* messages(socket) {
  let buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    buffer = Buffer.concat([buffer, chunk]);
    while (buffer.length >= 4 && buffer.length >= 4 + buffer.readUInt32BE(0)) {
      const end = 4 + buffer.readUInt32BE(0);
      yield JSON.parse(buffer.toString('utf8', 4, end));
      buffer = buffer.subarray(end);
    }
  }
}

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Hello Node</title>
<h1>Hello from Node</h1><p>Open this plugin in the console to see its page.</p></html>
`;

/* The page in the console. These two functions run in the browser: their source text is the bundle, an ES module. */

function mount(container, api) {
  container.innerHTML = `
    <section class="hello-node">
      <h1>🟢 Hello from Node</h1>
      <p>Visits, counted in the host's storage:</p>
      <output data-testid="visits">…</output>
      <button type="button">Visit again</button>
      <p>Instance <code data-testid="instance-id">…</code></p>
    </section>`;
  const visit = async () => {
    try {
      const response = await api.fetch('/visits', { method: 'POST' });
      if (!response.ok) throw new Error(`The visit was not counted (${response.status})`);
      const answer = await response.json();
      container.querySelector('[data-testid=visits]')?.replaceChildren(answer.visits);
      container.querySelector('[data-testid=instance-id]')?.replaceChildren(answer.instance_id);
    } catch (error) {
      api.showToast(error.message, 'error');
    }
  };
  document.adoptedStyleSheets.push(style);
  container.querySelector('button').addEventListener('click', visit);
  void visit();
}

function unmount(container) {
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== style);
  container.replaceChildren();
}

const css = `
.hello-node { display: grid; gap: 16px; justify-items: start; max-width: 36rem; padding: 24px;
  border: 1px solid var(--mat-sys-outline-variant); border-radius: 16px; font: var(--mat-sys-body-large);
  color: var(--mat-sys-on-surface); background: var(--toru-card); }
.hello-node h1 { margin: 0; font: var(--mat-sys-headline-small); }
.hello-node p { margin: 0; color: var(--mat-sys-on-surface-variant); overflow-wrap: anywhere; }
.hello-node output { font: var(--mat-sys-display-medium); color: var(--mat-sys-primary); }
.hello-node button { padding: 10px 24px; border: 0; border-radius: 20px; font: var(--mat-sys-label-large);
  color: var(--mat-sys-on-primary); background: var(--mat-sys-primary); cursor: pointer; }
.hello-node button:focus-visible { outline: 3px solid var(--mat-sys-secondary); outline-offset: 2px; }`;

const bundle = `
const style = new CSSStyleSheet();
style.replaceSync(${JSON.stringify(css)});
export ${mount}
export ${unmount}
`;

const server = net.createServer((socket) => {
  serve(socket).catch((error) => console.error('connection:', error.message));
});

if (process.argv.includes('--metadata')) console.log(JSON.stringify(metadata));
else server.listen(process.env.TORU_PLUGIN_SOCKET, () => console.log('Hello Node is listening'));
