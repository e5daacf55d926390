import 'reflect-metadata';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AccessBootstrap } from './access';
import { AppModule } from './app.module';
import {
  configureHttp,
  DirectoryHeldError,
  lockDirectories,
  loggerParams,
  openHostLog,
  requestLog,
  shutDown,
  startBlock,
} from './bootstrap';
import { errorMessage } from './common';
import { ConfigurationError, loadConfiguration, type Configuration } from './config';
import { InstanceService, writeInstanceFile } from './identity';
import { PluginsWatcher } from './plugins';
import { PluginSupervisor } from './supervisor';

/** `EX_CONFIG` of sysexits.h: a service manager need not try again. */
const EXIT_CONFIGURATION = 78;
/** `EX_TEMPFAIL`: another host uses the directories; it may be on its way out, so trying again is worth it. */
const EXIT_HELD = 75;
/** How long the host waits with listening until the plugins directory was read. */
const PLUGINS_READ_FIRST_MS = 500;

/**
 * V8 learns where objects that live long are made, and makes them old at once. While a host starts, and with the first
 * requests, that is true of objects which later live for milliseconds: each of them then stayed until the next full
 * collection, and what it names with it. (docs/benchmarks.md, "What a request costs")
 */
setFlagsFromString('--no-allocation-site-pretenuring');

async function main(): Promise<void> {
  const configuration = loadConfiguration(process.env);
  // before anything else is opened or started: two hosts would end each other's plugins and overwrite each other's state
  const lock = lockDirectories(configuration);
  const log = openHostLog(configuration);
  for (const notice of configuration.notices) log.logger.info(notice);
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.with(configuration, loggerParams(log), log.writeInfo),
    {
      bufferLogs: true,
      // a start that fails is one line, told below; what was buffered goes to the log alone
      autoFlushLogs: false,
      bodyParser: false,
      abortOnError: false,
    },
  );
  app.useLogger(app.get(Logger));
  app.flushLogs();
  app.use(requestLog(log));
  configureHttp(app);
  await app.init();
  const unwritten = writeInstanceFile(configuration.dataDir, app.get(InstanceService).instanceId);
  if (unwritten !== undefined) log.logger.warn(unwritten);
  const server = app.getHttpServer();

  const whereabouts = join(configuration.runDir, 'host.json');
  let ending: Promise<void> | undefined;
  const end = (why: string, status: number): void => {
    const began = performance.now();
    log.logger.info({ why }, 'the host shuts down');
    ending ??= shutDown(app, configuration, log.logger)
      .then(() => {
        log.logger.info({ duration_ms: Math.round(performance.now() - began) }, 'the host has shut down in order');
        return log.close();
      })
      .finally(() => {
        rmSync(whereabouts, { force: true });
        lock.release();
      })
      .then(
        () => process.exit(status),
        (error: unknown) => {
          process.stderr.write(`the host did not shut down in order: ${errorMessage(error)}\n`);
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', () => {
    end('SIGTERM', 0);
  });
  process.on('SIGINT', () => {
    end('SIGINT', 0);
  });
  // a fault of the host's own: the plugins must not be left behind without it
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.logger.fatal({ err: error }, event);
      end(event, 1);
    });
  }

  const supervisor = app.get(PluginSupervisor);
  const read = supervisor.prepare();
  // most often it takes milliseconds, and then nobody is told that a plugin is unknown; a slow file does not hold the API up
  await Promise.race([read, delay(PLUGINS_READ_FIRST_MS)]);
  const url = await listen(app, server, configuration);
  // whole or not at all: whoever waits for it reads it the moment it is there
  writeFileSync(`${whereabouts}.new`, JSON.stringify({ url, pid: process.pid }));
  renameSync(`${whereabouts}.new`, whereabouts);
  process.stdout.write(startBlock({ configuration, url, firstPassword: app.get(AccessBootstrap).firstPassword }));
  // only now: a host that cannot listen must not leave processes behind
  supervisor.begin(configuration.startParallel);
  await read;
  await app.get(PluginsWatcher).start(configuration.watchPlugins);
}

async function listen(app: NestExpressApplication, server: Server, { host, port }: Configuration): Promise<string> {
  await app.listen(port, host);
  const address = server.address() as AddressInfo;
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

main().catch((error: unknown) => {
  const foreseen = error instanceof ConfigurationError || error instanceof DirectoryHeldError;
  process.stderr.write(`${foreseen ? error.message : `The host could not start: ${errorMessage(error)}`}\n`);
  process.exit(error instanceof DirectoryHeldError ? EXIT_HELD : foreseen ? EXIT_CONFIGURATION : 1);
});
