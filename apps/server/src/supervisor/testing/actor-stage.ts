import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMetadata } from '@toru/protocol';
import { FakeClock } from '@toru/testing';
import { spawnProcess } from '../../common';
import { VersionStore, type ValidEntry } from '../../plugins';
import { PluginChannel, type ChannelObserver } from '../../protocol';
import type { ActorPorts } from '../actor-ports';
import type { CrashReport } from '../crash-report';
import { NO_FAILURES, type FailureRecord } from '../failure-record';
import { PluginActor } from '../plugin-actor';
import { PluginRun } from '../plugin-run';
import { PluginTarget } from '../plugin-target';
import { SocketArrivals } from '../socket-arrivals';
import type { Entry } from '../supervisor-journal';

/* Real processes; only time and the wire are the test's own. The wire is proved end to end elsewhere. */

export class Wire extends PluginChannel {
  closed = false;
  answers: boolean | undefined = true;
  /** How often it was greeted. */
  inits = 0;
  constructor(
    private readonly refusal: Error | undefined,
    private readonly answersInit: Promise<void>,
  ) {
    super();
  }
  override async init(): Promise<void> {
    this.inits += 1;
    await this.answersInit;
    if (this.refusal !== undefined) throw this.refusal;
  }
  override shutdown(): Promise<void> {
    return Promise.reject(new Error('a shell has no socket'));
  }
  override probe(): Promise<boolean | undefined> {
    return Promise.resolve(this.answers);
  }
  override http(): never {
    throw new Error('not here');
  }
  override kv(): never {
    throw new Error('not here');
  }
  override close(): void {
    this.closed = true;
  }
}

export const limits = {
  backoffBaseMs: 1_000,
  backoffMaxMs: 16_000,
  maxCrashes: 10,
  healthyAfterMs: 60_000,
  unhealthyAfterChecks: 3,
  restartAfterChecks: 6,
  backoffJitterPercent: 10,
  crashWindowMs: 3_600_000,
  crashWindowLimit: 15,
  quarantineAfterCrashes: 3,
  quarantineMs: 300_000,
  quarantineMaxMs: 21_600_000,
  updateDrainMs: 30_000,
};

/** A version of the plugin, as the catalogue finds it. */
export function versionOf(version: string): ValidEntry {
  const metadata = {
    ...{ id: 'acme', name: 'Acme', version, icon: 'A', route: '/acme' },
    protocol: 2,
    public_paths: [],
    license: 'none',
  } as const;
  return { kind: 'valid', id: 'acme', file: 'acme.binary', executable: '/nowhere', digest: version, metadata };
}

export class ActorStage {
  readonly dir = mkdtempSync(join(tmpdir(), 'toru-act-'));
  readonly clock = new FakeClock();
  readonly journal: Omit<Entry, 'plugin'>[] = [];
  readonly saved: boolean[] = [];
  readonly remembered: FailureRecord[] = [];
  readonly reports: CrashReport[] = [];
  readonly runs: PluginRun[] = [];
  readonly wires: Wire[] = [];
  /** What the channels of the processes tell the actor. */
  readonly observers: ChannelObserver[] = [];
  /** What the plugin's process does. */
  command = 'sleep 600';
  /** Whether the socket of the plugin is there. */
  listens = true;
  /** Longer than any process takes to end, where that is what a start is to fail for. */
  readyTimeoutMs = 100_000;
  readonly killDelayMs = 200;
  /** Resolves when all that its process printed was read. */
  drained: Promise<void> = Promise.resolve();
  /** What the plugin answers to `init`. */
  refusal: Error | undefined;
  /** When a plugin answers to `init`. */
  answersInit: Promise<void> = Promise.resolve();
  /** What all processes have printed. */
  said = '';
  private readonly servers: Server[] = [];

  private readonly arrivals = new SocketArrivals(this.dir);

  readonly versions = new VersionStore({ dataDir: this.dir, parseMetadata, problem: () => undefined });
  readonly target = new PluginTarget(versionOf('1.0.0'), this.versions, this.clock);

  readonly ports: { -readonly [K in keyof ActorPorts]: ActorPorts[K] } = {
    clock: this.clock,
    limits,
    random: () => 0.5,
    remembered: NO_FAILURES,
    remember: (record) => void this.remembered.push(record),
    crashed: (report) => void this.reports.push(report),
    persist: (enabled) => Promise.resolve(void this.saved.push(enabled)),
    lastTrouble: () => 'the last line',
    journal: (entry) => void this.journal.push(entry),
    target: this.target,
    spawn: (_entry, observer) => this.spawn(observer),
  };
  actor = new PluginActor('acme', this.ports);

  private async spawn(observer: ChannelObserver): Promise<PluginRun> {
    const socket = join(this.dir, `${this.runs.length}.sock`);
    if (this.listens) {
      const server = createServer();
      this.servers.push(server);
      await new Promise<void>((resolve) => server.listen(socket, resolve));
    }
    const wire = new Wire(this.refusal, this.answersInit);
    const process = await spawnProcess({ file: '/bin/sh', args: ['-c', this.command], cwd: this.dir });
    process.stdout.on('data', (chunk: Buffer) => {
      this.said += chunk.toString();
    });
    process.stderr.resume();
    const init = {
      plugin_id: 'acme',
      instance_id: 'i',
      plugin_socket: socket,
      log_path: 'l',
      data_dir: this.dir,
      settings: {},
      license_key: null,
    };
    const times = { readyTimeoutMs: this.readyTimeoutMs, shutdownGraceMs: 5_000, killDelayMs: this.killDelayMs };
    const run = new PluginRun(process, wire, init, times, this.drained, this.arrivals);
    this.runs.push(run);
    this.wires.push(wire);
    this.observers.push(observer);
    return run;
  }

  get state(): string {
    return this.actor.status.state;
  }

  get events(): (string | undefined)[] {
    return this.journal.map((entry) => entry.event).filter((event) => event !== undefined);
  }

  async until(state: string): Promise<void> {
    await this.become(() => this.state === state);
  }

  async become(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  /** Lets the process that runs now die, and waits until the actor knows. */
  async crash(after: string): Promise<void> {
    await this.runs.at(-1)?.kill('it crashed');
    await this.until(after);
  }

  async end(): Promise<void> {
    await this.actor.stop();
    await this.versions.flush();
    for (const server of this.servers) server.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
