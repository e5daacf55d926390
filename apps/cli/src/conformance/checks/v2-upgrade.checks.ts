import { createHash, randomBytes } from 'node:crypto';
import { defineChecks } from '../check';
import { demand, fail } from '../check-error';
import type { Kit } from '../kit';
import type { HostV2 } from '../wire/host-v2';
import type { AnswerV2 } from '../wire/request-v2';
import type { StreamToPlugin } from '../wire/stream-to-plugin';
import { requireFeature } from './require-feature';

const rule = 'protocol-v2.md#10-upgrade';
/** RFC 6455, 1.3. */
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 'conformance';

async function upgrade(host: HostV2, path: string, key: string): Promise<{ answer: AnswerV2; stream: StreamToPlugin }> {
  const stream = host.openStream();
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
  };
  const answer = await host.ask({ type: 'upgrade', path, headers, stream: stream.id, holdCredit: false });
  return { answer, stream };
}

/** A frame of a client: short, masked (RFC 6455, 5.2). */
function clientFrame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = payload.map((byte, n) => byte ^ (mask[n % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), mask, masked]);
}

async function echoes(kit: Kit): Promise<void> {
  const host = await kit.v2();
  const key = randomBytes(16).toString('base64');
  const { answer, stream } = await upgrade(host, kit.route('websocket'), key);
  demand(answer.status === 101, `the upgrade was answered with ${answer.status}`);
  const wanted = createHash('sha1').update(`${key}${WEBSOCKET_GUID}`).digest('base64');
  demand(answer.headers.get('sec-websocket-accept') === wanted, 'Sec-WebSocket-Accept does not fit the key');
  const back = answer.stream ?? fail('the 101 answer names no stream');
  stream.sendSome(clientFrame(0x1, Buffer.from(TEXT)));
  // one unmasked text frame: two bytes of header, and the text
  await back.untilReceived(2 + TEXT.length, kit.timeoutMs);
  stream.sendSome(clientFrame(0x8, Buffer.from([0x03, 0xe8])));
  host.send({ type: 'data', payload: { stream: stream.id, end: true } });
  const bytes = await back.bytes(kit.timeoutMs);
  const frame = Buffer.concat([Buffer.from([0x81, TEXT.length]), Buffer.from(TEXT)]);
  demand(bytes.includes(frame), 'the text did not come back as one unmasked text frame');
  await host.ask({});
}

export const V2_UPGRADE_CHECKS = defineChecks({ rule, protocol: 2 }, [
  {
    id: 'v2/upgrade-answered',
    expects: 'an upgrade of a path that is no WebSocket gets an answer other than 101',
    run: async (kit) => {
      const host = await kit.v2();
      await requireFeature(host, 'upgrade');
      const path = '/conformance/there-is-no-such-path';
      const { answer, stream } = await upgrade(host, path, randomBytes(16).toString('base64'));
      demand(answer.status !== 101, 'it was answered with 101');
      stream.breakOff('answered');
      await host.ask({});
    },
  },
  {
    id: 'v2/websocket',
    expects: 'a WebSocket is accepted, carries messages both ways and closes',
    needs: 'websocket',
    run: echoes,
  },
]);
