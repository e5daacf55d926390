import { createServer } from 'node:net';
import { ANSWER } from './answer';

/** What version 1 carries of a request. */
interface Message {
  readonly type: string;
  readonly action?: string;
  readonly request_id?: string;
}

/**
 * A version 1 plugin as one writes it by hand: frames of a length and JSON, one request on each connection, no SDK. One that
 * does not answer takes every connection and reads what comes, and that is all.
 */
export function runVersion1(id: string, answers: boolean): void {
  if (process.argv.includes('--metadata')) {
    console.log(JSON.stringify({ id, name: id, version: '1.0.0', icon: '1', route: `/${id}` }));
    return;
  }
  createServer((socket) => {
    let bytes: Buffer = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
        const end = 4 + bytes.readUInt32BE(0);
        const message = JSON.parse(bytes.toString('utf8', 4, end)) as Message;
        bytes = bytes.subarray(end);
        if (message.type === 'lifecycle' && message.action === 'shutdown') process.exit();
        if (message.type === 'http' && answers) socket.write(frameOf(message.request_id));
      }
    });
  }).listen(process.env['TORU_PLUGIN_SOCKET']);
}

function frameOf(requestId: string | undefined): Buffer {
  const payload = { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(ANSWER) };
  const envelope = { type: 'http', timestamp: new Date().toISOString(), request_id: requestId, payload };
  const text = JSON.stringify(envelope);
  const frame = Buffer.allocUnsafe(4 + Buffer.byteLength(text));
  frame.writeUInt32BE(frame.length - 4);
  frame.write(text, 4);
  return frame;
}
