import { createServer } from 'node:net';
import { FEATURES_V2 } from '@toru/contracts';
import { acceptInit, awaitInit, PeerConnection } from '@toru/protocol';

/** A plugin without the SDK: what the connection alone costs. */
createServer((socket) => {
  const connection = new PeerConnection(socket, {
    role: 'plugin',
    handlers: {
      http: ({ body }) => ({
        status: 200,
        headers: { 'content-type': 'application/json' },
        ...(body instanceof Uint8Array && { body }),
      }),
    },
  });
  void awaitInit(connection, 10_000).then((init) => acceptInit(connection, init, FEATURES_V2));
}).listen(process.env['TORU_PLUGIN_SOCKET']);
