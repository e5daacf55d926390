import { createServer } from 'node:net';

/** The most that Node can do: all frames that arrive together are written back together, as the same bytes. */
createServer((socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 4 && at + 4 + bytes.readUInt32BE(at) <= bytes.length) {
      at += 4 + bytes.readUInt32BE(at);
    }
    if (at > 0) socket.write(bytes.subarray(0, at));
    rest = bytes.subarray(at);
  });
}).listen(process.env['TORU_PLUGIN_SOCKET']);
