import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import type { Params } from 'nestjs-pino';
import pino, { multistream, type Logger } from 'pino';
import { pinoHttp, type HttpLogger } from 'pino-http';
import { requestIdOf, SystemClock, timestamp } from '../common';
import type { Configuration } from '../config';
import { RotatingLogFile } from '../logs';

/** The host's own log: JSON lines in `<log dir>/host.log`; warnings and worse go to the standard output as well. */
export interface HostLog {
  readonly logger: Logger;
  /** Takes a line of the level `info` that is made already, without its newline; undefined: the level leaves these out. */
  readonly writeInfo: ((line: string) => void) | undefined;
  close(): Promise<void>;
}

export function openHostLog(configuration: Configuration): HostLog {
  const clock = new SystemClock();
  const file = new RotatingLogFile(join(configuration.logDir, 'host.log'), {
    clock,
    maxFileBytes: configuration.logMaxBytes,
    keptFiles: configuration.logFiles,
    lossNotice: (lines) =>
      JSON.stringify({
        level: 'warn',
        timestamp: timestamp(clock.now()),
        message: `${lines} lines were lost: the log could not be written`,
      }),
    onFailure: (error) => {
      process.stderr.write(`the host's log cannot be written: ${String(error)}\n`);
    },
  });
  const logger = pino(
    {
      level: configuration.logLevel,
      base: null,
      // the names of the other logs' fields, so that one shipper configuration serves all of them
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${timestamp(clock.now())}"`,
      formatters: { level: (level) => ({ level }) },
    },
    multistream([
      {
        level: configuration.logLevel,
        stream: {
          write: (line: string) => {
            file.write(line.trimEnd());
          },
        },
      },
      { level: 'warn', stream: process.stdout },
    ]),
  );
  const writeInfo = (line: string): void => {
    file.write(line);
  };
  return { logger, writeInfo: logger.isLevelEnabled('info') ? writeInfo : undefined, close: () => file.close() };
}

/**
 * The logger of the framework. It mounts nothing by itself: what it mounts carries the request along in an asynchronous
 * store, and from the first request on every promise in the process would pay for that (ADR 24).
 */
export function loggerParams(log: HostLog): Params {
  return { pinoHttp: { logger: log.logger }, forRoutes: [] };
}

/** Logs each request that the gateway has not answered: no headers, no cookies, no query. */
export function requestLog(log: HostLog): HttpLogger {
  return pinoHttp({
    logger: log.logger,
    genReqId: (request: IncomingMessage) => requestIdOf(request),
    quietReqLogger: true,
    serializers: {
      req: (request: { method: string; url: string }) => ({ method: request.method, path: pathOf(request.url) }),
      res: (response: { statusCode: number }) => ({ status: response.statusCode }),
    },
    customAttributeKeys: { reqId: 'request_id', responseTime: 'duration_ms' },
    autoLogging: { ignore: (request: IncomingMessage) => isQuiet(request.url ?? '') },
  });
}

/** What browsers and supervisors ask for all the time, and what tells nothing. */
function isQuiet(target: string): boolean {
  return target.startsWith('/console') || target.startsWith('/health/') || target === '/metrics';
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}
