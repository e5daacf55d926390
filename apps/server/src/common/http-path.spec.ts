import fc from 'fast-check';
import { canonicalPath } from './http-path';

describe('canonicalPath', () => {
  it.each([
    ['/', '/', ''],
    ['/plugins/acme', '/plugins/acme', ''],
    ['/plugins/acme/', '/plugins/acme/', ''],
    ['/plugins/acme/a.b/..c/.d?x=../..%2f', '/plugins/acme/a.b/..c/.d', '?x=../..%2f'],
    ['/a%20b/%C5%BE', '/a%20b/%C5%BE', ''],
    ['/a?', '/a', '?'],
    ['/a%2525', '/a%2525', ''],
  ])('[RTE-4] takes %s as it is', (target, path, query) => {
    expect(canonicalPath(target)).toEqual({ ok: true, path, query });
  });

  it.each([
    '',
    '*',
    'http://host/plugins/acme',
    '//plugins/acme',
    '/plugins//acme',
    '/plugins/./acme',
    '/plugins/../acme',
    '/plugins/acme/..',
    '/plugins/acme/.',
    '/plugins/%2e%2e/acme',
    '/plugins/.%2E/acme',
    '/plugins/%252e%252e/acme',
    '/plugins/acme%2fb',
    '/plugins/acme%2Fb',
    '/plugins/acme%5cb',
    '/plugins/acme%00',
    '/plugins/acme%252f',
    '/plugins/acme%25252f',
    '/plugins/acme\\b',
    '/plugins/%',
    '/plugins/%2',
    '/plugins/%zz',
    '/plugins/ž',
    '/plugins/a b',
    '/plugins/a\u0000',
    '/plugins/a\u007f',
    '/plugins/a#b',
    '/plugins/a?b\nc',
  ])('[RTE-4] refuses %j', (target) => {
    expect(canonicalPath(target)).toEqual({ ok: false, reason: expect.any(String) as string });
  });

  it('[RTE-4] whatever it takes has no second reading', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('/', '.', '%', '2', 'e', 'f', '5', 'c', '0', 'a', '?', '\\')), (parts) => {
        const canonical = canonicalPath(`/${parts.join('')}`);
        if (!canonical.ok) return;
        let decoded = canonical.path;
        for (let round = 0; round < 3; round++) {
          expect(decoded.split('/').slice(1, -1)).not.toEqual(
            expect.arrayContaining([expect.stringMatching(/^\.{0,2}$/)]),
          );
          expect(decoded).not.toMatch(/[\\\0]/);
          expect(decoded.split('/')).toHaveLength(canonical.path.split('/').length);
          try {
            decoded = decodeURIComponent(decoded);
          } catch {
            return;
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
