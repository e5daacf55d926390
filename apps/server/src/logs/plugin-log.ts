import { LOG_LEVELS, type LogEntry, type LogLevel } from '@toru/contracts';
import type { Cancel, Clock, Concealment } from '../common';
import type { SplitLine } from './line-splitter';
import { entryOfOutput, entryOfRecord, serializeEntry, type LogRecord, type OutputStream } from './log-line';
import { OutputLimit, type OutputRate } from './output-limit';
import type { RotatingLogFile } from './rotating-log-file';

/** How many of the newest lines are kept in memory, dropped ones too: they tell why a plugin failed. */
const LAST_LINES = 200;
/** The most that these may hold together, in characters. */
const LAST_LINES_CHARACTERS = 256 * 1024;
/** A longer line of an SDK, in characters of JSON, loses its fields and the end of its message. */
const MAX_RECORD_CHARACTERS = 256 * 1024;
const MAX_MESSAGE_CHARACTERS = 32 * 1024;
/** How often a line says how many were dropped, while any are. */
const DROP_NOTICE_MS = 5000;

/** What became of the lines of a plugin since the host started. */
export interface LineCounts {
  /** Given to its log file. */
  readonly written: Readonly<Record<LogLevel, number>>;
  /** Thrown away, because it wrote faster than it may. */
  readonly dropped: number;
}

/** The log of one plugin: limits what goes to its file, and remembers the last lines. */
export class PluginLog {
  private readonly limit: OutputLimit;
  private readonly last: { readonly characters: number; readonly entry: () => LogEntry }[] = [];
  private lastCharacters = 0;
  private dropped = 0;
  private readonly written = Object.fromEntries(LOG_LEVELS.map((level) => [level, 0])) as Record<LogLevel, number>;
  private droppedInAll = 0;
  private cancelNotice: Cancel | undefined;

  constructor(
    private readonly plugin: string,
    readonly file: RotatingLogFile,
    private readonly clock: Clock,
    private readonly concealment: Concealment,
    rate?: OutputRate,
  ) {
    this.limit = new OutputLimit(clock, rate);
  }

  /** Nothing more may be written now: what comes may be counted without being looked at. */
  get isOverLimit(): boolean {
    return this.limit.isExhausted;
  }

  /** A line that the plugin printed. Blank ones say nothing and are left out. */
  printed(stream: OutputStream, line: SplitLine): void {
    if (line.text.trim() === '' && line.cutBytes === 0) return;
    const text = this.concealment.in(this.plugin, line.text);
    const output = { plugin: this.plugin, stream, text, cutBytes: line.cutBytes, now: this.clock.now() };
    this.take(() => entryOfOutput(output), line.text.length);
  }

  /** A line that the plugin logged through its SDK. */
  logged(record: LogRecord): void {
    let entry = this.concealment.inValue(this.plugin, entryOfRecord(this.plugin, record, this.clock.now()));
    if (serializeEntry(entry).length > MAX_RECORD_CHARACTERS) {
      const message = entry.message.slice(0, MAX_MESSAGE_CHARACTERS);
      entry = entryOfRecord(this.plugin, { level: record.level, message, fields: { truncated: true } }, this.clock.now());
    }
    this.take(() => entry, serializeEntry(entry).length);
  }

  /** Lines that were thrown away unseen. */
  discarded(lines: number): void {
    if (lines === 0) return;
    this.dropped += lines;
    this.droppedInAll += lines;
    this.cancelNotice ??= this.clock.setTimeout(() => {
      this.noteDropped();
    }, DROP_NOTICE_MS);
  }

  /** Writes down how many lines were dropped since the last time, if any were. */
  noteDropped(): void {
    this.cancelNotice?.();
    this.cancelNotice = undefined;
    if (this.dropped === 0) return;
    const message = `${this.dropped} lines of output were dropped: the plugin writes faster than it may`;
    const record: LogRecord = { level: 'warn', message, fields: { dropped_lines: this.dropped } };
    this.dropped = 0;
    this.file.write(serializeEntry(entryOfRecord(this.plugin, record, this.clock.now())));
  }

  /** The newest lines, oldest first. */
  lastLines(): LogEntry[] {
    return this.last.map((line) => line.entry());
  }

  /** A copy, for whoever looks now. */
  get counts(): LineCounts {
    return { written: { ...this.written }, dropped: this.droppedInAll };
  }

  async close(): Promise<void> {
    this.noteDropped();
    await this.file.close();
  }

  private take(entry: () => LogEntry, characters: number): void {
    this.remember(entry, characters);
    if (this.limit.isExhausted) {
      this.discarded(1);
      return;
    }
    const taken = entry();
    const line = serializeEntry(taken);
    if (!this.limit.take(Buffer.byteLength(line))) {
      this.discarded(1);
      return;
    }
    this.written[taken.level]++;
    this.file.write(line);
  }

  private remember(entry: () => LogEntry, characters: number): void {
    this.last.push({ characters, entry });
    this.lastCharacters += characters;
    while (this.last.length > LAST_LINES || (this.lastCharacters > LAST_LINES_CHARACTERS && this.last.length > 1)) {
      this.lastCharacters -= this.last.shift()?.characters ?? 0;
    }
  }
}
