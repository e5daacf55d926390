import { errorMessage, type Exit } from '../common';
import type { ValidEntry } from '../plugins';
import { PluginGreetingError, PluginRefusedError } from '../protocol';
import type { ActorPorts } from './actor-ports';
import type { Failures } from './failures';
import { spawnGeneration, type Generation, type GenerationHandlers } from './generation';
import { HealthJudge } from './health-judge';
import { hostTrouble } from './host-trouble';
import { next } from './lifecycle';
import { PluginEndings } from './plugin-endings';
import type { PluginJournal } from './plugin-journal';
import type { PluginLife } from './plugin-life';
import type { ProcessParts } from './process-parts';
import type { Refusal } from './refusal';
import { postponement } from './restart-policy';
import { RetryTimer } from './retry-timer';
import { Succession } from './succession';

/** A process that dies loses its connection first: so long, in milliseconds, it may take to end by itself and tell how. */
const LOST_GRACE_MS = 100;

/**
 * The processes of one plugin: how they are started, get ready, take over from each other and are stopped. All of it is
 * called in the plugin's turn; what takes long goes on beside it and comes back in another turn.
 */
export class PluginProcesses {
  /** The processes beside the one that serves: before they serve, and after. */
  readonly succession: Succession;
  readonly retry: RetryTimer;
  readonly health: HealthJudge;
  private readonly id: string;
  private readonly ports: ActorPorts;
  private readonly life: PluginLife;
  private readonly failures: Failures;
  private readonly journal: PluginJournal;
  private readonly inTurn: ProcessParts['inTurn'];
  private readonly endings: PluginEndings;
  private readonly updateRetry: RetryTimer;
  /** Updates in a row that the host could not make. */
  private postponedUpdates = 0;
  private lackForUpdate: string | null = null;

  constructor({ id, ports, life, failures, journal, inTurn }: ProcessParts) {
    this.id = id;
    this.ports = ports;
    this.life = life;
    this.failures = failures;
    this.journal = journal;
    this.inTurn = inTurn;
    this.health = new HealthJudge(life, journal, inTurn);
    this.retry = new RetryTimer(ports.clock, () => void inTurn(() => this.retryNow()));
    this.updateRetry = new RetryTimer(ports.clock, () => void inTurn(() => this.retryUpdate()));
    this.succession = new Succession({
      ...{ clock: ports.clock, drainTimeoutMs: ports.limits.updateDrainMs },
      stop: (generation) => this.stopRun(generation),
    });
    this.endings = new PluginEndings({
      ...{ id, ports, life, failures, journal, succession: this.succession, retry: this.retry },
      start: () => this.start(),
      refuseUpdate: (entry, why, pid, refusal) => {
        this.refuseUpdate(entry, why, pid, refusal);
      },
      postponeUpdate: (entry, why) => {
        this.postponeUpdate(entry, why);
      },
    });
  }

  /** Starts a process where none is there. */
  async startIfIdle(): Promise<void> {
    if (next(this.life.state, 'start') !== undefined) await this.start();
  }

  /** The wait after a crash is over. */
  private async retryNow(): Promise<void> {
    if (this.life.state !== 'backoff' || this.retry.at === null) return;
    this.life.restarts += 1;
    this.journal.restarting();
    await this.start();
  }

  private async start(): Promise<void> {
    this.retry.cancel();
    this.life.apply('start');
    let generation: Generation;
    try {
      generation = await spawnGeneration(this.ports, this.handlers);
    } catch (error) {
      const trouble = hostTrouble(error);
      if (trouble === undefined) await this.endings.crashed(errorMessage(error));
      else this.endings.postponed(trouble);
      return;
    }
    this.life.serving = generation;
    this.life.reason = null;
    this.journal.spawned(generation.run.pid);
  }

  /** Lets the version that is to run get ready beside the one that serves. */
  async proposeUpdate(): Promise<void> {
    this.updateRetry.cancel();
    const { entry } = this.ports.target;
    if (entry.digest === this.life.serving?.entry.digest) {
      this.succession.dismiss('the version that serves is to go on');
      return;
    }
    try {
      const candidate = await spawnGeneration(this.ports, this.handlers);
      this.succession.propose(candidate);
      this.journal.updating(candidate.run.pid, entry.metadata.version);
    } catch (error) {
      const trouble = hostTrouble(error);
      if (trouble === undefined) this.refuseUpdate(entry, errorMessage(error), null);
      else this.postponeUpdate(entry, trouble);
    }
  }

