import type { JsonObject } from '@toru/contracts';
import { readHttpLimits } from './http-limits';
import { parseMetadata } from './metadata';

const FULL: JsonObject = {
  ...{ concurrency: 4, queue: 0, queue_timeout_ms: 0, first_byte_timeout_ms: 1, idle_timeout_ms: 0 },
  max_body_bytes: 0,
  paths: [{ path: '/report/*', first_byte_timeout_ms: 300_000 }, { path: '/' }],
};

describe('readHttpLimits', () => {
  it('[META-1] takes every field into a fresh object; null is absent', () => {
    expect(readHttpLimits(FULL, { strict: true })).toEqual({ ok: true, limits: FULL });
    expect(readHttpLimits({ queue: null, paths: null })).toEqual({ ok: true, limits: {} });
    expect(readHttpLimits({ colour: 1, ['__proto__']: { queue: 1 } })).toEqual({ ok: true, limits: {} });
  });

  it.each([
    [[], ''],
    ['1', ''],
    [undefined, ''],
    [{ concurrency: 0 }, 'concurrency'],
    [{ concurrency: 1025 }, 'concurrency'],
    [{ queue: -1 }, 'queue'],
    [{ queue_timeout_ms: 1.5 }, 'queue_timeout_ms'],
    [{ first_byte_timeout_ms: 0 }, 'first_byte_timeout_ms'],
    [{ idle_timeout_ms: '5' }, 'idle_timeout_ms'],
    [{ max_body_bytes: 2 ** 53 }, 'max_body_bytes'],
    [{ paths: {} }, 'paths'],
    [{ paths: Array(65).fill({ path: '/a' }) }, 'paths'],
    [{ paths: [1] }, 'paths.0'],
    [{ paths: [{ path: '/a' }, { path: 'a' }] }, 'paths.1.path'],
    [{ paths: [{ path: '/a/../b' }] }, 'paths.0.path'],
    [{ paths: [{ path: '/a', max_body_bytes: -1 }] }, 'paths.0.max_body_bytes'],
  ])('[META-1] [API-6] %j is refused where it is wrong: %s', (value, path) => {
    const read = readHttpLimits(value);
    expect(read).toMatchObject({ ok: false });
    if (!read.ok) expect(read.errors.map((error) => error.path)).toContain(path);
  });

  it('[API-6] strictly, what is not known is refused', () => {
    expect(readHttpLimits({ colour: 1, paths: [{ path: '/', concurrency: 2 }] }, { strict: true })).toMatchObject({
      errors: [{ path: 'colour' }, { path: 'paths.0.concurrency' }],
    });
  });
});

describe('http in the metadata', () => {
  const parse = (http: unknown): ReturnType<typeof parseMetadata> =>
    parseMetadata(Buffer.from(JSON.stringify({ id: 'a', name: 'a', version: '1', icon: 'x', route: '/a', http })));

  it('[META-1] is read, and what is wrong in it is named', () => {
    expect(parse(FULL)).toMatchObject({ ok: true, metadata: { http: FULL } });
    expect(parse({ queue: 'x', paths: [{}] })).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/http\.queue must.*http\.paths\.0\.path must/),
    });
    expect(parse(null)).not.toHaveProperty('metadata.http');
  });
});
