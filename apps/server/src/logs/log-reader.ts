import { lstat, type FileHandle } from 'node:fs/promises';
import type { LogEntry, LogLevel, Page } from '@toru/contracts';
import { severityOf } from './log-levels';
import { openForReading } from './log-file-path';
import { parseStoredLine } from './stored-line';
import { linesFromTheEnd, type ScanBudget } from './reverse-lines';

/** More is not read for one page; the rotated files of one plugin fit into it. */
export const MAX_SCANNED_BYTES = 64 * 1024 * 1024;

export interface LogFilter {
  /** This level and the worse ones. */
  readonly level?: LogLevel;
  /** A text that the message or the stored line contains, whatever its case. */
  readonly search?: string;
  /** Only lines about this plugin. */
  readonly plugin?: string;
}

export interface LogReadOptions extends LogFilter {
  /** Counts from 1. */
  readonly page: number;
  readonly pageSize: number;
  /** What a line that names no plugin is about. */
  readonly defaultPlugin: string;
  /** How many rotated files there may be. */
  readonly keptFiles: number;
  /** For tests. */
  readonly maxScannedBytes?: number;
}

interface OpenLog {
  readonly handle: FileHandle;
  readonly identity: string;
  readonly size: number;
  readonly modified: Date;
}

/**
 * One page of a log, newest first, across its rotated files, without reading whole files into memory (API-3). A line
 * that is no entry of a log comes as plain text. When the bound on the work is reached, the page ends early and says
 * that there is more.
 */
export async function readLogPage(path: string, options: LogReadOptions): Promise<Page<LogEntry>> {
  const items: LogEntry[] = [];
  const page = (hasMore: boolean): Page<LogEntry> => ({
    items,
    page: options.page,
    page_size: options.pageSize,
    has_more: hasMore,
  });
  const matches = matcher(options);
  let toSkip = (options.page - 1) * options.pageSize;
  const budget: ScanBudget = { remainingBytes: options.maxScannedBytes ?? MAX_SCANNED_BYTES };
  const logs = await openAll(path, options.keptFiles);
  try {
    for (const log of logs) {
      let newerTimestamp = log.modified.toISOString();
      for await (const line of linesFromTheEnd(log.handle, log.size, budget)) {
        if (!matches && toSkip > 0) {
          toSkip -= 1;
          continue;
        }
        const entry = parseStoredLine(line, { plugin: options.defaultPlugin, timestamp: newerTimestamp });
        newerTimestamp = entry.timestamp;
        if (matches && !matches(entry, line)) continue;
        if (toSkip > 0) {
          toSkip -= 1;
          continue;
        }
        if (items.length === options.pageSize) return page(true);
        items.push(entry);
      }
    }
    return page(budget.remainingBytes <= 0);
  } finally {
    await Promise.all(logs.map((log) => log.handle.close()));
  }
}

/** How often the files are opened anew because they were rotated meanwhile; after that their order may be off. */
const MAX_OPENINGS = 3;

/** The file and its rotated ones, newest first, as they stood at one moment between two rotations. */
async function openAll(path: string, keptFiles: number): Promise<OpenLog[]> {
  for (let opening = 1; ; opening += 1) {
    const logs = await openInOrder(path, keptFiles);
    const newest = logs[0];
    const now = await lstat(path).catch(() => undefined);
    if (opening === MAX_OPENINGS || !newest || !now || newest.identity === identityOf(now)) return logs;
    await Promise.all(logs.map((log) => log.handle.close()));
  }
}

/**
 * Opened from the newest to the oldest, so that a rotation in between can only show a file twice, and the second time
 * is left out; none is missed.
 */
async function openInOrder(path: string, keptFiles: number): Promise<OpenLog[]> {
  const logs: OpenLog[] = [];
  const seen = new Set<string>();
  try {
    for (let number = 0; number <= keptFiles; number += 1) {
      const handle = await openForReading(number === 0 ? path : `${path}.${number}`);
      if (!handle) continue;
      const stats = await handle.stat();
      const identity = identityOf(stats);
      if (seen.has(identity)) {
        await handle.close();
        continue;
      }
      seen.add(identity);
      logs.push({ handle, identity, size: stats.size, modified: stats.mtime });
    }
    return logs;
  } catch (error) {
    await Promise.all(logs.map((log) => log.handle.close()));
    throw error;
  }
}

function identityOf(stats: { readonly dev: number; readonly ino: number }): string {
  return `${stats.dev}:${stats.ino}`;
}

function matcher(filter: LogFilter): ((entry: LogEntry, line: string) => boolean) | undefined {
  const { level } = filter;
  const search = filter.search?.toLowerCase();
  const plugin = filter.plugin?.toLowerCase();
  if (level === undefined && !search && plugin === undefined) return undefined;
  return (entry, line) =>
    (level === undefined || severityOf(entry.level) >= severityOf(level)) &&
    (plugin === undefined || entry.plugin.toLowerCase() === plugin) &&
    (!search || entry.message.toLowerCase().includes(search) || line.toLowerCase().includes(search));
}