  /** Why the version that is to run is not started yet, where the host is the reason. */
  get updateWaitsFor(): string | null {
    return this.updateRetry.at === null ? null : this.lackForUpdate;
  }

  private async retryUpdate(): Promise<void> {
    if (this.updateRetry.at !== null && this.life.channel !== undefined) await this.proposeUpdate();
  }

  /** The version that serves goes on; what the host lacks is not held against the one that is to run (faults 15). */
  private postponeUpdate(entry: ValidEntry, why: string): void {
    const delayMs = postponement(this.postponedUpdates, this.ports.limits);
    this.lackForUpdate = why;
    this.journal.updatePostponed(entry.metadata.version, why, delayMs, this.postponedUpdates === 0);
    this.postponedUpdates += 1;
    this.updateRetry.wait(delayMs);
  }

  /** The version that serves goes on, and is the one that is to run. */
  private refuseUpdate(entry: ValidEntry, why: string, pid: number | null, refusal?: Refusal): void {
    this.ports.target.goBack(entry, why, refusal);
    this.journal.updateFailed(pid, entry.metadata.version, why);
  }

  private takeOver(candidate: Generation): void {
    const before = this.life.serving;
    this.succession.release();
    this.life.serving = candidate;
    this.postponedUpdates = 0;
    candidate.becameReady();
    this.ports.target.wasReady(candidate.entry);
    if (this.life.apply('health_regained')) this.life.reason = null;
    const { version } = candidate.entry.metadata;
    this.journal.updated(candidate.run.pid, before?.entry.metadata.version ?? '?', version);
    if (before !== undefined) this.succession.drain(before);
  }

  /** Every generation's, whichever: what each of them means is decided in the mailbox, when its turn has come. */
  private readonly handlers: GenerationHandlers = {
    started: (generation, error) =>
      void this.inTurn(() => {
        if (error === undefined) this.onReady(generation);
        else this.onNotReady(generation, error);
      }),
    ended: (generation, end) => void this.inTurn(() => this.endings.ended(generation, end)),
    lost: (generation, reason) => {
      this.ports.clock.setTimeout(() => {
        const serves = generation === this.life.serving && this.life.channel !== undefined;
        if (serves || this.succession.isDraining(generation)) void generation.run.kill(reason);
      }, LOST_GRACE_MS);
    },
    protocolError: (generation, reason) => {
      this.health.protocolError(generation, reason);
    },
    answered: (generation) => {
      this.health.answered(generation);
    },
  };

  private onReady(generation: Generation): void {
    if (generation === this.succession.candidate) this.takeOver(generation);
    if (generation !== this.life.serving || !this.life.apply('ready')) return;
    generation.becameReady();
    this.endings.wasReady();
    this.ports.target.wasReady(generation.entry);
    this.journal.ready(generation.run.pid, this.failures.consecutive(0) > 0);
  }

  private onNotReady(generation: Generation, error: unknown): void {
    const { run } = generation;
    const why = run.conceal(errorMessage(error));
    if (error instanceof PluginRefusedError && error.code !== 'internal') run.refusal = error.code;
    if (error instanceof PluginRefusedError || error instanceof PluginGreetingError) run.failedBecause = why;
    run.hostTrouble = hostTrouble(error);
    if (generation === this.succession.candidate) void run.kill(why);
    if (generation !== this.life.serving || this.life.state !== 'starting') return;
    this.journal.notReady(run.pid, why);
    void run.kill(why);
  }

  /** Ends what runs: it is stopped, or started again where it is wanted. */
  endRun(): void {
    this.updateRetry.cancel();
    this.life.apply('stop');
    void this.succession.end('the plugin is stopped');
    if (this.life.serving !== undefined) void this.stopRun(this.life.serving);
  }

  private stopRun({ run }: Generation): Promise<Exit> {
    return run.stop((step) => {
      this.journal.stopStep(run.pid, step);
    });
  }
}
