import { MAX_FRAME_BYTES, TAIL_BIT } from '@toru/contracts';
import { defineChecks, type Check, type Level } from '../check';
import { fail } from '../check-error';
import { frame, uint32 } from '../wire/frames';
import type { HostV2 } from '../wire/host-v2';
import { within } from '../wire/within';

const FRAMES = 'protocol-v2.md#1-frames';
const ENVELOPE = 'protocol-v2.md#2-envelope';
const HTTP = 'protocol-v2.md#5-http';
const STREAMS = 'protocol-v2.md#6-streams';

const request = (payload: object, id = 'kit-refused'): object => ({
  type: 'http',
  request_id: id,
  payload: { method: 'GET', path: '/', base: '', headers: {}, user: null, remote: '', ...payload },
});

/** Name, what is wrong with it, the rule, and the bytes. */
type Case = readonly [string, string, string, (host: HostV2) => Buffer];

/** No frame: whoever reads on would take anything for one. */
const FRAME_CASES: readonly Case[] = [
  ['oversized', 'a frame over 16 MiB', FRAMES, () => Buffer.concat([uint32(MAX_FRAME_BYTES + 1), Buffer.from('{')])],
  ['empty-frame', 'a frame of length 0', FRAMES, () => uint32(0)],
  [
    'head-too-long',
    'a head that is longer than its frame',
    FRAMES,
    () => Buffer.concat([uint32(TAIL_BIT + 10), uint32(100), Buffer.from('{"a":1')]),
  ],
  ['not-json', 'a frame that is not JSON', FRAMES, () => frame('{"type":')],
  ['not-object', 'JSON that is no object', FRAMES, () => frame('[]')],
  ['invalid-utf8', 'bytes that are not UTF-8', FRAMES, () => Buffer.concat([uint32(2), Buffer.from([0xff, 0xfe])])],
];

/** A frame that no host sends: a plugin that takes it serves as well as others, and is worse off with a hostile host. */
const MESSAGE_CASES: readonly Case[] = [
  [
    'too-deep',
    'more than 64 levels of JSON',
    FRAMES,
    () => frame(`{"type":"x","payload":{"a":${'['.repeat(100)}${']'.repeat(100)}}}`),
  ],
  ['no-type', 'a message without a type', ENVELOPE, () => frame({ payload: {} })],
  ['no-request-id', 'a request without a request_id', ENVELOPE, () => frame({ ...request({}), request_id: undefined })],
  ['unknown-answer', 'an answer that nobody waits for', ENVELOPE, () => frame({ type: 'pong', request_id: 'never' })],
  [
    'second-init',
    'a second init',
    'protocol-v2.md#3-life',
    (host) => {
      host.sendInit({});
      return Buffer.alloc(0);
    },
  ],
  ['no-method', 'a request without a method', HTTP, () => frame(request({ method: null }))],
  ['two-bodies', 'a request with two bodies', HTTP, () => frame(request({ body: 'text' }), Buffer.from('tail'))],
  ['even-stream', 'a stream of the host with an even number', STREAMS, () => frame(request({ stream: 2 }))],
  [
    'unknown-stream',
    'data for a stream that was never named',
    STREAMS,
    () => frame({ type: 'data', payload: { stream: 9, end: true } }),
  ],
];

const refuses =
  (bytes: (host: HostV2) => Buffer): Check['run'] =>
  async (kit) => {
    await kit.withFreshSession(async ({ plugin, host }) => {
      host.write(bytes(host));
      await within(host.closed, kit.timeoutMs, 'the connection was not closed');
      const exit = await plugin.process.exitWithin(kit.timeoutMs);
      if (exit?.signal) fail(`it was ended by ${exit.signal}`);
    });
  };

const asCheck =
  (level: Level) =>
  ([name, what, rule, bytes]: Case) => ({
    id: `v2/refuse-${name}`,
    expects: `${what}: the connection is closed, by a process that is not killed by it`,
    ...{ rule, level, isAlone: true as const, run: refuses(bytes) },
  });

export const V2_REFUSE_CHECKS = defineChecks({ rule: FRAMES, protocol: 2 }, [
  ...FRAME_CASES.map(asCheck('must')),
  ...MESSAGE_CASES.map(asCheck('should')),
  {
    id: 'v2/refuse-duplicate-id',
    expects: 'a request_id that is open already: the connection is closed, by a process that is not killed by it',
    rule: ENVELOPE,
    level: 'should',
    needs: 'slow',
    isAlone: true,
    run: (kit) => {
      const slow = { path: `${kit.route('slow')}?ms=2000` };
      const twice = frame(request(slow, 'twice'));
      return refuses(() => Buffer.concat([twice, twice]))(kit);
    },
  },
]);
