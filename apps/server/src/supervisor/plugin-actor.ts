import type { PluginState } from '@toru/contracts';
import { AppError, errorMessage, type Exit } from '../common';
import type { RuntimeStatus } from '../plugins';
import { PluginRefusedError, type PluginChannel } from '../protocol';
import type { ActorPorts } from './actor-ports';
import { EXIT_CONFIG, exitReason } from './exit-reason';
import { Failures } from './failures';
import { spawnGeneration, type Generation, type GenerationHandlers } from './generation';
import { hasProcess, next, type LifecycleEvent } from './lifecycle';
import { Mailbox } from './mailbox';
import { exitFields, PluginJournal } from './plugin-journal';
import { RetryTimer } from './retry-timer';
import { Settling } from './settling';
import { startFailure } from './start-failure';

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
  /** The process that serves, or is on its way to it. */
  private serving: Generation | undefined;
  private restarts = 0;
  private readonly failures: Failures;
  private readonly journal: PluginJournal;
  private readonly retry: RetryTimer;
  private readonly settling = new Settling();
  private readonly mailbox = new Mailbox(() => {
    if (this.state !== 'starting' && this.state !== 'stopping') this.settling.tell();
  });

  constructor(
    readonly id: string,
    private readonly ports: ActorPorts,
  ) {
    this.failures = new Failures(ports.limits);
    this.journal = new PluginJournal((entry) => {
      ports.journal(entry);
    });
    this.retry = new RetryTimer(ports.clock, () => void this.mailbox.run(() => this.retryNow()));
  }

  get status(): RuntimeStatus {
    return {
      state: this.state,
      reason: this.reason,
      pid: this.serving?.run.pid ?? null,
      startedAt: this.serving?.startedAt ?? null,
      restarts: this.restarts,
      consecutiveCrashes: this.failures.consecutive(this.serving?.readyForMs ?? 0),
      nextRetryAt: this.retry.at,
    };
  }

  /** The way to the process that serves, while there is one. */
  get channel(): PluginChannel | undefined {
    return this.state === 'running' || this.state === 'unhealthy' ? this.serving?.run.channel : undefined;
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
      if (!already) this.journal.enabled();
      if (!hasProcess(this.state)) this.failures.forget();
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
      if (!already) this.journal.disabled();
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
    const generation = this.serving;
    if (generation === undefined || this.channel === undefined) return;
    const answers = await generation.run.channel.probe();
    if (answers === undefined) return;
    await this.mailbox.run(() => {
      generation.health.probed(answers);
      this.judgeHealth(generation);
      if (generation.health.isHopeless) void generation.run.kill('it did not answer its health checks');
    });
  }

  private async startIfIdle(): Promise<void> {
    if (next(this.state, 'start') !== undefined) await this.start();
  }

  private async retryNow(): Promise<void> {
    if (this.state !== 'backoff' || this.retry.at === null) return;
    this.restarts += 1;
    this.journal.restarting();
    await this.start();
  }

  private async start(): Promise<void> {
    this.retry.cancel();
    this.apply('start');
    let generation: Generation;
    try {
      generation = await spawnGeneration(this.ports, this.handlers);
    } catch (error) {
      await this.crashed(errorMessage(error), 0, {});
      return;
    }
    this.serving = generation;
    this.reason = null;
    this.journal.spawned(generation.run.pid);
  }

  /** Every generation's, whichever: what each of them means is decided in the mailbox, when its turn has come. */
  private readonly handlers: GenerationHandlers = {
    started: (generation, error) =>
      void this.mailbox.run(() => {
        if (error === undefined) this.onReady(generation);
        else this.onNotReady(generation, error);
      }),
    ended: (generation, exit) => void this.mailbox.run(() => this.onEnded(generation, exit)),
    lost: (generation, reason) => {
      if (generation === this.serving && this.channel !== undefined) void generation.run.kill(reason);
    },
    protocolError: (generation, reason) => {
      this.journal.protocolError(reason);
      generation.health.protocolError();
      this.considerHealth(generation);
    },
    answered: (generation) => {
      generation.health.answered();
      this.considerHealth(generation);
    },
  };

  private onReady(generation: Generation): void {
    if (generation !== this.serving || !this.apply('ready')) return;
    generation.becameReady();
    this.journal.ready(generation.run.pid, this.failures.consecutive(0) > 0);
  }

  private onNotReady(generation: Generation, error: unknown): void {
    if (generation !== this.serving || this.state !== 'starting') return;
    const { run } = generation;
    const why = errorMessage(error);
    run.refused = error instanceof PluginRefusedError && error.code !== 'internal';
    this.journal.notReady(run.pid, why);
    void run.kill(why);
  }

  private async onEnded(generation: Generation, exit: Exit): Promise<void> {
    if (generation !== this.serving) return;
    const { run, readyForMs, spawnedAt } = generation;
    this.serving = undefined;
    if (this.apply('stopped')) {
      this.journal.stopped(run.pid);
      if (this.wanted) await this.start();
      return;
    }
    const why = run.endedBecause ?? exitReason(exit, this.ports.lastTrouble(spawnedAt));
    const fields = exitFields(run.pid, exit);
    if (exit.code === EXIT_CONFIG || run.refused) {
      this.apply('refuse');
      this.reason = why;
      this.journal.refused(why, fields);
      return;
    }
    await this.crashed(why, readyForMs, fields);
  }

  private async crashed(
    why: string,
    readyForMs: number,
    fields: Parameters<PluginJournal['crashed']>[1],
  ): Promise<void> {
    const verdict = this.failures.crashed(readyForMs);
    this.reason = why;
    this.journal.crashed(why, fields, verdict.crashes);
    if (verdict.kind === 'give_up') await this.giveUp(why, verdict.crashes);
    else if (!this.wanted) this.apply('give_up');
    else {
      this.apply('crash');
      this.retry.wait(verdict.delayMs);
      this.journal.willRestart(verdict.delayMs);
    }
  }

  private async giveUp(why: string, crashes: number): Promise<void> {
    this.wanted = false;
    this.apply('give_up');
    this.reason = `Disabled after ${crashes} crashes in a row. The last one: ${why}`;
    this.journal.gaveUp(this.reason, crashes);
    await this.ports.persist(false).catch((error: unknown) => {
      this.journal.error(`that it is disabled could not be saved: ${errorMessage(error)}`);
    });
  }

  private beginStop(): void {
    this.wanted = false;
    this.failures.forget();
    this.retry.cancel();
    this.endRun();
  }

  private endRun(): void {
    const run = this.serving?.run;
    this.apply('stop');
    if (run === undefined) return;
    void run.stop((step) => {
      this.journal.stopStep(run.pid, step);
    });
  }

  /** Comes at every answer, so the mailbox is only asked where something would change. */
  private considerHealth(generation: Generation): void {
    const healthy = generation.health.complaint === undefined;
    if (healthy ? this.state !== 'unhealthy' : this.state !== 'running') return;
    void this.mailbox.run(() => {
      this.judgeHealth(generation);
    });
  }

  private judgeHealth(generation: Generation): void {
    if (generation !== this.serving) return;
    const { complaint } = generation.health;
    if (complaint !== undefined && this.apply('health_lost')) {
      this.reason = complaint;
      this.journal.unhealthy(complaint);
    } else if (complaint === undefined && this.apply('health_regained')) {
      this.reason = null;
      this.journal.recovered();
    }
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
