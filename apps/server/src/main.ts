import 'reflect-metadata';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
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
  listen,
  lockDirectories,
  loggerParams,
  openHostLog,
  requestLog,
  shutDown,
  startBlock,
} from './bootstrap';
import { errorMessage } from './common';
import { ConfigurationError, loadConfiguration } from './config';
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

/** From the signal, or the fault, on: the host may be told to end while it is still starting. */
let ending: Promise<void> | undefined;

async function main(): Promise<void> {
  const configuration = loadConfiguration(process.env);
  // before anything else is opened or started: two hosts would end each other's plugins and overwrite each other's state
  const lock = lockDirectories(configuration);
  const log = openHostLog(configuration);
  for (const notice of configuration.notices) log.logger.info(notice);
  if (lock.notice !== undefined) log.logger.warn(lock.notice);
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

  const whereabouts = join(configuration.runDir, 'host.json');
  const isEnding = (): boolean => ending !== undefined;
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
  if (isEnding()) return;
  const url = await listen(app.getHttpServer(), configuration);
  if (isEnding()) return;
  // only now: an admin whose password nobody was shown would lock everybody out of the next start
  const firstPassword = await app.get(AccessBootstrap).firstPassword();
  // whole or not at all: whoever waits for it reads it the moment it is there
  writeFileSync(`${whereabouts}.new`, JSON.stringify({ url, pid: process.pid }));
  renameSync(`${whereabouts}.new`, whereabouts);
  process.stdout.write(startBlock({ configuration, url, firstPassword }));
  // only now: a host that cannot listen must not leave processes behind
  supervisor.begin(configuration.startParallel);
  await read;
  app.get(PluginsWatcher).start(configuration.watchPlugins);
}

main().catch((error: unknown) => {
  // whatever it was about to do is closed under it; how the host ends is decided already
  if (ending !== undefined) return;
  const foreseen = error instanceof ConfigurationError || error instanceof DirectoryHeldError;
  process.stderr.write(`${foreseen ? error.message : `The host could not start: ${errorMessage(error)}`}\n`);
  process.exit(error instanceof DirectoryHeldError ? EXIT_HELD : foreseen ? EXIT_CONFIGURATION : 1);
});
