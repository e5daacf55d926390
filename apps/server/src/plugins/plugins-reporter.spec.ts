import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { EventsService } from '../events';
import type { LogsService } from '../logs';
import type { ValidEntry } from './catalogue-entry';
import { PluginsReporter } from './plugins-reporter';

describe('PluginsReporter', () => {
  it('[OBS-3] the events of files have a sentence for people, and a line of the log each', () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const events: unknown[] = [];
    const lines: unknown[] = [];
    const logs = {
      supervisorLog: (...[action, plugin, message]: unknown[]) => lines.push([action, plugin, message]),
    } as unknown as LogsService;
    const record = (...event: unknown[]): unknown => events.push(event);
    const reporter = new PluginsReporter(logs, { record } as unknown as EventsService);
    const [file, reason] = ['x.binary', 'it is empty'];
    reporter.invalid({ id: 'x', file, reason });
    reporter.conflict({ winner: 'a', winnerFile: 'a.binary', loserFile: file, what: 'route', value: '/a' });
    const entry = { id: 'a', file: 'a.binary', metadata: { name: 'Acme', version: '1.0.0' } } as ValidEntry;
    reporter.installed(entry);
    reporter.removed(entry);
    expect(events).toEqual([
      ['x', 'invalid', { message: 'x.binary is not a valid plugin: it is empty', file, reason }],
      [
        ...['a', 'conflict'],
        {
          message: 'x.binary wants the route /a, which belongs to a.binary already',
          ...{ winner_file: 'a.binary', loser_file: file, what: 'route', value: '/a' },
        },
      ],
      ['a', 'installed', { message: 'a.binary is there: Acme 1.0.0', file: 'a.binary', version: '1.0.0' }],
      ['a', 'removed', { message: 'its file a.binary is gone', file: 'a.binary' }],
    ]);
    expect(lines).toEqual(
      (events as [string, string, { message: string }][]).map(([id, type, { message }]) => [type, id, message]),
    );
    jest.restoreAllMocks();
  });
});
