import { randomBytes } from 'node:crypto';
import { defineChecks } from '../check';
import { demand } from '../check-error';
import type { Kit } from '../kit';
import { WINDOW } from '../wire/host-v2';
import { requireFeature } from './require-feature';

const rule = 'protocol-v2.md#6-streams';
const PIECE_BYTES = 65_536;
/** Four windows: nobody gets that far without credit. */
const LARGE = 4 * WINDOW;

function demandNone(kit: Kit, ...checkIds: readonly string[]): void {
  for (const id of checkIds) {
    const fault = kit.observations.faultOf(id);
    demand(fault === undefined, fault ?? '');
  }
}

export const V2_STREAM_CHECKS = defineChecks({ rule, protocol: 2 }, [
  {
    id: 'v2/stream-request',
    expects: 'a request whose body comes on a stream is answered, also by who does not read it',
    run: async (kit) => {
      const host = await kit.v2();
      await requireFeature(host, 'stream');
      const stream = host.openStream();
      const answer = host.ask({ method: 'POST', path: '/conformance/there-is-no-such-path', stream: stream.id });
      stream.sendSome(randomBytes(1000));
      await (await answer).bytes();
      stream.breakOff('answered');
      await host.ask({});
    },
  },
  {
    id: 'v2/stream-bodies',
    expects: 'a body on a stream survives, both ways, in pieces of any size',
    needs: 'echo',
    run: async (kit) => {
      const host = await kit.v2();
      await requireFeature(host, 'stream');
      const bodies: readonly (readonly [number, number])[] = [
        [0, 1],
        [5, 1],
        [LARGE, PIECE_BYTES],
      ];
      for (const [size, piece] of bodies) {
        const body = randomBytes(size);
        const stream = host.openStream();
        const answer = host.ask({ method: 'POST', path: kit.route('echo'), stream: stream.id });
        answer.catch(() => undefined);
        await stream.sendAll(body, piece, kit.timeoutMs);
        const bytes = await (await answer).bytes();
        demand(bytes.equals(body), `${size} bytes came back as ${bytes.length} others`);
      }
    },
  },
  {
    id: 'v2/credit',
    expects: 'credit is given as a body is consumed',
    needs: 'echo',
    run: async (kit) => {
      const host = await kit.v2();
      await requireFeature(host, 'stream');
      const stream = host.openStream();
      const answer = host.ask({ method: 'POST', path: kit.route('echo'), stream: stream.id });
      answer.catch(() => undefined);
      await stream.sendAll(Buffer.alloc(LARGE), PIECE_BYTES, kit.timeoutMs);
      await (await answer).bytes();
      const needed = LARGE - WINDOW;
      demand(stream.credited >= needed, `${stream.credited} bytes of credit came where ${needed} were needed`);
    },
  },
  {
    id: 'v2/window',
    expects: 'no more bytes of a stream than the window and the credit so far; the rest when credit comes',
    needs: 'download',
    run: async (kit) => {
      const host = await kit.v2();
      await requireFeature(host, 'stream');
      const path = `${kit.route('download')}?bytes=${LARGE}`;
      const { stream } = await host.ask({ path, holdCredit: true });
      demand(stream !== undefined, `an answer of ${LARGE} bytes came without a stream`);
      await stream.untilReceived(WINDOW, kit.timeoutMs);
      // whoever has more to send than the window has done so by the time this is answered
      await host.ask({});
      await host.ping();
      demandNone(kit, 'v2/window');
      demand(!stream.isOver, `it ended after ${stream.received} bytes`);
      while (!stream.isOver) {
        const before = stream.received;
        stream.give(100_000);
        await stream.untilReceived(Math.min(before + 100_000, LARGE), kit.timeoutMs);
        if (stream.received >= LARGE) break;
      }
      const { length } = await stream.bytes(kit.timeoutMs);
      demand(length === LARGE, `${length} bytes came instead of ${LARGE}`);
      demandNone(kit, 'v2/window');
    },
  },
  {
    id: 'v2/slow-stream',
    expects: 'a stream without credit does not keep other requests and streams from going on',
    needs: 'download',
    run: async (kit) => {
      const host = await kit.v2();
      await requireFeature(host, 'stream');
      const path = `${kit.route('download')}?bytes=${LARGE}`;
      const held = await host.ask({ path, holdCredit: true });
      const free = await host.ask({ path });
      const { length } = await free.bytes();
      demand(length === LARGE, `${length} bytes came instead of ${LARGE}`);
      held.stream?.refuse('unwanted');
    },
  },
  {
    id: 'v2/stream-refused',
    expects: 'a stream that the host refuses stops, and the plugin goes on serving',
    needs: 'download',
    run: async (kit) => {
      const host = await kit.v2();
      await requireFeature(host, 'stream');
      const path = `${kit.route('download')}?bytes=${100 * LARGE}`;
      const { stream } = await host.ask({ path, holdCredit: true });
      demand(stream !== undefined, 'a long answer came without a stream');
      await stream.untilReceived(WINDOW, kit.timeoutMs);
      stream.refuse('unwanted');
      await host.ping();
      const before = stream.receivedLate;
      // it may cross the refusal, so it is dropped: who goes on sending has not stopped
      stream.give(100_000);
      await host.ask({});
      await host.ping();
      const more = stream.receivedLate - before;
      demand(more === 0, `${more} bytes of it still came`);
    },
  },
  {
    id: 'v2/late-data',
    expects: 'credit and errors for a stream that is over are dropped',
    run: async (kit) => {
      const host = await kit.v2();
      await requireFeature(host, 'stream');
      const stream = host.openStream();
      const answer = host.ask({ method: 'POST', path: '/', stream: stream.id });
      await stream.sendAll(Buffer.from('short'), PIECE_BYTES, kit.timeoutMs);
      const { stream: back } = await answer;
      await (await answer).bytes();
      stream.breakOff('late');
      back?.give(1);
      await host.ask({});
      await host.ping();
    },
  },
  {
    id: 'v2/stream-numbers',
    expects: 'streams of the plugin have even numbers that rise, and data only for streams that were named',
    run: async (kit) => {
      const host = await kit.v2();
      const path = kit.options.routes.download;
      for (let n = 0; n < 2; n++) {
        await (await host.ask({ path: path === undefined ? '/' : `${path}?bytes=200000` })).bytes();
      }
      await host.ping();
      demandNone(kit, 'v2/stream-numbers');
    },
  },
]);
