import { sameIdentity, type CandidateFile, type FileIdentity } from './discovery';

const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 3_600_000;

interface Failure {
  readonly identity: FileIdentity;
  readonly reason: string;
  readonly times: number;
  /** On the monotonic clock, in milliseconds. */
  readonly retryAt: number;
}

/**
 * Files whose `--metadata` had to be ended because it took too long, by file identity (META-2): they are not run again
 * at each scan, but after 1, 2, 4 … 60 minutes, when the file has changed, or when somebody insists. What fails at once
 * is not in here, since trying it again costs nothing. A host that starts anew tries all of them.
 */
export class MetadataFailures {
  private readonly failures = new Map<string, Failure>();

  /** @param now the monotonic clock, in milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Why the file is not run this time; undefined when it is to be tried. */
  reasonAgainst({ name, identity }: CandidateFile): string | undefined {
    const failure = this.failures.get(name);
    if (failure === undefined || !sameIdentity(failure.identity, identity)) return undefined;
    return this.now() < failure.retryAt ? failure.reason : undefined;
  }

  /** Whether one of them is to be tried by now. */
  hasDue(): boolean {
    return [...this.failures.values()].some(({ retryAt }) => this.now() >= retryAt);
  }

  timedOut({ name, identity }: CandidateFile, reason: string): void {
    const before = this.failures.get(name);
    const times = before !== undefined && sameIdentity(before.identity, identity) ? before.times + 1 : 1;
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (times - 1), LAST_RETRY_MS);
    this.failures.set(name, { identity, reason, times, retryAt: this.now() + waitMs });
  }

  answered({ name }: CandidateFile): void {
    this.failures.delete(name);
  }

  /** Forgets files that are not there any more. */
  keepOnly(present: ReadonlySet<string>): void {
    for (const name of [...this.failures.keys()]) if (!present.has(name)) this.failures.delete(name);
  }

  clear(): void {
    this.failures.clear();
  }
}
