import { Injectable } from '@nestjs/common';
import { EventsService } from '../events';
import { LogsService } from '../logs';
import { LicenceKeys } from './licence-keys';

/** Hands a plugin its key. From then on the key is struck out of whatever the plugin says (faults 18). */
@Injectable()
export class LicenceHandover {
  constructor(
    private readonly keys: LicenceKeys,
    private readonly logs: LogsService,
    private readonly events: EventsService,
  ) {}

  /** @returns null where there is none. @throws AppError `storage_unavailable` */
  async handOut(plugin: string): Promise<string | null> {
    const { key } = await this.keys.of(plugin);
    if (key === null) return null;
    this.logs.conceal(plugin, key);
    this.events.conceal(plugin, key);
    return key;
  }
}
