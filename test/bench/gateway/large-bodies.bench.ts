import type { Bench, Peer, Round } from '../harness/bench';
import { MemoryWatch, residentBytes } from '../harness/memory-watch';
import { bareServer, nginxProxy, orStop, type Front } from './front';
import { hostAlone } from './host-front';
import { processorTimeUs } from './processor-time';
import { download, upload } from './transfer';

const MEBIBYTE = 1024 ** 2;
const BYTES = 1024 ** 3;
/** Little enough that whoever keeps whole bodies is found out by the first round, but the code has run once. */
const FIRST_BYTES = 8 * MEBIBYTE;

function transfers(peer: Omit<Peer, 'start'>, start: () => Promise<Front>): Peer {
  return {
    ...peer,
    async start() {
      const front = await start();
      await orStop(front, async () => {
        await download(front, FIRST_BYTES);
        await upload(front, FIRST_BYTES);
      });
      const { pid } = front;
      // a host shrinks once its start is over; what grew with the first body and stays must count all the same
      let least = residentBytes(pid);
      const round = (name: string, transfer: () => Promise<void>): Promise<Round> => {
        least = Math.min(least, residentBytes(pid));
        return measured(name, pid, least, transfer);
      };
      return {
        round: async () => ({
          ...(await round('download', () => download(front, BYTES))),
          ...(await round('upload', () => upload(front, BYTES))),
        }),
        stop: () => front.stop(),
      };
    },
  };
}

async function measured(name: string, pid: number, least: number, transfer: () => Promise<void>): Promise<Round> {
  const memory = new MemoryWatch(pid, least);
  const used = processorTimeUs(pid);
  const begin = performance.now();
  await transfer();
  const seconds = (performance.now() - begin) / 1000;
  return {
    [name]: BYTES / MEBIBYTE / seconds,
    [`${name}_seconds`]: seconds,
    [`${name}_cpu`]: (processorTimeUs(pid) - used) / 1e6,
    [`${name}_memory`]: memory.stop() / MEBIBYTE,
  };
}

const figuresOf = (name: string) =>
  ({
    [name]: { title: name, unit: 'MiB/s', better: 'more' },
    [`${name}_seconds`]: { title: `${name}: duration`, unit: 's', better: 'less' },
    [`${name}_cpu`]: { title: `${name}: processor time of host or proxy`, unit: 's', better: 'less' },
    [`${name}_memory`]: {
      title: `${name}: resident memory of host or proxy, at its most, above its least before`,
      unit: 'MiB',
      better: 'less',
    },
  }) as const;

export const bench: Bench = {
  name: 'gateway/large-bodies',
  title: 'a body of 1 GiB each way',
  figures: { ...figuresOf('download'), ...figuresOf('upload') },
  peers: [
    transfers({ name: 'nginx' }, nginxProxy),
    transfers({ name: 'node:http, no proxy' }, bareServer),
    transfers({ name: 'host', against: ['nginx', 'node:http, no proxy'] }, hostAlone),
  ],
  targets: ['download', 'upload'].flatMap((name) => [
    { peer: 'host', figure: name, of: 'ratio', against: 'nginx', atLeast: 0.5 },
    { peer: 'host', figure: `${name}_memory`, of: 'value', atMost: 32 },
  ]),
};
