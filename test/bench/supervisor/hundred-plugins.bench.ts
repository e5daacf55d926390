import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeTinyPlugin } from '../../fixtures/tiny-plugin';
import { startHost, type TestHost } from '../../support/host';
import { spawnerOf } from '../../support/own-processes';
import type { Bench, Peer, Round, RunningPeer } from '../harness/bench';

const PLUGINS = 100;
const POLL_MS = 2;
/** The lines have times of their own: to read them more often would only take the processor away from those who start. */
const JOURNAL_POLL_MS = 20;
const DEADLINE_MS = 120_000;
/** `USER_HZ`: in what `/proc` counts processor time. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

async function until(what: string, condition: () => boolean | Promise<boolean>, everyMs = POLL_MS): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await delay(everyMs);
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

/** The same processes, all spawned at once with pipes by a loop that does nothing else, until each socket accepts. */
const bareLoop: Peer = {
  name: 'bare loop',
  start() {
    const directory = mkdtempSync('/tmp/toru-bench-');
    const files = Array.from({ length: PLUGINS }, (_, n) => writeTinyPlugin(directory, { id: `tiny-${n}` }));
    return Promise.resolve<RunningPeer>({
      async round(): Promise<Round> {
        const sockets = files.map((_, n) => path.join(directory, `${n}.sock`));
        const usage = process.cpuUsage();
        const begun = performance.now();
        const children: ChildProcess[] = files.map((file, n) =>
          spawn(file, {
            ...{ detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
            env: { ...process.env, TORU_PLUGIN_SOCKET: sockets[n] },
          }),
        );
        const ready = (socket: string): Promise<void> =>
          until('a socket', async () => existsSync(socket) && (await accepts(socket)));
        await Promise.all(sockets.map(ready));
        const start = performance.now() - begun;
        const { user, system } = process.cpuUsage(usage);
        const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
        for (const child of children) child.kill('SIGKILL');
        await Promise.all(ended);
        for (const socket of sockets) rmSync(socket);
        return { start, cpu: (user + system) / 1000 };
      },
      stop() {
        rmSync(directory, { recursive: true, force: true });
        return Promise.resolve();
      },
    });
  },
};

const supervised: Peer = {
  name: 'host',
  against: 'bare loop',
  async start() {
    const host = await startHost({ env: { TORU_SHUTDOWN_GRACE_MS: '2000', TORU_BACKOFF_BASE_MS: '16000' } });
    await host.stop();
    await host.start();
    const alone = await settledMemory(host);
    await host.stop();
    const { plugins } = host.directories;
    const ids = Array.from({ length: PLUGINS }, (_, n) => `tiny-${n}`);
    for (const id of ids) writeTinyPlugin(plugins, { id });
    mkdirSync(path.join(plugins, '.metadata'), { recursive: true });
    const enabled = Object.fromEntries(ids.map((id) => [id, true]));
    writeFileSync(path.join(plugins, '.metadata/config.json'), JSON.stringify({ plugins: enabled }));
    // the first start reads the metadata of every file, which later ones find in their cache
    await startAll(host);
    await host.stop();
    return {
      async round(seconds): Promise<Round> {
        const { start, cpu } = await startAll(host);
        const memory = (await settledMemory(host)) - alone;
        const idle = await idleCpu(host, Math.max(seconds, 5));
        const { crashed, refused } = await killOne(host, ids[0]!);
        await host.stop();
        return { start, cpu, memory: memory / PLUGINS / 1024, idle, crashed, refused };
      },
      stop: () => host.dispose(),
    };
  },
};

/** From the first spawn to the last plugin that is ready, as the supervisor's log tells, and what the host used for it. */
async function startAll(host: TestHost): Promise<{ start: number; cpu: number }> {
  const file = journalOf(host);
  let read = existsSync(file) ? statSync(file).size : 0;
  const used = { before: 0, now: 0 };
  let first: number | undefined;
  let ready = 0;
  let last = 0;
  await host.start();
  used.before = cpuMs(host);
  const allReady = async (): Promise<boolean> => {
    const { text, bytes } = await wholeLinesFrom(file, read);
    read += bytes;
    for (const line of text.split('\n').slice(0, -1)) {
      const { action, timestamp } = JSON.parse(line) as { action: string; timestamp: string };
      if (action === 'spawn') first ??= Date.parse(timestamp);
      if (action !== 'ready') continue;
      ready += 1;
      last = Date.parse(timestamp);
    }
    used.now = cpuMs(host);
    return ready >= PLUGINS;
  };
  await until('all plugins to be ready', allReady, JOURNAL_POLL_MS);
  return { start: last - (first ?? NaN), cpu: used.now - used.before };
}

/** What was appended since, up to the last end of a line. */
async function wholeLinesFrom(file: string, from: number): Promise<{ text: string; bytes: number }> {
  if (!existsSync(file)) return { text: '', bytes: 0 };
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(0, size - from)), 0, undefined, from);
    const bytes = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
    return { text: buffer.toString('utf8', 0, bytes), bytes };
  } finally {
    await handle.close();
  }
}

