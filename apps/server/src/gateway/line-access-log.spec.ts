import fc from 'fast-check';
import pino from 'pino';
import { SystemClock } from '../common';
import type { AccessRecord } from './gateway.ports';
import { accessLine, LineAccessLog } from './line-access-log';

const TIME = '2026-11-21T12:00:00.000Z';

function libraryLine(entry: AccessRecord): string {
  const lines: string[] = [];
  const options = {
    ...{ base: null, messageKey: 'message', timestamp: () => `,"timestamp":"${TIME}"` },
    formatters: { level: (level: string) => ({ level }) },
  };
  const logger = pino(options, { write: (line: string) => void lines.push(line.trimEnd()) });
  logger.child({ context: 'gateway' }).info(entry, 'plugin request');
  return lines.join('');
}

describe('the access log', () => {
  it('has lines like all others of the host, whatever is in them', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a"b', 'a\\b', '\u2028', '\u0000\u001f'));
    const record = fc.record(
      {
        method: fc.constantFrom('GET', 'M-SEARCH'),
        path: fc.stringMatching(/^\/[!-~]{0,30}$/),
        plugin: fc.option(fc.constantFrom('acme', 'a-b')),
        status: fc.constantFrom(200, 499),
        duration_ms: fc.nat(),
        user: fc.option(text),
        request_id: fc.uuid(),
        bytes: fc.maxSafeNat(),
        bytes_received: fc.maxSafeNat(),
      },
      {
        requiredKeys: ['method', 'path', 'plugin', 'status', 'duration_ms', 'user', 'request_id', 'bytes'],
      },
    );
    fc.assert(
      fc.property(record, (entry) => {
        expect(accessLine(entry, TIME)).toBe(libraryLine(entry));
      }),
    );
  });

  it('writes nothing where the level leaves it out', () => {
    const entry = { method: 'GET', path: '/', plugin: null, status: 404, duration_ms: 1, user: null, bytes: 0 };
    const lines: string[] = [];
    const clock = new SystemClock();
    new LineAccessLog(clock, undefined).record({ ...entry, request_id: 'r' });
    new LineAccessLog(clock, (line) => lines.push(line)).record({ ...entry, request_id: 'r' });
    expect(lines).toHaveLength(1);
  });
});
