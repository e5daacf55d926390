import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ANSWER } from './answer';
import { listen } from './listen';

const CHUNK = Buffer.alloc(65_536, '.');

/** The handlers of the benches' plugin as a plain server, on a Unix socket or a port. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  if (path === '/bench/json') sendJson(response, ANSWER);
  else if (path === '/bench/slow') setTimeout(sendJson, 10, response, ANSWER);
  else if (path === '/bench/upload') upload(request, response);
  else if (path === '/bench/download') download(response, Number(new URLSearchParams(query).get('bytes')));
  else response.writeHead(404).end();
}

function sendJson(response: ServerResponse, value: object): void {
  const body = JSON.stringify(value);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(200, headers).end(body);
}

function upload(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => (bytes += chunk.length));
  request.on('end', () => {
    sendJson(response, { bytes });
  });
}

function download(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { 'content-length': bytes });
  let left = bytes;
  const send = (): void => {
    while (left > 0) {
      const chunk = CHUNK.subarray(0, left);
      left -= chunk.length;
      if (!response.write(chunk)) return void response.once('drain', send);
    }
    response.end();
  };
  send();
}

// proxies keep their connections to it as long as they like
listen(createServer({ keepAliveTimeout: 0 }, answer));
