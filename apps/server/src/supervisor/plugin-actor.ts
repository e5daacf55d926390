import type { PluginState } from '@toru/contracts';
import { AppError, type Cancel, errorMessage, type Exit } from '../common';
import { PluginRefusedError, type PluginChannel } from '../protocol';
import type { ActorPorts } from './actor-ports';
import { EXIT_CONFIG, exitReason } from './exit-reason';
import { HealthRecord } from './health-record';
import { hasProcess, next, type LifecycleEvent } from './lifecycle';
import { Mailbox } from './mailbox';
import type { PluginRun } from './plugin-run';
import { afterCrash } from './restart-policy';
import { Settling } from './settling';
import { startFailure } from './start-failure';
import type { Entry } from './supervisor-journal';

/** What the actor shows of itself. Times are in milliseconds since the epoch. */
export interface ActorStatus {
  readonly state: PluginState;
  readonly reason: string | null;
  readonly pid: number | null;
  readonly startedAt: number | null;
  readonly restarts: number;
  readonly consecutiveCrashes: number;
  readonly nextRetryAt: number | null;
}

/**
 * One plugin's life. Whatever happens to it is a task in its mailbox, done one at a time (LIF-5); what takes long
 * (getting ready, stopping, waiting after a crash) goes on beside it and comes back as a task. Only this class writes
 * the plugin's state, and only along the lifecycle table.
 */
export class PluginActor {
  private state: PluginState = 'disabled';
  private reason: string | null = null;
  /** Whether it is meant to run: the last accepted command wins. */
  private wanted = false;
  private run: PluginRun | undefined;
  private spawnedAt = 0;
  private startedAt: number | null = null;
  private restarts = 0;
  private crashes = 0;
  private health: HealthRecord;
  private retry: { readonly at: number; readonly cancel: Cancel } | undefined;
  private readonly settling = new Settling();
  private readonly mailbox = new Mailbox(() => {
    if (this.state !== 'starting' && this.state !== 'stopping') this.settling.tell();
  });

  constructor(
    readonly id: string,
    private readonly ports: ActorPorts,
  ) {
    this.health = new HealthRecord(ports.limits);
  }

  get status(): ActorStatus {
    return {
      state: this.state,
      reason: this.reason,
      pid: this.run?.pid ?? null,
      startedAt: this.startedAt,
      restarts: this.restarts,
      consecutiveCrashes: this.readyForMs() >= this.ports.limits.healthyAfterMs ? 0 : this.crashes,
      nextRetryAt: this.retry?.at ?? null,
    };
  }

  /** The way to the process that serves, while there is one. */
  get channel(): PluginChannel | undefined {
    return this.state === 'running' || this.state === 'unhealthy' ? this.run?.channel : undefined;
  }

  /** Starts it as it was recorded, without saving anything. Resolves when it is ready or has failed. */
  async startRecorded(): Promise<void> {
    await this.mailbox.run(() => {
      this.wanted = true;
      return this.startIfIdle();
    });
    await this.settled();
  }

  /**
   * Enables it and waits until it is ready (LIF-1). Idempotent. Rejects with `plugin_start_failed` when it does not
   * become ready; it stays enabled then, and is tried again as after any crash.
   */
  async enable(): Promise<'enabled' | 'already_enabled'> {
    const outcome = await this.mailbox.run(async () => {
      await this.ports.persist(true);
      const already = this.wanted && hasProcess(this.state);
      this.wanted = true;
      if (!already) this.ports.journal({ action: 'enable', message: 'it was enabled', event: 'enabled' });
      if (!hasProcess(this.state)) this.crashes = 0;
      await this.startIfIdle();
      return already ? 'already_enabled' : 'enabled';
    });
    await this.settled();
    if (this.channel !== undefined) return outcome;
    if (!this.wanted && this.state === 'disabled' && this.reason === null) {
      throw new AppError('conflict', 'The plugin was disabled again before it was ready.', { plugin: this.id });
    }
    throw startFailure(this.id, this.state, this.reason);
  }

