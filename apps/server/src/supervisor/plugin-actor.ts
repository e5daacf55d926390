import type { PluginState } from '@toru/contracts';
import { AppError, errorMessage, type Exit } from '../common';
import type { RuntimeStatus, ValidEntry } from '../plugins';
import { PluginRefusedError, type PluginChannel } from '../protocol';
import type { ActorPorts } from './actor-ports';
import { EXIT_CONFIG, exitReason } from './exit-reason';
import { Failures } from './failures';
import { spawnGeneration, type End, type Generation, type GenerationHandlers } from './generation';
import { giveUpReason } from './give-up-reason';
import { hasProcess, next, type LifecycleEvent } from './lifecycle';
import { Mailbox } from './mailbox';
import { exitFields, PluginJournal } from './plugin-journal';
import type { Quarantine } from './quarantine';
import type { RequestsInFlight } from './requests-in-flight';
import { RetryTimer } from './retry-timer';
import { Settling } from './settling';
import { startFailure } from './start-failure';
import { Succession } from './succession';

/** A process that dies loses its connection first: so long, in milliseconds, it may take to end by itself and tell how. */
const LOST_GRACE_MS = 100;

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
  /** The processes beside it: before they serve, and after. */
  private readonly succession: Succession;
  private restarts = 0;
  private readonly failures: Failures;
  private readonly journal: PluginJournal;
  private readonly retry: RetryTimer;
  private readonly settling = new Settling();
  private readonly mailbox = new Mailbox(() => {
    const undecided = this.state === 'starting' || this.state === 'stopping' || this.succession.candidate !== undefined;
    if (!undecided) this.settling.tell();
  });

  constructor(
    readonly id: string,
    private readonly ports: ActorPorts,
  ) {
    this.journal = new PluginJournal((entry) => {
      ports.journal(entry);
    });
    this.failures = new Failures(id, ports, this.journal);
    this.succession = new Succession({
      ...{ clock: ports.clock, drainTimeoutMs: ports.limits.updateDrainMs },
      stop: (generation) => this.stopRun(generation),
    });
    this.reason = this.failures.disabledBecause;
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
      quarantined: this.failures.quarantine.routes,
      version: this.serving?.entry.metadata.version ?? null,
      digest: this.serving?.entry.digest ?? null,
    };
  }

  /** The way to the process that serves, while there is one. */
  get channel(): PluginChannel | undefined {
    return this.state === 'running' || this.state === 'unhealthy' ? this.serving?.run.channel : undefined;
  }

  /** The version of the process that serves, or is on its way to it. */
  get servingEntry(): ValidEntry | undefined {
    return this.serving?.entry;
  }

  /** The requests of the process that serves, while there is one. */
  get requests(): RequestsInFlight | undefined {
    return this.channel === undefined ? undefined : this.serving?.requests;
  }

  /** What is kept from it; undefined while nothing is. */
  get quarantine(): Quarantine | undefined {
    const { quarantine } = this.failures;
    return quarantine.isEmpty ? undefined : quarantine;
  }

  /** Starts it as it was recorded, without saving anything. Resolves when it is ready or has failed. */
  async startRecorded(): Promise<void> {
    await this.mailbox.run(() => {
      this.wanted = true;
      // the supervisor gave up and it is recorded as enabled: somebody has written that by hand, which counts as enabling
      if (this.failures.disabledBecause !== null) this.failures.forget();
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
    this.requireReady();
    return outcome;
  }

  private requireReady(): void {
    if (this.channel !== undefined) return;
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
      this.failures.takenOver();
      this.beginStop();
      return already ? 'already_disabled' : 'disabled';
    });
    await this.stopped();
    return outcome;
  }

  /** Ends the process that runs and starts another one, of the plugin's file as it is now. Does nothing when none runs. */
  async restart(): Promise<void> {
    await this.mailbox.run(() => {
      if (hasProcess(this.state)) this.endRun();
    });
    await this.settled();
  }

  /**
   * Another version is to run (SUP-8): it gets ready beside the one that serves, takes over when it is, and the old one
   * finishes what it has begun. One that does not become ready changes nothing. Where nothing serves, the new version is
   * started as any other. Resolves when it has taken over, or will not.
   */
  async update(): Promise<void> {
    await this.mailbox.run(async () => {
      if (this.channel !== undefined) await this.proposeUpdate();
      else if (hasProcess(this.state)) this.endRun();
      else if (this.wanted) await this.startIfIdle();
    });
    await this.settled();
  }

  /**
   * The same for somebody who asks for it: one that waits or has failed is started at once, and the process is ready when
   * this resolves. Rejects with `conflict` when it is not enabled, and with `plugin_start_failed`.
   */
  async restartNow(): Promise<void> {
    await this.mailbox.run(async () => {
      if (!this.wanted) {
        throw new AppError('conflict', 'The plugin is not enabled. Enable it instead.', { plugin: this.id });
      }
      this.journal.restartedBySomebody();
      if (hasProcess(this.state)) this.endRun();
      else await this.startIfIdle();
    });
    await this.settled();
    this.requireReady();
  }

  /**
   * Forgets its crashes and lets go of what is in quarantine. One that waits, has failed or was disabled by the supervisor
   * is tried again at once; one that somebody has disabled stays disabled. Resolves when it is ready or has failed again.
   */
  async reset(): Promise<void> {
    await this.mailbox.run(async () => {
      const gaveUp = this.failures.disabledBecause !== null && !this.wanted;
      if (gaveUp) await this.ports.persist(true);
      this.failures.clear();
      this.journal.reset();
      if (gaveUp) this.wanted = true;
      if (this.wanted) await this.startIfIdle();
    });
    await this.settled();
  }

  /** Stops its process and saves nothing: the host shuts down, or the file is gone. */
  async stop(): Promise<void> {
    await this.mailbox.run(() => {
      this.beginStop();
    });
    await this.stopped();
  }

  /** Resolves when no process is left, whether it served or not. */
  private async stopped(): Promise<void> {
    await this.settled();
    if (!this.wanted) await this.succession.end('the plugin is stopped');
  }

  /** Asks whether it lives and answers (SUP-1). */
  async checkHealth(): Promise<void> {
    this.failures.quarantine.releaseDue();
    const generation = this.serving;
    if (generation === undefined || this.channel === undefined) return;
    this.failures.healthy(generation.readyForMs);
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
      await this.crashed(errorMessage(error));
      return;
    }
    this.serving = generation;
    this.reason = null;
    this.journal.spawned(generation.run.pid);
  }

  private async proposeUpdate(): Promise<void> {
    const { entry } = this.ports.target;
    if (entry.digest === this.serving?.entry.digest) {
      this.succession.dismiss('the version that serves is to go on');
      return;
    }
    try {
      const candidate = await spawnGeneration(this.ports, this.handlers);
      this.succession.propose(candidate);
      this.journal.updating(candidate.run.pid, entry.metadata.version);
    } catch (error) {
      this.refuseUpdate(entry, errorMessage(error));
    }
  }

  /** The version that serves goes on, and is the one that is to run. */
  private refuseUpdate(entry: ValidEntry, why: string): void {
    this.ports.target.goBack(entry, why);
    this.journal.updateFailed(entry.metadata.version, why);
  }

  private takeOver(candidate: Generation): void {
    const before = this.serving;
    this.succession.release();
    this.serving = candidate;
    candidate.becameReady();
    this.ports.target.wasReady(candidate.entry);
    if (this.apply('health_regained')) this.reason = null;
    const { version } = candidate.entry.metadata;
    this.journal.updated(candidate.run.pid, before?.entry.metadata.version ?? '?', version);
    if (before !== undefined) this.succession.drain(before);
  }

  /** Every generation's, whichever: what each of them means is decided in the mailbox, when its turn has come. */
  private readonly handlers: GenerationHandlers = {
    started: (generation, error) =>
      void this.mailbox.run(() => {
        if (error === undefined) this.onReady(generation);
        else this.onNotReady(generation, error);
      }),
    ended: (generation, end) => void this.mailbox.run(() => this.onEnded(generation, end)),
    lost: (generation, reason) => {
      this.ports.clock.setTimeout(() => {
        const serves = generation === this.serving && this.channel !== undefined;
        if (serves || this.succession.isDraining(generation)) void generation.run.kill(reason);
      }, LOST_GRACE_MS);
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
    if (generation === this.succession.candidate) this.takeOver(generation);
    if (generation !== this.serving || !this.apply('ready')) return;
    generation.becameReady();
    this.ports.target.wasReady(generation.entry);
    this.journal.ready(generation.run.pid, this.failures.consecutive(0) > 0);
  }

  private onNotReady(generation: Generation, error: unknown): void {
    const { run } = generation;
    const why = errorMessage(error);
    if (generation === this.succession.candidate) void run.kill(why);
    if (generation !== this.serving || this.state !== 'starting') return;
    run.refused = error instanceof PluginRefusedError && error.code !== 'internal';
    this.journal.notReady(run.pid, why);
    void run.kill(why);
  }

  private async onEnded(generation: Generation, end: End): Promise<void> {
    const { run, readyForMs, spawnedAt } = generation;
    const { exit } = end;
    if (generation !== this.serving) {
      this.onOtherEnded(generation, exit);
      return;
    }
    this.serving = undefined;
    if (this.state === 'stopping') await this.succession.end('the plugin is stopped');
    if (this.apply('stopped')) {
      this.failures.healthy(readyForMs);
      this.journal.stopped(run.pid);
      if (this.wanted) await this.start();
      return;
    }
    const why =
      (endedByHost(generation, exit) ? run.endedBecause : undefined) ??
      exitReason(exit, this.ports.lastTrouble(spawnedAt));
    if (exit.code === EXIT_CONFIG || run.refused) {
      if (await this.wentBack(generation, why)) return;
      this.succession.dismiss('the version that served has failed');
      this.apply('refuse');
      this.reason = why;
      this.journal.refused(why, exitFields(run.pid, exit));
      return;
    }
    await this.crashed(why, generation, end);
  }

  /** A process ended that did not serve: one that has drained, or one that was to take over. */
  private onOtherEnded(generation: Generation, exit: Exit): void {
    const { entry, run, spawnedAt } = generation;
    if (this.succession.isDraining(generation)) {
      this.succession.gone(generation);
      this.journal.drained(run.pid, entry.metadata.version);
    } else if (generation === this.succession.candidate) {
      this.succession.release();
      this.refuseUpdate(entry, run.endedBecause ?? exitReason(exit, this.ports.lastTrouble(spawnedAt)));
    }
  }

  /** A version that ends while it is on trial gives way to the one before it, at once (SUP-8). */
  private async wentBack({ entry, onTrial, readyForMs }: Generation, why: string): Promise<boolean> {
    if (!onTrial || !this.wanted || readyForMs >= this.ports.limits.healthyAfterMs) return false;
    const before = this.ports.target.goBack(entry, `Version ${entry.metadata.version} has failed: ${why}`);
    if (before === undefined) return false;
    this.journal.rolledBack(entry.metadata.version, before.metadata.version, why);
    this.succession.dismiss('the plugin went back to an older version');
    this.apply('crash');
    await this.start();
    return true;
  }

  /** Without a generation: no process could be spawned. */
  private async crashed(why: string, generation?: Generation, end?: End): Promise<void> {
    const { clock } = this.ports;
    const pid = generation?.run.pid ?? null;
    const readyForMs = generation?.readyForMs ?? 0;
    const requests = end?.requests ?? [];
    const verdict = this.failures.crashed(readyForMs, requests);
    const { inARow, recent } = verdict.count;
    this.reason = why;
    this.journal.crashed(why, pid === null || end === undefined ? {} : exitFields(pid, end.exit), inARow);
    this.ports.crashed({
      ...{ at: clock.now(), spawnedAt: generation?.spawnedAt ?? clock.now(), why, pid, readyForMs, requests },
      exit: end?.exit ?? null,
      endedByHost: generation !== undefined && end !== undefined && endedByHost(generation, end.exit),
      endedAt: end?.at ?? clock.monotonic(),
      blamedRoute: verdict.route,
      consecutiveCrashes: inARow,
      timeline: recent.map(({ at }) => at),
      decision: verdict.kind === 'give_up' ? 'disable' : 'restart',
    });
    if (generation !== undefined && (await this.wentBack(generation, why))) return;
    if (verdict.kind === 'give_up') await this.giveUp(giveUpReason(this.id, verdict, this.ports.limits, why), inARow);
    else if (!this.wanted) this.apply('give_up');
    else {
      this.apply('crash');
      this.succession.dismiss('the version that served has crashed');
      this.retry.wait(verdict.delayMs);
      this.journal.willRestart(verdict.delayMs);
    }
  }

  private async giveUp(reason: string, crashes: number): Promise<void> {
    this.wanted = false;
    this.apply('give_up');
    this.reason = reason;
    this.journal.gaveUp(reason, crashes);
    try {
      await this.ports.persist(false);
      this.failures.gaveUp(reason);
    } catch (error) {
      // not remembered as given up either: the next host starts it, and goes on counting
      this.journal.error(`that it is disabled could not be saved: ${errorMessage(error)}`);
    }
  }

  private beginStop(): void {
    this.wanted = false;
    this.retry.cancel();
    this.endRun();
  }

  private endRun(): void {
    this.apply('stop');
    void this.succession.end('the plugin is stopped');
    if (this.serving !== undefined) void this.stopRun(this.serving);
  }

  private stopRun({ run }: Generation): Promise<Exit> {
    return run.stop((step) => {
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

/** The host ends a process with SIGKILL; whatever else has ended it was before. */
function endedByHost({ run }: Generation, exit: Exit): boolean {
  return run.endedBecause !== undefined && exit.signal === 'SIGKILL';
}
