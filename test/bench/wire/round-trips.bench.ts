import type { Bench, Peer, Round } from '../harness/bench';
import { buildDirectory, executableOf, SocketProcess } from './executable';
import { FrameDriver } from './frame-driver';
import { connectAsHost, preparedHost, requestFrames, roundTrips } from './host-driver';
import type { Language } from './language';
import { languages } from './languages';
import { buildTypescript } from './languages/typescript';

const MANY = 64;
/** Frames of the size of the plugins' requests, without the bit that says what is in them. */
const ECHO_FRAMES = requestFrames(MANY).map((frame) => {
  const plain = Buffer.from(frame);
  plain.writeUInt32BE(frame.length - 4, 0);
  return plain;
});

function echoPeer(name: string, build: () => Promise<string>): Peer {
  return {
    name,
    async start() {
      const process = await SocketProcess.start(await build());
      const driver = new FrameDriver(await process.connect());
      return {
        async round(seconds): Promise<Round> {
          const many = await driver.perSecond(ECHO_FRAMES, seconds);
          const one = await driver.perSecond(ECHO_FRAMES.slice(0, 1), seconds);
          return { in_flight_64: many, in_flight_1: one, plugin_64: many };
        },
        stop: () => process.stop(),
      };
    },
  };
}

function pluginPeer(name: string, against: string, build: () => Promise<string>): Peer {
  return {
    name,
    against,
    async start() {
      const file = await build();
      const process = await SocketProcess.start(file);
      const host = await connectAsHost(await process.connect());
      // A plugin serves one host for its life, so the second driver has a process of its own.
      const alone = await SocketProcess.start(file);
      const prepared = await preparedHost(await alone.connect());
      return {
        round: async (seconds): Promise<Round> => ({
          in_flight_64: await roundTrips(host, MANY, seconds),
          in_flight_1: await roundTrips(host, 1, seconds),
          plugin_64: await prepared(MANY, seconds),
        }),
        stop: async () => {
          await host.close();
          await process.stop();
          await alone.stop();
        },
      };
    },
  };
}

function peersOf(language: Language): Peer[] {
  const echo = `${language.name} echo`;
  return [
    echoPeer(echo, () => executableOf(language, 'echo')),
    pluginPeer(`${language.name} SDK`, echo, () => executableOf(language, 'plugin')),
  ];
}

const ours = (name: string) => () => buildTypescript(name, buildDirectory('extra'));

export const bench: Bench = {
  name: 'wire/round-trips',
  title: 'POST of 1 KiB, answered with the same 1 KiB, between two processes over one Unix socket',
  figures: {
    in_flight_64: { title: 'host and plugin, 64 in flight', unit: '/s', better: 'more' },
    in_flight_1: { title: 'host and plugin, 1 in flight', unit: '/s', better: 'more' },
    plugin_64: { title: 'the plugin alone (prepared frames), 64 in flight', unit: '/s', better: 'more' },
  },
  peers: [
    ...languages.flatMap(peersOf),
    pluginPeer('TypeScript connection without SDK', 'TypeScript echo', ours('connection-only')),
    echoPeer('TypeScript echo, coalesced', ours('echo-coalesced')),
  ],
  targets: [
    { peer: 'TypeScript SDK', figure: 'in_flight_64', of: 'ratio', atLeast: 0.5 },
    { peer: 'Rust SDK', figure: 'in_flight_64', of: 'ratio', atLeast: 0.5 },
  ],
};
