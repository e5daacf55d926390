import { generatedSection, markdownTable } from '@toru/testing';
import { CHECKS } from './checks';
import { ROUTE_NAMES, ROUTES } from './options';
import { readFileSync } from 'node:fs';

const PAGE = 'docs/conformance.md';

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .toLowerCase()
    .replace(/ /g, '-');
}

function anchorsOf(page: string): readonly string[] {
  const text = readFileSync(`docs/${page}`, 'utf8');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));
}

describe(PAGE, () => {
  it('[LANG-4] lists every check with what it expects and its rule (UPDATE_DOCS=1 writes the table anew)', () => {
    const rows = CHECKS.map(({ id, level, expects, rule, protocol, needs }) => {
      const versions = protocol === undefined ? '1, 2' : String(protocol);
      return [`\`${id}\``, versions, level, needs ?? '', `[${expects}](${rule})`];
    });
    const table = markdownTable([
      ['Check', 'Version', 'Level', 'Route', 'Expected, and where the rule stands'],
      ...rows,
    ]);

    expect(generatedSection(PAGE, 'checks', table)).toBe(table);
  });

  it('[LANG-4] names every route and its option', () => {
    const text = readFileSync(PAGE, 'utf8');
    const missing = ROUTE_NAMES.filter((name) => !text.includes(`--${name}-path`) || !text.includes(ROUTES[name]));

    expect(missing).toEqual([]);
  });
});

describe('the checks', () => {
  it('[LANG-4] have ids of their own', () => {
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
  });

  it('[LANG-4] point at sections that there are', () => {
    const broken = CHECKS.filter(({ rule }) => {
      const [page = '', anchor = ''] = rule.split('#');
      return !anchorsOf(page).includes(anchor);
    });

    expect(broken.map(({ id, rule }) => `${id}: ${rule}`)).toEqual([]);
  });
});
