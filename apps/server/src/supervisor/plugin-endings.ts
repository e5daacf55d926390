import { errorMessage, type Exit } from '../common';
import type { ValidEntry } from '../plugins';
import { exitReason } from './exit-reason';
import type { Failures } from './failures';
import type { End, Generation } from './generation';
import { giveUpReason } from './give-up-reason';
import { exitFields, type PluginJournal } from './plugin-journal';
import type { PluginLife } from './plugin-life';
import type { ProcessParts } from './process-parts';
import { refusalOf, type Refusal } from './refusal';
import { postponement } from './restart-policy';
import type { RetryTimer } from './retry-timer';
import type { Succession } from './succession';
import { killedBecause, toCrashReport } from './to-crash-report';

/** What follows the end of a process needs, beside what its plugin's processes share. */
export interface EndingParts extends Omit<ProcessParts, 'inTurn'> {
  readonly succession: Succession;
  readonly retry: RetryTimer;
  /** Starts a process of the version that is to run. */
  readonly start: () => Promise<void>;
  /** The version that serves goes on, and is the one that is to run. */
  readonly refuseUpdate: (entry: ValidEntry, why: string, pid: number | null, refusal?: Refusal) => void;
  /** The version that serves goes on, until the host can start the one that is to run. */
  readonly postponeUpdate: (entry: ValidEntry, why: string) => void;
}

/**
 * What follows when a process of one plugin has ended, or could not be started: started again after a wait, given up, gone
 * back to an older version. All of it is called in the plugin's turn.
 */
export class PluginEndings {
  private readonly id: string;
  private readonly ports: EndingParts['ports'];
  private readonly life: PluginLife;
  private readonly failures: Failures;
  private readonly journal: PluginJournal;
  private readonly succession: Succession;
  private readonly retry: RetryTimer;
  /** Starts in a row that the host could not make. */
  private postponements = 0;

  constructor(private readonly parts: EndingParts) {
    const { id, ports, life, failures, journal, succession, retry } = parts;
    this.id = id;
    this.ports = ports;
    this.life = life;
    this.failures = failures;
    this.journal = journal;
    this.succession = succession;
    this.retry = retry;
  }

  /** Its process is ready. */
  wasReady(): void {
    this.postponements = 0;
  }

  async ended(generation: Generation, end: End): Promise<void> {
    const { run, readyForMs, spawnedAt } = generation;
    const { exit } = end;
    if (generation !== this.life.serving) {
      this.otherEnded(generation, exit);
      return;
    }
    this.life.serving = undefined;
    if (this.life.state === 'stopping') await this.succession.end('the plugin is stopped');
    if (this.life.apply('stopped')) {
      this.failures.healthy(readyForMs);
      this.journal.stopped(run.pid);
      if (this.life.wanted) await this.parts.start();
      return;
    }
    if (run.hostTrouble !== undefined) {
      this.postponed(run.hostTrouble);
      return;
    }
    const ended = killedBecause(generation, exit) ?? exitReason(exit, this.ports.lastTrouble(spawnedAt));
    const why = run.failedBecause ?? ended;
    const refusal = run.refusal ?? refusalOf(exit, why);
    if (refusal !== undefined) {
      if (await this.wentBack(generation, why, refusal)) return;
      this.succession.dismiss('the version that served has failed');
      this.life.apply('refuse');
      this.life.refused(why, refusal);
      this.journal.refused(why, exitFields(run.pid, exit), refusal);
      return;
    }
    await this.crashed(why, generation, end);
  }

  /** A process ended that did not serve: one that has drained, or one that was to take over. */
  private otherEnded(generation: Generation, exit: Exit): void {
    const { entry, run, spawnedAt } = generation;
    if (this.succession.isDraining(generation)) {
      this.succession.gone(generation);
      this.journal.drained(run.pid, entry.metadata.version);
    } else if (generation === this.succession.candidate) {
      this.succession.release();
      if (run.hostTrouble !== undefined) {
        this.parts.postponeUpdate(entry, run.hostTrouble);
        return;
      }
      const why =
        run.failedBecause ?? run.overBudget ?? run.endedBecause ?? exitReason(exit, this.ports.lastTrouble(spawnedAt));
      this.parts.refuseUpdate(entry, why, run.pid, run.refusal ?? refusalOf(exit, why));
    } else {
      this.journal.dismissed(run.pid, entry.metadata.version, run.endedBecause ?? 'it has ended');
    }
  }

  /** A version that ends while it is on trial gives way to the one before it, at once (SUP-8). */
  private async wentBack({ entry, onTrial, readyForMs }: Generation, why: string, refusal?: Refusal): Promise<boolean> {
    if (!onTrial || !this.life.wanted || readyForMs >= this.ports.limits.healthyAfterMs) return false;
    const before = this.ports.target.goBack(entry, `Version ${entry.metadata.version} has failed: ${why}`, refusal);
    if (before === undefined) return false;
    this.journal.rolledBack(entry.metadata.version, before.metadata.version, why);
    this.succession.dismiss('the plugin went back to an older version');
    this.life.apply('crash');
    await this.parts.start();
    return true;
  }

  /** Without a generation: no process could be spawned. */
  async crashed(why: string, generation?: Generation, end?: End): Promise<void> {
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

  /**
   * The host could not start it, for want of something of its own: that does not count against the plugin. It is tried
   * again after 1, 2, 4 … s, as after crashes, for as long as it takes (faults 15).
   */
  postponed(why: string): void {
    const delayMs = postponement(this.postponements, this.ports.limits);
    this.life.reason = why;
    this.journal.postponed(why, delayMs, this.postponements === 0);
    this.postponements += 1;
    if (!this.life.wanted) this.life.apply('give_up');
    else {
      this.life.apply('crash');
      this.retry.wait(delayMs);
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
}
