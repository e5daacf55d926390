import type { LogV2 } from '@toru/contracts';
import { createLogger } from './logger';

describe('createLogger', () => {
  const lines: LogV2[] = [];
  const log = createLogger((line) => lines.push(line) > 0);
  beforeEach(() => lines.splice(0));

  it('[LANG-3] sends level, message and fields, and errors with their causes', () => {
    log.warn('late', { ms: 12, at: new Date(0), error: new TypeError('bad', { cause: new Error('worse') }) });

    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'late',
        fields: { ms: 12, at: '1970-01-01T00:00:00.000Z' },
        error: {
          name: 'TypeError',
          message: 'bad',
          stack: expect.stringContaining('logger.spec'),
          cause: expect.objectContaining({ message: 'worse' }),
        },
      },
    ]);
  });

  it('[LANG-3] shows what has no JSON form, and never throws', () => {
    const cycle: Record<string, unknown> = { same: 1 };
    cycle['self'] = cycle;
    const twice = { a: 1 };
    const hostile = {
      toJSON: () => {
        throw new Error('no');
      },
    };
    log.info('odd', { cycle, big: 10n, nothing: undefined, hostile, both: [twice, twice], call: () => 1 });

    expect(lines[0]!.fields).toEqual({
      cycle: { same: 1, self: '[circular]' },
      big: '10',
      hostile: '[not to be shown]',
      both: [{ a: 1 }, { a: 1 }],
    });
  });

  it('[LANG-3] sends text that is text, and not too much of it', () => {
    log.info(`\ud800${'x'.repeat(100_000)}`);

    expect(lines[0]!.message).toHaveLength(65_536);
    expect(lines[0]!.message.startsWith('\ufffdx')).toBe(true);
  });

  it('[LANG-3] says with the next line how many were lost', () => {
    const answers = [false, true, true];
    const sent: LogV2[] = [];
    const lossy = createLogger((line) => {
      sent.push(line);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('too large');
      return answer;
    });
    for (const message of ['lost', 'next', 'then', 'thrown']) lossy.info(message);

    expect(sent.map(({ fields }) => fields)).toEqual([undefined, { lost_lines: 1 }, undefined, undefined]);
  });
});
