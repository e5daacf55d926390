import { Agent, createServer } from 'node:http';
import { createProxyServer } from 'http-proxy-3';
import { listen, upstreamSocket } from './listen';

const proxy = createProxyServer({
  // the port is a matter of its types: the socket goes before it
  target: { socketPath: upstreamSocket(), host: 'upstream', port: 80 },
  agent: new Agent({ keepAlive: true }),
  xfwd: true,
});
proxy.on('error', (_error, _request, response) => {
  response.end();
});

listen(
  createServer((request, response) => {
    request.url = (request.url ?? '').replace('/plugins', '');
    proxy.web(request, response);
  }),
);
