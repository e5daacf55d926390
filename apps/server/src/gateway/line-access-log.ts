import { timestamp, type Clock } from '../common';
import { AccessLog, type AccessRecord } from './gateway.ports';

/**
 * The access log as lines of the host's own log. They are put together here: a line for each request, as the library makes
 * it, is a twentieth of the request's processor time and a fifth of its garbage.
 */
export class LineAccessLog extends AccessLog {
  constructor(
    private readonly clock: Clock,
    /** Takes one line without its newline; undefined: the log's level leaves these lines out. */
    private readonly write: ((line: string) => void) | undefined,
  ) {
    super();
  }

  override record(entry: AccessRecord): void {
    this.write?.(accessLine(entry, timestamp(this.clock.now())));
  }
}

/** The same line as the log's library would make of the record. */
export function accessLine(entry: AccessRecord, time: string): string {
  const { method, path, plugin, status, user, bytes, bytes_received: received } = entry;
  return (
    `{"level":"info","timestamp":"${time}","context":"gateway","method":"${method}","path":${JSON.stringify(path)},` +
    `"plugin":${JSON.stringify(plugin)},"status":${status},"duration_ms":${entry.duration_ms},` +
    `"user":${JSON.stringify(user)},"request_id":"${entry.request_id}","bytes":${bytes}` +
    `${received === undefined ? '' : `,"bytes_received":${received}`},"message":"plugin request"}`
  );
}
