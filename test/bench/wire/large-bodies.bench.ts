import { chmodSync, copyFileSync } from 'node:fs';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable, Writable } from 'node:stream';
import { startHost, type TestHost } from '../../support/host';
import type { Bench, Peer, Round } from '../harness/bench';
import { MemoryWatch } from '../harness/memory-watch';
import { executableOf } from './executable';
import type { Language } from './language';
import { languages } from './languages';

const GIBIBYTE = 1024 ** 3;
const MEBIBYTE = 1024 ** 2;
const CHUNK = Buffer.alloc(65_536, '.');
/** More than any buffer on the way, so that what is measured afterwards is growth alone. */
const WARM_UP_BYTES = 256 * MEBIBYTE;

function peerOf(language: Language): Peer {
  return {
    name: language.name,
    async start() {
      const file = await executableOf(language, 'plugin');
      const host = await startHost({ env: { TORU_MAX_UPLOAD_BYTES: String(2 * GIBIBYTE) } });
      const target = path.join(host.directories.plugins, 'bench.binary');
      copyFileSync(file, target);
      chmodSync(target, 0o755);
      await host.api('/api/plugins/rescan', { method: 'POST' });
      await host.enable('bench');
      const { pid } = await host.untilPlugin('bench', 'running');
      if (pid === null) throw new Error('The plugin runs without a pid');
      await upload(host, WARM_UP_BYTES);
      await download(host, WARM_UP_BYTES);
      return { round: () => measure(host, pid), stop: () => host.dispose() };
    },
  };
}

async function measure(host: TestHost, pid: number): Promise<Round> {
  const there = await watched(host.pid, pid, () => upload(host, GIBIBYTE));
  const back = await watched(host.pid, pid, () => download(host, GIBIBYTE));
  return {
    upload_host: there.host,
    upload_plugin: there.plugin,
    upload_speed: there.speed,
    download_host: back.host,
    download_plugin: back.plugin,
    download_speed: back.speed,
  };
}

async function watched(host: number, plugin: number, transfer: () => Promise<void>) {
  const watches = [new MemoryWatch(host), new MemoryWatch(plugin)] as const;
  const begin = performance.now();
  await transfer();
  const seconds = (performance.now() - begin) / 1000;
  const [hostGrowth, pluginGrowth] = watches.map((watch) => watch.stop() / MEBIBYTE) as [number, number];
  return { host: hostGrowth, plugin: pluginGrowth, speed: GIBIBYTE / MEBIBYTE / seconds };
}

async function upload(host: TestHost, bytes: number): Promise<void> {
  const outgoing = await ask(host, 'POST', '/upload', { 'content-length': String(bytes) });
  const answered = answerOf(outgoing);
  await pipeline(Readable.from(chunks(bytes), { objectMode: false }), outgoing);
  const parts: Buffer[] = [];
  for await (const part of await answered) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  if (text !== JSON.stringify({ bytes })) throw new Error(`POST /upload answered ${text}`);
}

async function download(host: TestHost, bytes: number): Promise<void> {
  const outgoing = await ask(host, 'GET', `/download?bytes=${bytes}`);
  const answered = answerOf(outgoing);
  outgoing.end();
  let received = 0;
  const count = new Writable({
    write(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      done();
    },
  });
  await pipeline(await answered, count);
  if (received !== bytes) throw new Error(`GET /download sent ${received} bytes`);
}

async function ask(
  host: TestHost,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<ClientRequest> {
  const cookie = await host.adminCookie();
  const all = { ...headers, cookie, 'x-requested-with': 'bench' };
  return request(`${host.url}/api/plugins/bench${path}`, { method, headers: all });
}

function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => outgoing.once('response', resolve).once('error', reject));
}

function* chunks(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= CHUNK.length) yield CHUNK.subarray(0, left);
}

const grows = (title: string) => ({ title, unit: 'MiB', better: 'less' }) as const;
const speed = (title: string) => ({ title, unit: 'MiB/s', better: 'more' }) as const;

export const bench: Bench = {
  name: 'wire/large-bodies',
  title: 'a body of 1 GiB through a real host, after a warm-up of 256 MiB each way',
  figures: {
    upload_host: grows('upload: resident memory of the host grows by'),
    upload_plugin: grows('upload: resident memory of the plugin grows by'),
    download_host: grows('download: resident memory of the host grows by'),
    download_plugin: grows('download: resident memory of the plugin grows by'),
    upload_speed: speed('upload'),
    download_speed: speed('download'),
  },
  peers: languages.filter(({ largeBodies }) => largeBodies === true).map(peerOf),
  targets: ['TypeScript', 'Python', 'Rust'].flatMap((peer) =>
    ['upload_host', 'upload_plugin', 'download_host', 'download_plugin'].map((figure) => ({
      ...{ peer, figure, of: 'value', atMost: 32 },
    })),
  ),
};
