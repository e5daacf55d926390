import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ANSWER } from './programs/answer';
import { installed } from './installed';

const run = promisify(execFile);

export interface WrkOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly headers: CredentialHeaders;
}

/** What a request is authenticated by; the peers that check nothing get it as well. */
export interface CredentialHeaders {
  readonly cookie?: string;
  readonly authorization?: string;
}

export interface WrkResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

interface Printed {
  readonly requests: number;
  readonly duration_us: number;
  readonly failed: number;
  readonly wrong: number;
  readonly p50_us: number;
  readonly p99_us: number;
}

/**
 * One run of wrk with one thread, kept to the last processor so that it stays where it is while the kernel places the
 * servers. Throws where one answer was not the one that was asked for: each status and each body is looked at.
 */
export async function wrk({ url, connections, seconds, headers }: WrkOptions): Promise<WrkResult> {
  const script = path.join(import.meta.dirname, 'check.lua');
  // wrk knows whole seconds alone
  const duration = `${Math.max(1, Math.round(seconds))}s`;
  const wrkArguments = ['-t1', `-c${connections}`, `-d${duration}`, '--timeout', '30s', '-s', script, url];
  const pinned = ['-c', String(availableParallelism() - 1), installed('wrk'), ...wrkArguments];
  const { stdout } = await run(installed('taskset', 'util-linux'), pinned, {
    env: {
      ...process.env,
      BENCH_BODY: JSON.stringify(ANSWER),
      ...(headers.cookie !== undefined && { BENCH_COOKIE: headers.cookie }),
      ...(headers.authorization !== undefined && { BENCH_AUTHORIZATION: headers.authorization }),
    },
  });
  const printed = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Printed;
  const { requests, failed, wrong } = printed;
  if (failed > 0 || wrong > 0 || requests === 0) {
    throw new Error(`${url}: of ${requests} requests ${failed} failed and ${wrong} had a wrong answer`);
  }
  const perSecond = (requests * 1e6) / printed.duration_us;
  return { requests, perSecond, p50Us: printed.p50_us, p99Us: printed.p99_us };
}