  /** Disables it and waits until its process has ended (LIF-2). Idempotent. */
  async disable(): Promise<'disabled' | 'already_disabled'> {
    const outcome = await this.mailbox.run(async () => {
      await this.ports.persist(false);
      const already = !this.wanted && !hasProcess(this.state);
      if (!already) this.ports.journal({ action: 'disable', message: 'it was disabled', event: 'disabled' });
      this.reason = null;
      this.beginStop();
      return already ? 'already_disabled' : 'disabled';
    });
    await this.settled();
    return outcome;
  }

  /** Ends the process that runs and starts another one, of the plugin's file as it is now. Does nothing when none runs. */
  async restart(): Promise<void> {
    await this.mailbox.run(() => {
      if (hasProcess(this.state)) this.endRun();
    });
    await this.settled();
  }

  /** Stops its process and saves nothing: the host shuts down, or the file is gone. */
  async stop(): Promise<void> {
    await this.mailbox.run(() => {
      this.beginStop();
    });
    await this.settled();
  }

  /** Asks whether it lives and answers (SUP-1). */
  async checkHealth(): Promise<void> {
    const run = this.run;
    if (run === undefined || this.channel === undefined) return;
    const answers = await run.channel.probe();
    if (answers === undefined) return;
    await this.mailbox.run(() => {
      if (run !== this.run) return;
      this.health.probed(answers);
      this.judgeHealth();
      if (this.health.isHopeless) void run.kill('it did not answer its health checks');
    });
  }

  /** The plugin broke the protocol on one of its connections. */
  noteProtocolError(reason: string): void {
    this.ports.journal({ action: 'protocol_error', message: reason, level: 'warn' });
    this.health.protocolError();
    this.considerHealth();
  }

  /** The connection to its process has ended, and with it everything that the process is good for. */
  noteLost(reason: string): void {
    if (this.channel !== undefined) void this.run?.kill(reason);
  }

  noteAnswer(): void {
    this.health.answered();
    this.considerHealth();
  }

  private async startIfIdle(): Promise<void> {
    if (next(this.state, 'start') !== undefined) await this.start();
  }

  private async start(): Promise<void> {
    this.cancelRetry();
    this.apply('start');
    this.health = new HealthRecord(this.ports.limits);
    this.spawnedAt = this.ports.clock.now();
    let run: PluginRun;
    try {
      run = await this.ports.spawn();
    } catch (error) {
      await this.crashed(errorMessage(error), 0, {});
      return;
    }
    this.run = run;
    this.reason = null;
    this.ports.journal({ action: 'spawn', message: `spawned as process ${run.pid}`, fields: { pid: run.pid } });
    void run.ended.then((exit) => this.mailbox.run(() => this.onEnded(run, exit)));
    run.becomeReady().then(
      (isReady) =>
        this.mailbox.run(() => {
          if (isReady) this.onReady(run);
        }),
      (error: unknown) => this.mailbox.run(() => this.onNotReady(run, error)),
    );
  }

  private onReady(run: PluginRun): void {
    if (run !== this.run || !this.apply('ready')) return;
    run.readySince = this.ports.clock.monotonic();
    this.startedAt = this.ports.clock.now();
    const again = this.crashes > 0;
    this.ports.journal({
      action: 'ready',
      message: 'its socket answers, its routes are open',
      event: again ? 'restarted' : 'started',
      fields: { pid: run.pid },
    });
  }

  private onNotReady(run: PluginRun, error: unknown): void {
    if (run !== this.run || this.state !== 'starting') return;
    const why = errorMessage(error);
    run.refused = error instanceof PluginRefusedError && error.code !== 'internal';
    this.ports.journal({ action: 'not_ready', message: why, level: 'error', fields: { pid: run.pid } });
    void run.kill(why);
  }

  private async onEnded(run: PluginRun, exit: Exit): Promise<void> {
    if (run !== this.run) return;
    const readyForMs = this.readyForMs();
    this.run = undefined;
    this.startedAt = null;
    if (this.apply('stopped')) {
      this.ports.journal({ action: 'stopped', message: 'it has ended', event: 'stopped', fields: { pid: run.pid } });
      if (this.wanted) await this.start();
      return;
    }
    const why = run.endedBecause ?? exitReason(exit, this.ports.lastTrouble(this.spawnedAt));
    const fields = { pid: run.pid, exit_code: exit.code, signal: exit.signal };
    if (exit.code === EXIT_CONFIG || run.refused) {
      this.apply('refuse');
      this.reason = why;
      this.ports.journal({ action: 'failed', message: why, level: 'error', event: 'failed', fields });
      return;
    }
    await this.crashed(why, readyForMs, fields);
  }

