import { lstatSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { ExchangeError } from '@toru/protocol';
import { errorMessage, ProcessTable, type Exit, type SpawnedProcess } from '../common';
import { PluginGreetingError, PluginRefusedError, type ChannelInit, type PluginChannel } from '../protocol';
import { endedByKernel } from './budgets';
import type { Refusal } from './refusal';
import type { SocketArrivals } from './socket-arrivals';

/** How long the supervisor waits, in milliseconds. */
export interface RunTimes {
  /** For the socket to accept. */
  readonly readyTimeoutMs: number;
  /** From the shutdown message to SIGTERM. */
  readonly shutdownGraceMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly killDelayMs: number;
}

/** The steps of a stop that others want to know of. */
export type StopStep = 'shutdown' | 'SIGTERM' | 'SIGKILL';

/** How long it goes on without another look where nobody tells of the socket, in milliseconds: twice as long each time. */
const FIRST_LOOK_MS = 10;
const SLOWEST_LOOK_MS = 100;
/** The same where somebody tells: only for what nobody foresaw. */
const TOLD_LOOK_MS = 250;
/** The same for a socket that has just been made: it accepts in a moment. */
const JUST_MADE_MS = 1;
const LAST_WORDS_MS = 200;
const PROCESSES = new ProcessTable();
/** Fewer characters may well be a part of a common word. */
const MIN_KEY_CHARACTERS = 8;

/** One process of a plugin, from its spawn to its end. */
export class PluginRun {
  /** Resolves once, when the process has ended and nothing is left of its group or of what it has started. */
  readonly ended: Promise<Exit>;
  /** Why starting it again is of no use, as it said itself. */
  refusal: Refusal | undefined;
  /** Why it did not become ready, where what it answered to `init` tells it: better than how it ended. */
  failedBecause: string | undefined;

  /** Why it did not become ready, where the host is the reason. */
  hostTrouble: string | undefined;

  private exit: Exit | undefined;
  private stopping: Promise<Exit> | undefined;

  constructor(
    private readonly process: SpawnedProcess,
    readonly channel: PluginChannel,
    private readonly init: ChannelInit,
    private readonly times: RunTimes,
    /** Resolves when all that it printed was read. */
    drained: Promise<void>,
    private readonly arrivals: SocketArrivals,
  ) {
    this.ended = process.exited.then(async (exit) => {
      this.exit = exit;
      // at once, not at the next health check: whoever waits for an answer learns it now (SUP-2)
      this.channel.close();
      process.signalGroup('SIGKILL');
      await rm(init.plugin_socket, { force: true }).catch(() => undefined);
      // a descendant in a session of its own goes too (faults 11), and with it the last that holds the output
      await process.endLeftovers?.();
      // its last words are the best reason there is
      await Promise.race([drained, delay(LAST_WORDS_MS).then(() => nextTurn())]);
      return exit;
    });
  }

  /** Why the host ended it, where it did so without being asked to stop it. */
  get endedBecause(): string | undefined {
    return this.process.endedBecause;
  }

  /** Why the kernel ended it, where that was for its own bound; known when it has ended. */
  get overBudget(): string | undefined {
    return endedByKernel(this.process.memoryEvents);
  }

  /** How many of its processes the kernel has ended for lack of memory; undefined where it does not tell of this one. */
  get oomKills(): number | undefined {
    return this.process.memoryEvents?.killed;
  }

  /** Without the licence key that it was handed. */
  conceal(text: string): string {
    const { license_key: key } = this.init;
    return key === null || key.length < MIN_KEY_CHARACTERS ? text : text.replaceAll(key, '[redacted]');
  }

  get pid(): number {
    return this.process.pid;
  }

  /**
   * Resolves with true when the plugin's socket accepts, `init` is delivered on it (PRO-2), and version 2 has said `ready`;
   * with false once the process has ended or is being stopped. Rejects with `PluginRefusedError`, `PluginGreetingError`, or
   * an error that says what is wrong.
   */
  async becomeReady(): Promise<boolean> {
    const deadline = performance.now() + this.times.readyTimeoutMs;
    const arrival = this.arrivals.expect(this.init.plugin_socket);
    let missing = 'it made no socket';
    let cause: unknown;
    try {
      for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 2, SLOWEST_LOOK_MS)) {
        if (this.exit !== undefined || this.stopping !== undefined) return false;
        const stands = this.look() === 'socket';
        if (stands) {
          try {
            await this.channel.init(this.init);
            return true;
          } catch (error) {
            if (error instanceof PluginRefusedError || error instanceof PluginGreetingError) throw error;
            const accepts = !(error instanceof ExchangeError) || error.kind !== 'connect_failed';
            missing = `its socket ${accepts ? 'accepts, but init was in vain' : 'does not accept'} (${errorMessage(error)})`;
            cause = error;
          }
        }
        const left = deadline - performance.now();
        if (left <= 0) break;
        const pause = !stands && arrival.isTold ? TOLD_LOOK_MS : wait;
        if (await arrival.within(Math.min(pause, left))) wait = JUST_MADE_MS;
      }
    } finally {
      arrival.end();
    }
    throw new Error(`${missing} at TORU_PLUGIN_SOCKET within ${this.times.readyTimeoutMs} ms`, { cause });
  }

  /** Asks, waits, asks the group, waits, ends the group (PRO-5). Idempotent: all callers wait for the one stop. */
  stop(onStep: (step: StopStep) => void): Promise<Exit> {
    this.stopping ??= this.stopInSteps(onStep);
    return this.stopping;
  }

  /**
   * Ends the whole group at once. One that has ended already, which the host may not have heard of yet, did so for another
   * reason.
   */
  kill(because: string): Promise<Exit> {
    const state = PROCESSES.stat(this.pid)?.state ?? 'X';
    if (!['Z', 'X'].includes(state)) this.process.endedBecause ??= because;
    this.process.signalGroup('SIGKILL');
    return this.ended;
  }

  private async stopInSteps(onStep: (step: StopStep) => void): Promise<Exit> {
    if (this.exit === undefined) {
      onStep('shutdown');
      // a plugin that cannot be asked is not given the time to answer
      const asked = this.channel.shutdown().then(
        () => this.endsWithin(this.times.shutdownGraceMs),
        () => false,
      );
      if (!(await Promise.race([asked, this.endsWithin(this.times.shutdownGraceMs)]))) {
        onStep('SIGTERM');
        this.process.signalGroup('SIGTERM');
        if (!(await this.endsWithin(this.times.killDelayMs))) {
          onStep('SIGKILL');
          this.process.signalGroup('SIGKILL');
        }
      }
    }
    return this.ended;
  }

  /** Whether its process does, with which its group ends: what else there is to clear away takes as long as it takes. */
  private async endsWithin(ms: number): Promise<boolean> {
    const timer = new AbortController();
    // a host that was kept from running hears of the end only now
    const late = delay(ms, undefined, { signal: timer.signal }).then(
      () => nextTurn(false),
      () => false,
    );
    const ended = await Promise.race([this.process.exited.then(() => true), late]);
    timer.abort();
    return ended;
  }

  /** What stands at the socket's path. Anything but a socket of its own is refused, a link to one too (faults 6). */
  private look(): 'socket' | 'nothing' {
    const stat = lstatSync(this.init.plugin_socket, { throwIfNoEntry: false });
    if (stat === undefined) return 'nothing';
    if (stat.isSocket()) return 'socket';
    throw new Error('what it made at TORU_PLUGIN_SOCKET is no socket');
  }
}
