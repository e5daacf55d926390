import { Injectable } from '@nestjs/common';
import { errorMessage } from '../common';
import { SupervisorJournal } from './supervisor-journal';

/** What goes on without anybody waiting for it: what goes wrong is written down, and the host's end waits for the rest. */
@Injectable()
export class BackgroundWork {
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly journal: SupervisorJournal) {}

  /** Resolves when the work has come to its end, one way or the other; never rejects. */
  run(plugin: string, work: Promise<void>): Promise<void> {
    const done = work
      .catch((error: unknown) => {
        this.journal.record({ plugin, action: 'error', message: errorMessage(error), level: 'error' });
      })
      .finally(() => this.underWay.delete(done));
    this.underWay.add(done);
    return done;
  }

  /** Resolves when all that is under way now has come to its end. */
  async settle(): Promise<void> {
    await Promise.all(this.underWay);
  }
}
