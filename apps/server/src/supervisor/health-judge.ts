import type { Generation } from './generation';
import type { PluginJournal } from './plugin-journal';
import type { PluginLife } from './plugin-life';

/** Tells from probes, answers and broken rules whether the process that serves is healthy (SUP-1, SUP-5). */
export class HealthJudge {
  constructor(
    private readonly life: PluginLife,
    private readonly journal: PluginJournal,
    /** Runs a task when its turn has come. */
    private readonly inTurn: (task: () => void) => Promise<void>,
  ) {}

  /** Asks it whether it answers; one that has not for too long is ended. */
  async probe(generation: Generation): Promise<void> {
    const answers = await generation.run.channel.probe();
    if (answers === undefined) return;
    await this.inTurn(() => {
      generation.health.probed(answers);
      this.judge(generation);
      if (generation.health.isHopeless) void generation.run.kill('it did not answer its health checks');
    });
  }

  protocolError(generation: Generation, reason: string): void {
    this.journal.protocolError(reason);
    generation.health.protocolError();
    this.consider(generation);
  }

  answered(generation: Generation): void {
    generation.health.answered();
    this.consider(generation);
  }

  /** Comes at every answer, so a turn is only taken where something would change. */
  private consider(generation: Generation): void {
    const healthy = generation.health.complaint === undefined;
    if (healthy ? this.life.state !== 'unhealthy' : this.life.state !== 'running') return;
    void this.inTurn(() => {
      this.judge(generation);
    });
  }

  private judge(generation: Generation): void {
    const { life, journal } = this;
    if (generation !== life.serving) return;
    const { complaint } = generation.health;
    if (complaint !== undefined && life.apply('health_lost')) {
      life.reason = complaint;
      journal.unhealthy(complaint);
    } else if (complaint === undefined && life.apply('health_regained')) {
      life.reason = null;
      journal.recovered();
    }
  }
}
