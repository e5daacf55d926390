import { errorMessage, type Exit } from '../common';
import type { ValidEntry } from '../plugins';
import { PluginRefusedError } from '../protocol';
import type { ActorPorts } from './actor-ports';
import { exitReason } from './exit-reason';
import type { Failures } from './failures';
import { spawnGeneration, type End, type Generation, type GenerationHandlers } from './generation';
import { giveUpReason } from './give-up-reason';
import { HealthJudge } from './health-judge';
import { next } from './lifecycle';
import { exitFields, type PluginJournal } from './plugin-journal';
import type { PluginLife } from './plugin-life';
import { refusalOf } from './refusal';
import { RetryTimer } from './retry-timer';
import { Succession } from './succession';
import { killedBecause, toCrashReport } from './to-crash-report';

/** A process that dies loses its connection first: so long, in milliseconds, it may take to end by itself and tell how. */
const LOST_GRACE_MS = 100;

/** What the processes of a plugin need of its actor. */
export interface ProcessParts {
  readonly id: string;
  readonly ports: ActorPorts;
  readonly life: PluginLife;
  readonly failures: Failures;
  readonly journal: PluginJournal;
  /** Runs a task when its turn in the plugin's mailbox has come (LIF-5). */
  readonly inTurn: (task: () => void | Promise<void>) => Promise<void>;
}

/**
 * The processes of one plugin and what their ends mean: started again after a wait, given up, gone back to an older
 * version. All of it is called in the plugin's turn; what takes long goes on beside it and comes back in another turn.
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

  constructor({ id, ports, life, failures, journal, inTurn }: ProcessParts) {
    this.id = id;
    this.ports = ports;
    this.life = life;
    this.failures = failures;
    this.journal = journal;
    this.inTurn = inTurn;
    this.health = new HealthJudge(life, journal, inTurn);
    this.retry = new RetryTimer(ports.clock, () => void inTurn(() => this.retryNow()));
    this.succession = new Succession({
      ...{ clock: ports.clock, drainTimeoutMs: ports.limits.updateDrainMs },
      stop: (generation) => this.stopRun(generation),
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
      await this.crashed(errorMessage(error));
      return;
    }
    this.life.serving = generation;
    this.life.reason = null;
    this.journal.spawned(generation.run.pid);
  }

  /** Lets the version that is to run get ready beside the one that serves. */
  async proposeUpdate(): Promise<void> {
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
      this.refuseUpdate(entry, errorMessage(error), null);
    }
  }

  /** The version that serves goes on, and is the one that is to run. */
  private refuseUpdate(entry: ValidEntry, why: string, pid: number | null): void {
    this.ports.target.goBack(entry, why);
    this.journal.updateFailed(pid, entry.metadata.version, why);
  }

  private takeOver(candidate: Generation): void {
    const before = this.life.serving;
    this.succession.release();
    this.life.serving = candidate;
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
    ended: (generation, end) => void this.inTurn(() => this.onEnded(generation, end)),
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
    this.ports.target.wasReady(generation.entry);
    this.journal.ready(generation.run.pid, this.failures.consecutive(0) > 0);
  }

  private onNotReady(generation: Generation, error: unknown): void {
    const { run } = generation;
    const why = run.conceal(errorMessage(error));
    if (generation === this.succession.candidate) void run.kill(why);
    if (generation !== this.life.serving || this.life.state !== 'starting') return;
    run.refusal = error instanceof PluginRefusedError && error.code !== 'internal' ? error.code : undefined;
    this.journal.notReady(run.pid, why);
    void run.kill(why);
  }

  private async onEnded(generation: Generation, end: End): Promise<void> {
    const { run, readyForMs, spawnedAt } = generation;
    const { exit } = end;
    if (generation !== this.life.serving) {
      this.onOtherEnded(generation, exit);
      return;
    }
    this.life.serving = undefined;
    if (this.life.state === 'stopping') await this.succession.end('the plugin is stopped');
    if (this.life.apply('stopped')) {
      this.failures.healthy(readyForMs);
      this.journal.stopped(run.pid);
      if (this.life.wanted) await this.start();
      return;
    }
    const why = killedBecause(generation, exit) ?? exitReason(exit, this.ports.lastTrouble(spawnedAt));
    const refusal = run.refusal ?? refusalOf(exit, why);
    if (refusal !== undefined) {
      if (await this.wentBack(generation, why)) return;
      this.succession.dismiss('the version that served has failed');
      this.life.apply('refuse');
      this.life.refused(why, refusal);
      this.journal.refused(why, exitFields(run.pid, exit), refusal);
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
      const why = run.overBudget ?? run.endedBecause ?? exitReason(exit, this.ports.lastTrouble(spawnedAt));
      this.refuseUpdate(entry, why, run.pid);
    } else {
      this.journal.dismissed(run.pid, entry.metadata.version, run.endedBecause ?? 'it has ended');
    }
  }

  /** A version that ends while it is on trial gives way to the one before it, at once (SUP-8). */
  private async wentBack({ entry, onTrial, readyForMs }: Generation, why: string): Promise<boolean> {
    if (!onTrial || !this.life.wanted || readyForMs >= this.ports.limits.healthyAfterMs) return false;
    const before = this.ports.target.goBack(entry, `Version ${entry.metadata.version} has failed: ${why}`);
    if (before === undefined) return false;
    this.journal.rolledBack(entry.metadata.version, before.metadata.version, why);
    this.succession.dismiss('the plugin went back to an older version');
    this.life.apply('crash');
    await this.start();
    return true;
  }

  /** Without a generation: no process could be spawned. */
  private async crashed(why: string, generation?: Generation, end?: End): Promise<void> {
    const verdict = this.failures.crashed(generation?.readyForMs ?? 0, end?.requests ?? []);
    const { inARow } = verdict.count;
    this.life.reason = why;
    const fields = generation === undefined || end === undefined ? {} : exitFields(generation.run.pid, end.exit);
    this.journal.crashed(why, fields, inARow);
    this.ports.crashed(toCrashReport(why, verdict, this.ports.clock, generation, end));
    if (generation !== undefined && (await this.wentBack(generation, why))) return;
    if (verdict.kind === 'give_up') await this.giveUp(giveUpReason(this.id, verdict, this.ports.limits, why), inARow);
    else if (!this.life.wanted) this.life.apply('give_up');
    else {
      this.life.apply('crash');
      this.succession.dismiss('the version that served has crashed');
      this.retry.wait(verdict.delayMs);
      this.journal.willRestart(verdict.delayMs);
    }
  }

  private async giveUp(reason: string, crashes: number): Promise<void> {
    this.life.wanted = false;
    this.life.apply('give_up');
    this.life.reason = reason;
    this.journal.gaveUp(reason, crashes);
    try {
      await this.ports.persist(false);
      this.failures.gaveUp(reason);
    } catch (error) {
      // not remembered as given up either: the next host starts it, and goes on counting
      this.journal.error(`that it is disabled could not be saved: ${errorMessage(error)}`);
    }
  }

  /** Ends what runs: it is stopped, or started again where it is wanted. */
  endRun(): void {
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
