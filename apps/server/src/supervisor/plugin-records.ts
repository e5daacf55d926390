import { Injectable } from '@nestjs/common';
import type { ActorPorts } from './actor-ports';
import { CrashRecorder } from './crash-recorder';
import { FailureHistories } from './failure-histories';
import { SupervisorJournal } from './supervisor-journal';

type RecordPorts = Pick<ActorPorts, 'journal' | 'remembered' | 'remember' | 'lastTrouble' | 'crashed'>;

/** All that is written down of a plugin's life: the journal, the failures that still count, a document for each crash. */
@Injectable()
export class PluginRecords {
  constructor(
    private readonly supervisorJournal: SupervisorJournal,
    private readonly histories: FailureHistories,
    private readonly crashes: CrashRecorder,
  ) {}

  /** Reads what earlier runs of the host remember; to be done before `of`. */
  async load(): Promise<void> {
    await this.histories.load();
  }

  of(plugin: string, version: () => string): RecordPorts {
    const journal: RecordPorts['journal'] = (entry) => {
      this.supervisorJournal.record({ plugin, ...entry });
    };
    return {
      journal,
      remembered: this.histories.of(plugin),
      remember: (record) => {
        this.histories.remember(plugin, record);
      },
      lastTrouble: (since) => this.crashes.lastTrouble(plugin, since),
      crashed: (report) => {
        this.crashes.record(plugin, version(), report, (why) => {
          journal({ action: 'error', message: `what is known of its crash could not be kept: ${why}`, level: 'error' });
        });
      },
    };
  }
}
