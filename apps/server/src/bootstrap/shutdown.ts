import type { INestApplication } from '@nestjs/common';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Configuration } from '../config';
import { EventsService } from '../events';
import { GatewayService } from '../gateway';
import { HealthService } from '../health';
import { PluginSupervisor } from '../supervisor';

/**
 * What the end of the host may take beyond the waits that are settings, in milliseconds: closing the database, writing the
 * logs out, on a machine that stands still for a while too.
 */
const MARGIN_MS = 10_000;

/**
 * The orderly end (SUP-7): accept nothing new, let what is in flight finish, stop the plugins in parallel, close the
 * database and the logs. Bounded: past the sum of all waits the process ends all the same, with status 1.
 */
export async function shutDown(app: INestApplication, configuration: Configuration, logger: Logger): Promise<void> {
  const { drainMs, shutdownGraceMs, killDelayMs } = configuration;
  const bound = setTimeout(
    () => {
      logger.fatal('the host did not end in time and is ended now');
      process.exit(1);
    },
    drainMs + shutdownGraceMs + killDelayMs + MARGIN_MS,
  );
  bound.unref();
  app.get(HealthService).end();
  const server = app.getHttpServer() as Server;
  server.close();
  server.closeIdleConnections();
  await Promise.race([app.get(GatewayService).drain(), delay(drainMs, undefined, { ref: false })]);
  await app.get(PluginSupervisor).stopAll();
  app.get(GatewayService).endConnections();
  await app.get(EventsService).flush();
  server.closeAllConnections();
  await app.close();
}
