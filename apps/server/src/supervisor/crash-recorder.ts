import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { CrashDetails, CrashSummary, LogEntry, Page } from '@toru/contracts';
import { lastWords } from '@toru/protocol';
import { AppError, errorMessage } from '../common';
import { Configuration } from '../config';
import { LogsService } from '../logs';
import { crashDossier } from './crash-dossier';
import type { CrashReport } from './crash-report';
import { CrashStore } from './crash-store.port';
import { OomKills } from './oom-kills';
import { ResourceSamples } from './resource-samples.port';

/** How long the end of the host waits for the database. */
const CLOSE_TIMEOUT_MS = 2000;
/** More than this are not written at a time: a database that is away must not fill the memory. */
const MAX_UNWRITTEN = 100;

/** Puts together all that is known of a crash, and keeps it. */
@Injectable()
export class CrashRecorder implements OnApplicationShutdown {
  private readonly writing = new Set<Promise<void>>();

  constructor(
    private readonly store: CrashStore,
    private readonly logs: LogsService,
    private readonly samples: ResourceSamples,
    private readonly oomKills: OomKills,
    private readonly configuration: Configuration,
  ) {}

  /** The last error since then (ms since the epoch), or else what the last warnings say: plain text on stderr is one. */
  lastTrouble(plugin: string, since: number): string | undefined {
    const recent = this.logs.lastLines(plugin).filter((line) => Date.parse(line.timestamp) >= since);
    const error = recent.findLast((line) => line.level === 'error' || line.level === 'fatal');
    return error?.message ?? lastWords(recent.filter(({ level }) => level === 'warn').map(({ message }) => message));
  }

  /** Takes what memory knows of it at once; writes it behind. `onFailure` is told why it could not be kept. */
  record(plugin: string, version: string | null, report: CrashReport, onFailure: (why: string) => void): void {
    if (this.writing.size >= MAX_UNWRITTEN) {
      onFailure('too many crashes wait for the database');
      return;
    }
    const lines: readonly LogEntry[] = this.logs.lastLines(plugin);
    const samples = this.samples.recent(plugin);
    const work = (async () => {
      const unknown = report.exit?.signal === 'SIGKILL' && report.oomKills === null;
      const oomKills = unknown ? await this.oomKills.sinceLast() : 0;
      const crash = crashDossier(report, { plugin, version, lines, samples, oomKills });
      await this.store.add(crash, this.configuration.crashesKept);
    })();
    const done: Promise<void> = work
      .catch((error: unknown) => {
        onFailure(errorMessage(error));
      })
      .finally(() => this.writing.delete(done));
    this.writing.add(done);
  }

  /** One page, newest first; a crash that was told of before the call is in it. */
  async list(plugin: string, page: number, pageSize: number): Promise<Page<CrashSummary>> {
    await Promise.all(this.writing);
    const crashes = await this.store.list(plugin, (page - 1) * pageSize, pageSize + 1);
    return {
      items: crashes.slice(0, pageSize),
      ...{ page, page_size: pageSize, has_more: crashes.length > pageSize },
    };
  }

  /** @throws AppError `not_found` */
  async get(plugin: string, id: number): Promise<CrashDetails> {
    await Promise.all(this.writing);
    const crash = await this.store.get(plugin, id);
    if (crash !== undefined) return crash;
    const detail = `There is no crash ${id} of ${plugin}. GET /api/plugins/${plugin}/crashes lists those that are kept.`;
    throw new AppError('not_found', detail, { plugin });
  }

  async onApplicationShutdown(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    await Promise.race([Promise.all(this.writing).then(() => undefined), late]);
    clearTimeout(timer);
  }
}