  private async crashed(why: string, readyForMs: number, fields: NonNullable<Entry['fields']>): Promise<void> {
    const verdict = afterCrash({ crashesBefore: this.crashes, readyForMs }, this.ports.limits);
    this.crashes = verdict.crashes;
    this.reason = why;
    this.ports.journal({
      action: 'crash',
      message: why,
      level: 'error',
      event: 'crashed',
      fields: { ...fields, consecutive_crashes: verdict.crashes },
    });
    if (verdict.kind === 'give_up') await this.giveUp(why);
    else if (!this.wanted) this.apply('give_up');
    else this.waitToRestart(verdict.delayMs);
  }

  private waitToRestart(delayMs: number): void {
    this.apply('crash');
    const cancel = this.ports.clock.setTimeout(() => {
      void this.mailbox.run(() => {
        if (this.state !== 'backoff' || this.retry === undefined) return undefined;
        this.restarts += 1;
        this.ports.journal({ action: 'restart', message: 'it is started again', level: 'warn' });
        return this.start();
      });
    }, delayMs);
    this.retry = { at: this.ports.clock.now() + delayMs, cancel };
    this.ports.journal({
      action: 'restart',
      message: `it is started again in ${delayMs / 1000} s`,
      level: 'warn',
      fields: { delay_ms: delayMs },
    });
  }

  private async giveUp(why: string): Promise<void> {
    this.wanted = false;
    this.apply('give_up');
    this.reason = `Disabled after ${this.crashes} crashes in a row. The last one: ${why}`;
    this.ports.journal({
      action: 'give_up',
      message: this.reason,
      level: 'error',
      event: 'disabled',
      fields: { consecutive_crashes: this.crashes },
    });
    await this.ports.persist(false).catch((error: unknown) => {
      this.ports.journal({
        action: 'error',
        message: `that it is disabled could not be saved: ${errorMessage(error)}`,
        level: 'error',
      });
    });
  }

  private beginStop(): void {
    this.wanted = false;
    this.crashes = 0;
    this.cancelRetry();
    this.endRun();
  }

  private endRun(): void {
    const run = this.run;
    this.apply('stop');
    if (run === undefined) return;
    void run.stop((step) => {
      this.ports.journal({ action: step, message: `${step} was sent`, fields: { pid: run.pid } });
    });
  }

  /** Comes at every answer, so the mailbox is only asked where something would change. */
  private considerHealth(): void {
    const healthy = this.health.complaint === undefined;
    if (healthy ? this.state !== 'unhealthy' : this.state !== 'running') return;
    void this.mailbox.run(() => {
      this.judgeHealth();
    });
  }

  private judgeHealth(): void {
    const { complaint } = this.health;
    if (complaint !== undefined && this.apply('health_lost')) {
      this.reason = complaint;
      this.ports.journal({ action: 'unhealthy', message: complaint, level: 'warn', event: 'unhealthy' });
    } else if (complaint === undefined && this.apply('health_regained')) {
      this.reason = null;
      this.ports.journal({ action: 'recovered', message: 'it answers again', event: 'recovered' });
    }
  }

  private readyForMs(): number {
    return this.run?.readySince === undefined ? 0 : this.ports.clock.monotonic() - this.run.readySince;
  }

  private cancelRetry(): void {
    this.retry?.cancel();
    this.retry = undefined;
  }

  /** Moves along the table; false where the event means nothing in this state. */
  private apply(event: LifecycleEvent): boolean {
    const state = next(this.state, event);
    if (state === undefined) return false;
    this.state = state;
    return true;
  }

  private async settled(): Promise<void> {
    const settled = this.settling.wait();
    void this.mailbox.run(() => undefined);
    await settled;
  }
}
