import { existsSync, readFileSync } from 'node:fs';
import { journalPath } from '../fixtures/write-fixture';
import type { TestHost } from './host';

/** What a fixture with a journal has written down so far; nothing where it never ran. */
export function journalOf(host: Pick<TestHost, 'directories'>, id: string): readonly string[] {
  const file = journalPath(host.directories.plugins, id);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

/** Each start of the fixture has one line. */
export function startsOf(host: TestHost, id: string): number {
  return journalOf(host, id).filter((line) => line.startsWith('start ')).length;
}
