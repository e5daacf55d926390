import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginEvent } from '@toru/contracts';
import type { TestHost } from './host';

export interface SupervisorLine {
  readonly timestamp: string;
  readonly level: string;
  readonly plugin: string;
  readonly action: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** What the supervisor wrote of a plugin, in order, as a log shipper would read it. */
export function supervisorLines(host: TestHost, plugin: string): readonly SupervisorLine[] {
  const text = readFileSync(path.join(host.directories.log, 'plugin-supervisor.log'), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as SupervisorLine)
    .filter((line) => line.plugin === plugin);
}

/** The same, once there are so many lines of an action: lines are written beside what they tell of. */
export function untilSupervisorLines(
  host: TestHost,
  plugin: string,
  action: string,
  count = 1,
): Promise<readonly SupervisorLine[]> {
  return host.waitFor(`${count} lines ${action} of ${plugin}`, () => {
    const lines = supervisorLines(host, plugin);
    return lines.filter((line) => line.action === action).length >= count && lines;
  });
}

/** The rows of `plugin_events` of a plugin, oldest first. */
export async function eventsOf(host: TestHost, plugin: string): Promise<readonly PluginEvent[]> {
  const { items } = await host.json<{ items: PluginEvent[] }>(`/api/plugins/${plugin}/events?page_size=200`);
  return items.reverse();
}
