import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { EventsService } from '../events';
import type { LogsService } from '../logs';
import { PluginsReporter } from './plugins-reporter';

describe('PluginsReporter', () => {
  it('[OBS-3] the events of what is wrong with a file have a sentence for people', () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const events: unknown[] = [];
    const logs = { supervisorLog: () => undefined } as unknown as LogsService;
    const record = (...event: unknown[]): unknown => events.push(event);
    const reporter = new PluginsReporter(logs, { record } as unknown as EventsService);
    const [file, reason] = ['x.binary', 'it is empty'];
    reporter.invalid({ id: 'x', file, reason });
    reporter.conflict({ winner: 'a', winnerFile: 'a.binary', loserFile: file, what: 'route', value: '/a' });
    expect(events).toEqual([
      ['x', 'invalid', { message: 'x.binary is not a valid plugin: it is empty', file, reason }],
      [
        ...['a', 'conflict'],
        {
          message: 'x.binary wants the route /a, which belongs to a.binary already',
          ...{ winner_file: 'a.binary', loser_file: file, what: 'route', value: '/a' },
        },
      ],
    ]);
    jest.restoreAllMocks();
  });
});
