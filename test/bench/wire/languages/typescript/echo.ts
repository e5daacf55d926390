import { createServer } from 'node:net';

/** The bare minimum: each frame is found by its length and written back as soon as it is there. */
createServer((socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      socket.write(bytes.subarray(at, end));
      at = end;
    }
    rest = bytes.subarray(at);
  });
}).listen(process.env['TORU_PLUGIN_SOCKET']);
