import { dirname, join } from 'node:path';
import { realpathSync } from 'node:fs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import { createValidationPipe, ProblemDetailsFilter, toAppError } from '../common';
import { serveConsole } from './console-assets';
import { serveOpenApi } from './openapi';
import { securityHeaders } from './security-headers';

/** Bodies of the REST API are small, but for values of the key-value store: 1 MiB, each character escaped at worst. */
const BODY_LIMIT = '64kb';
const KV_BODY_LIMIT = '7mb';

/** Everything about HTTP that is not a controller's business. */
export function configureHttp(app: NestExpressApplication): void {
  const server = app.getHttpAdapter().getInstance();
  server.disable('x-powered-by');
  server.set('query parser', 'simple');
  app.use(securityHeaders());
  app.use(/^\/api\/plugins\/[^/]+\/kv$/, express.json({ limit: KV_BODY_LIMIT }));
  app.use('/api', express.json({ limit: BODY_LIMIT }));
  app.use(asOwnError);
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalFilters(new ProblemDetailsFilter());
  serveConsole(server, consoleDirectory());
  serveOpenApi(app);
}

/** Before Nest makes an exception of it that says the parser's words and not any more what went wrong. */
function asOwnError(error: unknown, _request: Request, _response: Response, next: NextFunction): void {
  next(toAppError(error));
}

/** `dist/apps/console/browser`, beside the server's own bundle. */
function consoleDirectory(): string {
  const main = realpathSync(process.argv[1] ?? '.');
  return join(dirname(main), '..', 'console', 'browser');
}
