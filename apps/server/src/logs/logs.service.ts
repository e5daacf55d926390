import path from 'node:path';
import type { Readable } from 'node:stream';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { LogEntry, LogLevel, Page } from '@toru/contracts';
import { AppError, Clock, Concealment, errorCode, errorMessage } from '../common';
import { Configuration } from '../config';
import { entryOfRecord, serializeEntry, type LogRecord, type OutputStream } from './log-line';
import { readLogPage, type LogFilter } from './log-reader';
import { captureOutput, type CaptureHandle } from './output-capture';
import { PluginLog, type LineCounts } from './plugin-log';
import { RotatingLogFile } from './rotating-log-file';

export interface LogQuery extends LogFilter {
  /** `supervisor`: what the host did with plugins; with `pluginId`, with this one. */
  readonly source: 'plugin' | 'supervisor';
  /** Whose log; needed for `plugin`. */
  readonly pluginId?: string;
  /** Counts from 1. */
  readonly page: number;
  readonly pageSize: number;
}

/** How long the end of the host waits for the disk. */
const CLOSE_TIMEOUT_MS = 2000;
const PLUGIN_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
/** What a line of the supervisor's log is about when it is about no plugin. */
const NO_PLUGIN = '';

/** The logs of the plugins and of their supervisor: writing, and reading back (OBS-1, OBS-2, API-3). */
@Injectable()
export class LogsService implements OnApplicationShutdown {
  private readonly logger = new Logger(LogsService.name);
  private readonly plugins = new Map<string, PluginLog>();
  private readonly captures = new Set<CaptureHandle>();
  private readonly concealment = new Concealment();
  private readonly supervisor: RotatingLogFile;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly configuration: Configuration,
    private readonly clock: Clock,
  ) {
    this.supervisor = this.openLog(path.join(configuration.logDir, 'plugin-supervisor.log'), NO_PLUGIN);
  }

  /** Takes over an output stream of a plugin's process: it is always drained, whatever comes. */
  capture(pluginId: string, stream: Readable, name: OutputStream): CaptureHandle {
    const handle = captureOutput(stream, name, this.logOf(pluginId));
    this.captures.add(handle);
    void handle.done.then(() => this.captures.delete(handle));
    return handle;
  }

  /** Strikes a secret that the plugin has been handed out of its lines and out of those about it, from now on. */
  conceal(pluginId: string, secret: string): void {
    this.concealment.add(pluginId, secret);
  }

  /** A line that a plugin logs through its SDK. It counts against the same limit as what it prints. */
  writePluginLine(pluginId: string, record: LogRecord): void {
    this.logOf(pluginId).logged(record);
  }

  /** One action of the supervisor (OBS-2). `pluginId` is null where the action concerns no single plugin. */
  supervisorLog(
    action: string,
    pluginId: string | null,
    message: string,
    level: LogLevel = 'info',
    fields: Readonly<Record<string, unknown>> = {},
  ): void {
    const { error, ...rest } = fields;
    const record: LogRecord = { level, message, error, fields: { ...rest, action } };
    const entry = entryOfRecord(pluginId ?? NO_PLUGIN, record, this.clock.now());
    this.supervisor.write(this.concealment.in(pluginId ?? NO_PLUGIN, serializeEntry(entry)));
  }

  /** The newest lines of a plugin, oldest first, from memory: the ones that the rate limit dropped are there too. */
  lastLines(pluginId: string): LogEntry[] {
    return this.plugins.get(pluginId.toLowerCase())?.lastLines() ?? [];
  }

  /** How many lines a plugin has written, and how many of them were dropped; undefined where it has written none. */
  lineCounts(pluginId: string): LineCounts | undefined {
    return this.plugins.get(pluginId.toLowerCase())?.counts;
  }

  /** Ids that differ only in case are one plugin, and share a file. */
  logPathOf(pluginId: string): string {
    if (!PLUGIN_ID.test(pluginId)) throw new AppError('plugin_not_found', 'This is not the id of a plugin.');
    return path.join(this.configuration.logDir, 'plugins', `${pluginId.toLowerCase()}.log`);
  }

  /** One page, newest first; what was written before the call is in it. */
  async read(query: LogQuery): Promise<Page<LogEntry>> {
    const ofPlugin = query.source === 'plugin';
    const file = ofPlugin ? this.logPathOf(query.pluginId ?? '') : this.supervisor.path;
    await (ofPlugin ? this.plugins.get(query.pluginId?.toLowerCase() ?? '')?.file : this.supervisor)?.flush();
    const { level, search, page, pageSize, pluginId } = query;
    const options = {
      page,
      pageSize,
      ...(level ? { level } : {}),
      ...(search ? { search } : {}),
      ...(!ofPlugin && pluginId !== undefined ? { plugin: pluginId } : {}),
      defaultPlugin: ofPlugin ? (pluginId ?? NO_PLUGIN) : NO_PLUGIN,
      keptFiles: this.configuration.logFiles,
    };
    try {
      return await readLogPage(file, options);
    } catch (error) {
      throw new AppError('storage_unavailable', `The log cannot be read at the moment (${errorCode(error)}).`, {
        cause: error,
      });
    }
  }

  /** Resolves when everything taken so far is on disk, or cannot be put there now. */
  async flush(): Promise<void> {
    await Promise.all([...this.plugins.values()].map((log) => log.file.flush()).concat(this.supervisor.flush()));
  }

  /** Takes the last lines, writes everything out and closes the files, within a bound. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  private async closeAll(): Promise<void> {
    for (const capture of this.captures) capture.stop();
    const closed = Promise.all([...this.plugins.values()].map((log) => log.close()).concat(this.supervisor.close()));
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    await Promise.race([closed.then(() => undefined), timeout]);
    clearTimeout(timer);
  }

  private logOf(pluginId: string): PluginLog {
    const key = pluginId.toLowerCase();
    let log = this.plugins.get(key);
    if (!log) {
      log = new PluginLog(pluginId, this.openLog(this.logPathOf(pluginId), pluginId), this.clock, this.concealment);
      this.plugins.set(key, log);
    }
    return log;
  }

  private openLog(file: string, plugin: string): RotatingLogFile {
    return new RotatingLogFile(file, {
      clock: this.clock,
      maxFileBytes: this.configuration.logMaxBytes,
      keptFiles: this.configuration.logFiles,
      lossNotice: (lines) => {
        const message = `${lines} lines were lost: the log could not be written`;
        const record: LogRecord = { level: 'warn', message, fields: { lost_lines: lines } };
        return serializeEntry(entryOfRecord(plugin, record, this.clock.now()));
      },
      onFailure: (error) => {
        this.logger.warn(`Cannot write ${file}, trying again every second: ${errorMessage(error)}`);
      },
    });
  }
}
