import fc from 'fast-check';
import { LOG_LEVELS } from '@toru/contracts';
import { anyCharacter } from '@toru/testing';
import { LineSplitter } from './line-splitter';
import { normalizeLevel } from './log-levels';
import { entryOfOutput, entryOfRecord, formatOutputLine, serializeEntry } from './log-line';

const NOW = Date.UTC(2026, 10, 21, 2, 8, 13, 123);
const TIMESTAMP = '2026-11-21T02:08:13.123Z';

const printed = (text: string, stream: 'stdout' | 'stderr' = 'stdout') =>
  entryOfOutput({ plugin: 'acme', stream, text, now: NOW });

const HOST = { timestamp: TIMESTAMP, plugin: 'acme', stream: 'stdout' };

describe('a line of a plugin log', () => {
  it('[OBS-1] plain text: info from stdout, warn from stderr', () => {
    expect(printed('hello')).toEqual({ ...HOST, level: 'info', message: 'hello' });
    expect(printed('Traceback', 'stderr')).toEqual({ ...HOST, stream: 'stderr', level: 'warn', message: 'Traceback' });
  });

  it('[OBS-1] a JSON line keeps its fields', () => {
    expect(printed('{"level":"error","msg":"no disk","err":{"code":5},"time":17,"job":{"id":[1,2]}}')).toEqual({
      ...HOST,
      level: 'error',
      message: 'no disk',
      error: { code: 5 },
      plugin_timestamp: 17,
      job: { id: [1, 2] },
    });
  });

  it('[OBS-1] the fields of the host win, and the claimed ones are kept apart', () => {
    const entry = printed(
      '{"timestamp":"1999-01-01T00:00:00Z","plugin":"bank","stream":"tty","level":"banana","message":"m"}',
    );
    expect(entry).toEqual({
      ...HOST,
      level: 'info',
      message: 'm',
      plugin_timestamp: '1999-01-01T00:00:00Z',
      plugin_plugin: 'bank',
      plugin_stream: 'tty',
      plugin_level: 'banana',
    });
  });

  it.each([
    [30, 'info'],
    [55, 'error'],
    [60, 'fatal'],
    ['40', 'warn'],
    ['WARNING', 'warn'],
    ['err', 'error'],
    ['Critical', 'fatal'],
    ['notice', 'info'],
    [5, undefined],
    [Number.NaN, undefined],
    ['__proto__', undefined],
    [{}, undefined],
  ])('[OBS-1] reads the level %j as %s', (value, level) => {
    expect(normalizeLevel(value)).toBe(level);
  });

  it('[OBS-1] names of prototypes are harmless', () => {
    const entry = printed('{"__proto__":{"admin":true},"constructor":1,"a":{"__proto__":{"b":1},"c":2}}');
    expect(entry.admin).toBeUndefined();
    expect(Object.getPrototypeOf(entry)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(entry.a)).toBe(Object.prototype);
    expect(entry.constructor).toBe(1);
    expect(serializeEntry(entry)).not.toContain('__proto__');
  });

  it('[OBS-1] depth bombs are plain text', () => {
    for (const bomb of [`{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`]) {
      expect(printed(bomb)).toEqual({ ...HOST, level: 'info', message: bomb });
    }
  });

  it('[OBS-1] colours are stripped, other controls escaped', () => {
    expect(printed('\u001b[1;31mred\u001b[0m \u001b]0;title\u0007done').message).toBe('red done');
    const line = formatOutputLine({ plugin: 'acme', stream: 'stdout', text: 'a\u0085b\u2028c\u202ed\u009b1me\u0000', now: NOW });
    expect(line).toMatch(/^[\u0020-\u007e]+$/);
    expect(JSON.parse(line)).toMatchObject({ message: 'a\u0085b\u2028c\u202ede\u0000' });
  });

  it('[OBS-1] a cut line says how much is missing', () => {
    expect(entryOfOutput({ plugin: 'acme', stream: 'stdout', text: 'aaa', now: NOW, cutBytes: 7 })).toEqual({
      ...HOST,
      level: 'info',
      message: 'aaa',
      truncated: true,
      cut_bytes: 7,
    });
  });

  it('[OBS-1] the fields of a record cannot take the place of its parts', () => {
    const fields = { plugin: 'bank', level: 'fatal', message: 'x', timestamp: 1, n: 1n, f: (): void => undefined };
    expect(entryOfRecord('acme', { level: 'info', message: 'm', error: new TypeError('t'), fields }, NOW)).toEqual({
      timestamp: TIMESTAMP,
      level: 'info',
      plugin: 'acme',
      message: 'm',
      error: { name: 'TypeError', message: 't', stack: expect.any(String) as string },
      plugin_plugin: 'bank',
      plugin_timestamp: 1,
      n: '1',
    });
  });

  it('[OBS-1] whatever bytes a plugin prints, every line parses and is the host’s', () => {
    const json = fc.json({ maxDepth: 3 });
    const forged = fc
      .dictionary(fc.constantFrom('timestamp', 'plugin', 'level', 'stream', 'message', 'msg', 'time', '__proto__'), fc.jsonValue())
      .map((fields) => JSON.stringify(fields));
    const text = fc.oneof(json, forged, fc.string({ unit: anyCharacter(fc) }), fc.constantFrom('\n', '\r', '{', '}', '"', '\u001b['));
    const bytes = fc.oneof(
      text.map((value) => Buffer.from(value)),
      fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value)),
    );
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 20 }), (chunks) => {
        const splitter = new LineSplitter(({ text: line, cutBytes }) => {
          const written = formatOutputLine({ plugin: 'acme', stream: 'stderr', text: line, now: NOW, cutBytes });
          // eslint-disable-next-line no-control-regex -- nothing that ends a line or moves a cursor may be left
          expect(written).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
          const entry = JSON.parse(written) as Record<string, unknown>;
          expect(entry).toMatchObject({ timestamp: TIMESTAMP, plugin: 'acme', stream: 'stderr' });
          expect(LOG_LEVELS).toContain(entry.level);
          expect(typeof entry.message).toBe('string');
        });
        for (const chunk of chunks) splitter.push(chunk);
        splitter.end();
      }),
      { numRuns: 300 },
    );
  });
});