function journalOf({ directories }: TestHost): string {
  return path.join(directories.log, 'plugin-supervisor.log');
}

function journal(host: TestHost): { action: string; timestamp: string; plugin: string }[] {
  const file = journalOf(host);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as { action: string; timestamp: string; plugin: string });
}

/** Resident bytes, once the start is over. */
async function settledMemory(host: TestHost): Promise<number> {
  await delay(2_000);
  const pages = (pid: number): number => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return sum(ownProcessesOf(host).map(pages)) * PAGE_BYTES;
}

/** The processor time that the host and its spawner have used so far, in milliseconds. */
function cpuMs(host: TestHost): number {
  const ticks = (pid: number): number => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  return (sum(ownProcessesOf(host).map(ticks)) * 1000) / TICKS_PER_SECOND;
}

function ownProcessesOf({ pid }: TestHost): readonly number[] {
  const spawner = spawnerOf(pid);
  return spawner === undefined ? [pid] : [pid, spawner];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Of one core, in per cent. */
async function idleCpu(host: TestHost, seconds: number): Promise<number> {
  const before = cpuMs(host);
  await delay(seconds * 1000);
  return (cpuMs(host) - before) / 10 / seconds;
}

/** Milliseconds from SIGKILL to the line that tells of the crash, and to the first request that gets 503. */
async function killOne(host: TestHost, id: string): Promise<{ crashed: number; refused: number }> {
  const { pid } = await host.plugin(id);
  const before = journal(host).length;
  const at = Date.now();
  const begun = performance.now();
  process.kill(pid!, 'SIGKILL');
  await until('503', async () => (await host.api(`/plugins/${id}/`)).status === 503);
  const refused = performance.now() - begun;
  const crash = (): { timestamp: string } | undefined =>
    journal(host)
      .slice(before)
      .find((line) => line.plugin === id && line.action === 'crash');
  await until('the crash to be written down', () => crash() !== undefined);
  return { crashed: Math.max(0, Date.parse(crash()!.timestamp) - at), refused };
}

export const bench: Bench = {
  name: 'supervisor/hundred-plugins',
  title: `${PLUGINS} small plugins, as processes of their own`,
  figures: {
    start: { title: 'from the first spawn until all are ready', unit: 'ms', better: 'less' },
    cpu: { title: 'processor time that the starting side itself uses for that', unit: 'ms', better: 'less' },
    memory: { title: 'memory of the host for each plugin', unit: 'KiB', better: 'less' },
    idle: { title: 'the host while all are idle, of one core', unit: '%', better: 'less' },
    crashed: { title: 'from SIGKILL of a plugin to the crash in the log', unit: 'ms', better: 'less' },
    refused: { title: 'from SIGKILL of a plugin to the first 503', unit: 'ms', better: 'less' },
  },
  peers: [bareLoop, supervised],
  targets: [
    { peer: 'host', figure: 'start', of: 'ratio', atMost: 1.3 },
    { peer: 'host', figure: 'idle', of: 'value', atMost: 2 },
  ],
};
