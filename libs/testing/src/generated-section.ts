import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The part of a page between `<!-- generated: name -->` and `<!-- end: name -->`, without the empty lines around it.
 * With `UPDATE_DOCS=1` in the environment, `content` is written there first.
 * @param file from the root of the checkout
 */
export function generatedSection(file: string, name: string, content: string): string {
  const path = fileURLToPath(new URL(`../../../${file}`, import.meta.url));
  const page = readFileSync(path, 'utf8');
  const [begin, end] = [`<!-- generated: ${name} -->\n`, `\n<!-- end: ${name} -->`];
  const from = page.indexOf(begin) + begin.length;
  const to = page.indexOf(end, from);
  if (!page.includes(begin) || to < 0) throw new Error(`${file} has no section ${name}`);
  if (process.env['UPDATE_DOCS'] !== '1') return page.slice(from, to).trim();
  writeFileSync(path, `${page.slice(0, from)}\n${content}\n${page.slice(to)}`);
  return content;
}

/** A Markdown table as Prettier formats it. The first row is the head. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(3, ...cells.map((row) => Array.from(row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - Array.from(cell).length)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
