import type { PluginState } from '@toru/contracts';
import { AppError, Mailbox } from '../common';
import type { RuntimeStatus, ValidEntry } from '../plugins';
import type { PluginChannel } from '../protocol';
import type { ActorPorts } from './actor-ports';
import { Failures } from './failures';
import { hasProcess } from './lifecycle';
import { PluginJournal } from './plugin-journal';
import { PluginLife } from './plugin-life';
import { PluginProcesses } from './plugin-processes';
import type { Quarantine } from './quarantine';
import type { RequestsInFlight } from './requests-in-flight';
import { Settling } from './settling';
import { startFailure } from './start-failure';

/**
 * One plugin, as commands see it. Whatever happens to it is a task in its mailbox, done one at a time (LIF-5); what takes
 * long (getting ready, stopping, waiting after a crash) goes on beside it and comes back as a task.
 */
export class PluginActor {
  private readonly life = new PluginLife();
  private readonly failures: Failures;
  private readonly journal: PluginJournal;
  private readonly processes: PluginProcesses;
  private probing = false;
  private readonly settling = new Settling();
  private readonly mailbox = new Mailbox(() => {
    const { state } = this.life;
    const undecided = state === 'starting' || state === 'stopping' || this.processes.succession.candidate !== undefined;
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
    this.life.reason = this.failures.disabledBecause;
    this.processes = new PluginProcesses({
      ...{ id, ports, life: this.life, failures: this.failures, journal: this.journal },
      inTurn: (task) => this.mailbox.run(task),
    });
  }

  get status(): RuntimeStatus {
    return {
      state: this.life.state,
      reason: this.life.reason,
      refusal: this.life.refusal,
      pid: this.life.serving?.run.pid ?? null,
      startedAt: this.life.serving?.startedAt ?? null,
      restarts: this.life.restarts,
      consecutiveCrashes: this.failures.consecutive(this.life.serving?.readyForMs ?? 0),
      nextRetryAt: this.processes.retry.at,
      quarantined: this.failures.quarantine.routes,
      version: this.life.serving?.entry.metadata.version ?? null,
      digest: this.life.serving?.entry.digest ?? null,
    };
  }

  get state(): PluginState {
    return this.life.state;
  }

  /** The way to the process that serves, while there is one. */
  get channel(): PluginChannel | undefined {
    return this.life.channel;
  }

  /** The version of the process that serves, or is on its way to it. */
  get servingEntry(): ValidEntry | undefined {
    return this.life.serving?.entry;
  }

  /** Why another version that is to run is not started yet, where the host is the reason; null where none waits. */
  get updateWaitsFor(): string | null {
    return this.processes.updateWaitsFor;
  }

  /** The requests of the process that serves, while there is one. */
  get requests(): RequestsInFlight | undefined {
    return this.channel === undefined ? undefined : this.life.serving?.requests;
  }

  /** What is kept from it; undefined while nothing is. */
  get quarantine(): Quarantine | undefined {
    const { quarantine } = this.failures;
    return quarantine.isEmpty ? undefined : quarantine;
  }

  /** Starts it as it was recorded, without saving anything. Resolves when it is ready or has failed. */
  async startRecorded(): Promise<void> {
    await this.mailbox.run(() => {
      this.life.wanted = true;
      // the supervisor gave up and it is recorded as enabled: somebody has written that by hand, which counts as enabling
      if (this.failures.disabledBecause !== null) this.failures.forget();
      return this.processes.startIfIdle();
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
      const already = this.life.wanted && hasProcess(this.life.state);
      this.life.wanted = true;
      if (!already) this.journal.enabled();
      if (!hasProcess(this.life.state)) this.failures.forget();
      await this.processes.startIfIdle();
      return already ? 'already_enabled' : 'enabled';
    });
    await this.settled();
    this.requireReady();
    return outcome;
  }

  private requireReady(): void {
    if (this.channel !== undefined) return;
    if (!this.life.wanted && this.life.state === 'disabled' && this.life.reason === null) {
      throw new AppError('conflict', 'The plugin was disabled again before it was ready.', { plugin: this.id });
    }
    throw startFailure(this.id, this.life.state, this.life.reason, this.life.refusal);
  }

  /** Disables it and waits until its process has ended (LIF-2). Idempotent. */
  async disable(): Promise<'disabled' | 'already_disabled'> {
    const outcome = await this.mailbox.run(async () => {
      await this.ports.persist(false);
      const already = !this.life.wanted && !hasProcess(this.life.state);
      if (!already) this.journal.disabled();
      this.life.reason = null;
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
      if (hasProcess(this.life.state)) this.processes.endRun();
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
      if (this.channel !== undefined) await this.processes.proposeUpdate();
      else if (hasProcess(this.life.state)) this.processes.endRun();
      else if (this.life.wanted) await this.processes.startIfIdle();
    });
    await this.settled();
  }

  /**
   * The same for somebody who asks for it: one that waits or has failed is started at once, and the process is ready when
   * this resolves. Rejects with `conflict` when it is not enabled, and with `plugin_start_failed`.
   */
  async restartNow(): Promise<void> {
    await this.mailbox.run(async () => {
      if (!this.life.wanted) {
        throw new AppError('conflict', 'The plugin is not enabled. Enable it instead.', { plugin: this.id });
      }
      this.journal.restartedBySomebody();
      this.life.restarts += 1;
      if (hasProcess(this.life.state)) this.processes.endRun();
      else await this.processes.startIfIdle();
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
      const gaveUp = this.failures.disabledBecause !== null && !this.life.wanted;
      if (gaveUp) await this.ports.persist(true);
      this.failures.clear();
      this.journal.reset();
      if (gaveUp) this.life.wanted = true;
      if (this.life.wanted) await this.processes.startIfIdle();
    });
    await this.settled();
  }

  /**
   * Its licence key has changed: it is started again if it has failed, or fails with the key that it is starting with now.
   * A version that was held back since it refused the key before gets ready beside the one that serves (LIC-3).
   */
  async licenceChanged(): Promise<void> {
    await this.settled();
    await this.mailbox.run(async () => {
      const isHeld = this.ports.target.keyChanged();
      if (this.channel !== undefined && isHeld) await this.processes.proposeUpdate();
      if (this.life.wanted && this.life.state === 'failed') await this.processes.startIfIdle();
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
    if (!this.life.wanted) await this.processes.succession.end('the plugin is stopped');
  }

  /** Asks whether it lives and answers (SUP-1). */
  async checkHealth(): Promise<void> {
    this.failures.quarantine.releaseDue();
    const generation = this.life.serving;
    if (generation === undefined || this.channel === undefined) return;
    this.failures.healthy(generation.readyForMs);
    // one that is silent takes its time; the round of the others does not wait for it
    if (this.probing) return;
    this.probing = true;
    await this.processes.health.probe(generation).finally(() => {
      this.probing = false;
    });
  }

  private beginStop(): void {
    this.life.wanted = false;
    this.processes.retry.cancel();
    this.processes.endRun();
  }

  private async settled(): Promise<void> {
    const settled = this.settling.wait();
    void this.mailbox.run(() => undefined);
    await settled;
  }
}
