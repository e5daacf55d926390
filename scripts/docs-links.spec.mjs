import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { inRoot, ROOT } from './lib/paths.mjs';

const pagesBelow = (folder) =>
  readdirSync(inRoot(folder), { recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name));

const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...pagesBelow('docs'),
  'examples/README.md',
];

/** What a reader sees: without fenced code, in which nothing is a link or a heading. */
const textOf = (page) => readFileSync(inRoot(page), 'utf8').replace(/^(```+).*\n[\s\S]*?^\1$/gm, '');

/** The anchors that GitHub gives to the headings of a page. */
const anchorsOf = (page) =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );

/** Each relative link of a page that leads nowhere, as it is written. */
function brokenLinks(page) {
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
  return links.filter((link) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return false;
    const [target, anchor] = link.split('#');
    const file = target === '' ? page : path.join(path.dirname(page), target);
    if (file.startsWith('..') || !existsSync(inRoot(file))) return true;
    return anchor !== undefined && (statSync(inRoot(file)).isDirectory() || !anchorsOf(file).includes(anchor));
  });
}

describe('the documentation', () => {
  it.each(PAGES)('%s has no broken relative link', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it('is reached from its index', () => {
    const index = textOf('docs/README.md');
    const missing = pagesBelow('docs')
      .map((page) => path.relative('docs', page))
      .filter((page) => page !== 'README.md' && !page.startsWith('adr/') && !index.includes(`](${page})`));

    expect(missing).toEqual([]);
  });
});
