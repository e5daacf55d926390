import { MAX_FRAME_BYTES } from '@toru/contracts';
import { encodeHttpRequest } from '@toru/protocol';
import { defineChecks } from '../check';
import type { Kit } from '../kit';
import { frame, now, uint32 } from '../wire/frames';

const rule = 'protocol.md#frames';
/** How much longer an answer to the largest frame may take than any other. */
const LARGE_FACTOR = 4;

/** Sends each on a connection of its own, then looks whether the plugin still serves. */
async function survives(kit: Kit, pieces: readonly Buffer[]): Promise<void> {
  const host = await kit.v1();
  for (const bytes of pieces) await host.sendAndLeave(bytes);
  await host.exchange({});
}

export const V1_FRAME_CHECKS = defineChecks({ rule, protocol: 1 }, [
  {
    id: 'v1/split-frames',
    expects: 'a frame is read however its bytes are split',
    run: async (kit) => {
      const host = await kit.v1();
      for (const pieces of [[1], [3, 5, 2], [4], [5, 1000]]) await host.exchange({ path: '/?split' }, { pieces });
    },
  },
  {
    id: 'v1/largest-frame',
    expects: 'a frame of exactly 16 MiB is answered',
    run: async (kit) => {
      await kit.v1();
      const host = kit.v1Of(await kit.shared.plugin(), kit.timeoutMs * LARGE_FACTOR);
      const request = { method: 'POST', path: '/', headers: { accept: '*/*' }, body: '' };
      // the same length as with the random id of the exchange
      const envelope = encodeHttpRequest('00000000-0000-0000-0000-000000000000', request, now());
      const room = MAX_FRAME_BYTES - Buffer.byteLength(JSON.stringify(envelope));
      await host.exchange({ ...request, body: 'x'.repeat(room) });
    },
  },
  {
    id: 'v1/oversized-frame',
    expects: 'a length over 16 MiB costs that connection, not the process',
    run: (kit) =>
      survives(kit, [
        Buffer.concat([uint32(MAX_FRAME_BYTES + 1), Buffer.from('{"type":')]),
        Buffer.concat([uint32(0xffff_ffff), Buffer.from('{"type":')]),
        uint32(0),
      ]),
  },
  {
    id: 'v1/truncated-frame',
    expects: 'a connection that ends inside a frame does no harm',
    run: (kit) => {
      const whole = frame({ type: 'http', timestamp: now(), request_id: 'r', payload: {} });
      return survives(kit, [whole.subarray(0, 2), whole.subarray(0, 4), whole.subarray(0, 20)]);
    },
  },
  {
    id: 'v1/garbage',
    expects: 'a frame that is no message costs that connection, not the process',
    run: (kit) => {
      const invalidUtf8 = Buffer.concat([uint32(2), Buffer.from([0xff, 0xfe])]);
      return survives(kit, [frame('{"type":'), frame('[]'), frame('null'), frame('{}'), invalidUtf8]);
    },
  },
]);
