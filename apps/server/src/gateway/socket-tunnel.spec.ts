import { once } from 'node:events';
import { Socket } from 'node:net';
import { ReceiveStream, SendStream } from '@toru/protocol';
import { runTunnel } from './socket-tunnel';

describe('a tunnel', () => {
  it('[RTE-6] ends both streams for a client that left before it began', async () => {
    const closed: number[] = [];
    const port = {
      maxDataBytes: 1,
      send: () => undefined,
      takesMore: () => true,
      whenWritable: () => undefined,
      closed: ({ id }: { readonly id: number }) => void closed.push(id),
    };
    const socket = new Socket().destroy();
    await once(socket, 'close');
    await runTunnel(
      socket,
      { toPlugin: new SendStream(1, 1, port), fromPlugin: new ReceiveStream(2, 1, port) },
      {
        ...{ head: Buffer.alloc(0), idleMs: 60_000, silentMs: Infinity },
        ...{ onSent: () => undefined, onReceived: () => undefined },
      },
    );
    expect(closed).toEqual([1, 2]);
  });
});
