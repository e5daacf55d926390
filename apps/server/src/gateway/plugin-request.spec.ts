import { readFileSync } from 'node:fs';
import { MANAGEMENT_ENDPOINTS } from '@toru/contracts';
import fc from 'fast-check';
import { canonicalPath } from '../common';
import { matchPluginRequest, pathForPlugin } from './plugin-request';
import { ODD_PATHS, type OddPathOutcome } from './testing/odd-paths';

function decide(target: string): OddPathOutcome {
  const canonical = canonicalPath(target);
  if (!canonical.ok) return { by: 'gateway', status: 400, code: 'malformed_path' };
  const match = matchPluginRequest(canonical.path);
  if (match === undefined) return { by: 'host' };
  if (match.name?.toLowerCase() === 'acme') {
    return { by: 'plugin', given: pathForPlugin(match, '/acme', canonical.query) };
  }
  return { by: 'gateway', status: 404, code: match.form === 'id' ? 'plugin_not_found' : 'route_not_found' };
}

describe('matchPluginRequest', () => {
  it.each(ODD_PATHS)('[RTE-1] [RTE-2] [RTE-3] [RTE-4] decides $target', ({ target, outcome }) => {
    expect(decide(target)).toEqual(outcome);
  });

  it('[RTE-4] a prefix and the path that the plugin is given make the path that the client sent', () => {
    const piece = fc.constantFrom('/', 'plugins', 'api', 'route', 'acme', 'acmeX', 'enable', '.', '..', '%2f', 'x');
    const start = fc.constantFrom('/plugins/', '/api/plugins/route/', '/api/plugins/');
    fc.assert(
      fc.property(start, fc.array(piece, { maxLength: 8 }), (head, pieces) => {
        const canonical = canonicalPath(head + pieces.join(''));
        if (!canonical.ok) return;
        const match = matchPluginRequest(canonical.path);
        if (match?.name === undefined) return;
        const given = pathForPlugin(match, `/${match.name}`, '');
        expect(match.prefix + given).toBe(
          match.rest === '' && match.form !== 'page' ? `${canonical.path}/` : canonical.path,
        );
        expect(match.rest).toMatch(/^(?:\/|$)/);
      }),
      { numRuns: 2000 },
    );
  });

  it("[RTE-3] docs/routes.md names all of the host's own endpoints", () => {
    const [sentence = ''] = /The third form leaves.*/.exec(readFileSync('docs/routes.md', 'utf8')) ?? [];
    expect(MANAGEMENT_ENDPOINTS.filter((endpoint) => !sentence.includes(`\`${endpoint}\``))).toEqual([]);
  });
});
