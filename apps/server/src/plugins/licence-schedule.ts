import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { errorMessage } from '../common';
import { ClockWatch, LicenceKeys, LicenceNotices } from '../licences';
import { Catalogue } from './catalogue';

/** How often clock and licences are looked at, in milliseconds. */
const EVERY_MS = 60_000;

/** Looks at the clock and at the ends of licences: on a schedule, and when plugins or keys have changed (LIC-5). */
@Injectable()
export class LicenceSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('licences');
  private running: Promise<void> = Promise.resolve();
  private waiting: Promise<void> | undefined;
  private closing = false;

  constructor(
    private readonly scheduler: SchedulerRegistry,
    private readonly catalogue: Catalogue,
    private readonly keys: LicenceKeys,
    private readonly notices: LicenceNotices,
    private readonly clock: ClockWatch,
  ) {}

  onApplicationBootstrap(): void {
    this.scheduler.addInterval(
      'licences',
      setInterval(() => void this.check(), EVERY_MS),
    );
    this.catalogue.onChange(() => void this.check());
    this.keys.onChange(() => void this.check());
    void this.check();
  }

  async onModuleDestroy(): Promise<void> {
    this.closing = true;
    await this.running;
  }

  /** One at a time; all who ask meanwhile share the one that follows. Never rejects. */
  check(): Promise<void> {
    this.waiting ??= this.running.then(() => {
      this.waiting = undefined;
      this.running = this.closing ? Promise.resolve() : this.checkNow();
      return this.running;
    });
    return this.waiting;
  }

  private async checkNow(): Promise<void> {
    try {
      await this.clock.check();
      const valid = this.catalogue.list().filter(({ kind }) => kind === 'valid');
      await this.notices.check(valid.map(({ id }) => id));
    } catch (error) {
      this.logger.warn(`Licences and clock could not be looked at: ${errorMessage(error)}`);
    }
  }
}
