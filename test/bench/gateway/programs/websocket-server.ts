import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { listen } from './listen';

/** An echo on `ws`. */
const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('error', () => undefined);
  socket.on('message', (data, isBinary) => {
    socket.send(data, { binary: isBinary });
  });
});
listen(server);
