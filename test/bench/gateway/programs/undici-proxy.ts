import { createServer } from 'node:http';
import { Pool } from 'undici';
import { listen, upstreamSocket } from './listen';

/** As many as the clients of the bench, so that no request waits for another. */
const CONNECTIONS = 64;

/** A reverse proxy as one writes it with undici: bodies are streamed, headers of the connection alone are left out. */
const pool = new Pool('http://upstream', { socketPath: upstreamSocket(), connections: CONNECTIONS });

listen(
  createServer((request, response) => {
    const { method = 'GET', url = '/' } = request;
    const { connection: _, ...headers } = request.headers;
    const body = method === 'GET' || method === 'HEAD' ? null : request;
    pool
      .stream({ method, path: url.replace('/plugins', ''), headers, body }, (upstream) => {
        const {
          connection: _connection,
          'keep-alive': _keepAlive,
          ...passed
        } = upstream.headers as Record<string, string>;
        return response.writeHead(upstream.statusCode, passed);
      })
      .catch(() => {
        if (!response.headersSent) response.writeHead(502);
        response.end();
      });
  }),
);
