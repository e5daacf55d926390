import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface, type Interface } from 'node:readline';
import type { Bench, Peer } from '../harness/bench';
import { directWebSockets, nginxWebSockets, orStop, type Front } from './front';
import { hostAlone } from './host-front';
import { installed } from './installed';
import { LOAD_FIGURES } from './load';
import { processorTimeUs } from './processor-time';
import { killed, programFile } from './program';

const SOCKETS = 1000;

function echo(peer: Omit<Peer, 'start'>, start: () => Promise<Front>): Peer {
  return {
    ...peer,
    async start() {
      const front = await start();
      const client = await orStop(front, () => EchoClient.start(front));
      return {
        async round(seconds) {
          const pids = [client.pid, front.pid, ...(front.behind === undefined ? [] : [front.behind])];
          const before = pids.map(processorTimeUs);
          const throughput = await client.round(seconds);
          const messages = throughput * seconds;
          const [clientCpu = 0, frontCpu = 0, behindCpu] = pids.map(
            (pid, n) => (processorTimeUs(pid) - before[n]!) / messages,
          );
          return {
            throughput,
            client_cpu: clientCpu,
            front_cpu: frontCpu,
            ...(behindCpu !== undefined && { behind_cpu: behindCpu }),
          };
        },
        async stop() {
          await client.stop();
          await front.stop();
        },
      };
    },
  };
}

/** `programs/websocket-client` with all its sockets open, on the last processor, as wrk is. */
class EchoClient {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: Interface,
  ) {}

  static async start({ url, headers }: Front): Promise<EchoClient> {
    const options = JSON.stringify({ url: url('/echo'), sockets: SOCKETS, cookie: headers.cookie });
    const file = await programFile('websocket-client');
    const pinned = ['-c', String(availableParallelism() - 1), process.execPath, file, options];
    const child = spawn(installed('taskset', 'util-linux'), pinned, { stdio: ['pipe', 'pipe', 'inherit'] });
    process.once('exit', () => child.kill('SIGKILL'));
    const client = new EchoClient(child, createInterface({ input: child.stdout }));
    await client.line();
    return client;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Messages a second, there and back. */
  round(seconds: number): Promise<number> {
    this.child.stdin?.write(`${seconds}\n`);
    return this.line();
  }

  stop(): Promise<void> {
    return killed(this.child);
  }

  private async line(): Promise<number> {
    const [line] = (await Promise.race([once(this.lines, 'line'), once(this.child, 'exit')])) as [unknown];
    if (typeof line !== 'string') throw new Error('The client of the WebSockets has ended');
    return Number(line);
  }
}

const { throughput, front_cpu, behind_cpu } = LOAD_FIGURES;

export const bench: Bench = {
  name: 'gateway/websockets',
  title: `echo of 64 bytes on ${SOCKETS} WebSockets, one message on its way on each`,
  figures: {
    throughput: { ...throughput, title: 'messages, there and back' },
    front_cpu: { ...front_cpu, title: 'processor time of host, proxy or bare server for each message' },
    behind_cpu: { ...behind_cpu, title: 'processor time of plugin or server behind it for each message' },
    client_cpu: { title: 'processor time of the client for each message', unit: 'µs', better: 'less' },
  },
  peers: [
    echo({ name: 'ws, no proxy' }, directWebSockets),
    echo({ name: 'nginx', against: 'ws, no proxy' }, nginxWebSockets),
    echo({ name: 'host', against: ['ws, no proxy', 'nginx'] }, hostAlone),
  ],
  targets: [{ peer: 'host', figure: 'throughput', of: 'ratio', against: 'ws, no proxy', atLeast: 0.5 }],
};
