import { Injectable, Logger } from '@nestjs/common';
import { EventsService } from '../events';
import { LogsService } from '../logs';
import type { CatalogueEntry, ValidEntry } from './catalogue-entry';
import type { CatalogueReporter } from './catalogue-reports';
import type { Conflict } from './conflicts';
import type { EnabledStateProblem } from './enabled-state.port';
import { displayName } from './file-names';

/** Tells the operator what is wrong with the plugins directory: the host's log, the supervisor's log, events. */
@Injectable()
export class PluginsReporter implements CatalogueReporter {
  private readonly logger = new Logger('plugins');

  constructor(
    private readonly logs: LogsService,
    private readonly events: EventsService,
  ) {}

  installed({ id, file, metadata: { name, version } }: ValidEntry): void {
    const message = `${file} is there: ${name} ${version}`;
    this.logs.supervisorLog('installed', id, message, 'info', { file, version });
    this.events.record(id, 'installed', { message, file, version });
  }

  removed({ id, file }: CatalogueEntry): void {
    const message = `its file ${file} is gone`;
    this.logs.supervisorLog('removed', id, message, 'warn', { file });
    this.events.record(id, 'removed', { message, file });
  }

  invalid({ id, file, reason }: { readonly id: string; readonly file: string; readonly reason: string }): void {
    const message = `${file} is not a valid plugin: ${reason}`;
    this.logger.error(message);
    this.logs.supervisorLog('invalid', id, message, 'error', { file });
    this.events.record(id, 'invalid', { message, file, reason });
  }

  conflict({ winner, winnerFile, loserFile, what, value }: Conflict): void {
    const message = `${loserFile} wants the ${what} ${value}, which belongs to ${winnerFile} already`;
    this.logger.error(message);
    this.logs.supervisorLog('conflict', winner, message, 'error', { file: loserFile });
    this.events.record(winner, 'conflict', { message, winner_file: winnerFile, loser_file: loserFile, what, value });
  }

  problem(detail: string): void {
    this.logger.error(detail);
    this.logs.supervisorLog('error', null, detail, 'error');
  }

  enabledState({ plugin, detail }: EnabledStateProblem): void {
    // the name of an entry in config.json can be any text
    const message = plugin === undefined ? detail : `${displayName(plugin)}: ${detail}`;
    this.logger.error(message);
    this.logs.supervisorLog('error', null, message, 'error');
  }
}
