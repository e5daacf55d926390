import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject, ProtocolVersion } from '@toru/contracts';
import { Option, type Command } from 'commander';
import { EXIT, UsageError } from '../cli-error';
import {
  CHECKS,
  DEFAULT_OPTIONS,
  hasPassed,
  HumanReport,
  jsonReport,
  junitReport,
  ROUTE_NAMES,
  ROUTES,
  runConformance,
  type Check,
  type ConformanceOptions,
  type RouteName,
} from '../conformance';
import {
  byCommas,
  parseInstanceId,
  parseMilliseconds,
  parsePath,
  parseProtocol,
  parseSettings,
  parseVariable,
} from './conformance-flags';
import { addHelpNotes } from './help-notes';
import { repeated } from './repeated-option';

interface Flags {
  readonly arg: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly grace: number;
  readonly instanceId?: string;
  readonly json?: true;
  readonly killDelay: number;
  readonly junit?: string;
  readonly kvStore?: true;
  readonly licenseKey?: string;
  readonly list?: true;
  readonly metadataTimeout: number;
  readonly only: readonly string[];
  readonly protocol?: ProtocolVersion;
  readonly readyTimeout: number;
  readonly settings: JsonObject;
  readonly skip: readonly string[];
  readonly strict?: true;
  readonly timeout: number;
  readonly verbose?: true;
  readonly wellKnown?: true;
}

/** A run that has said nothing for so long says on stderr what it is waiting for. */
const PROGRESS_AFTER_MS = 2_000;

export function addConformanceCommand(program: Command): void {
  const command = program
    .command('conformance')
    .summary('checks a plugin in any language against the protocol')
    .description('Starts a plugin as the host does and checks it against the protocol (docs/conformance.md).')
    .argument('[executable]', 'the file that the host would start')
    .optionsGroup('Which checks:')
    .option('--protocol <version>', 'speak version 1 or 2 (default: as the metadata say)', parseProtocol)
    .addOption(
      repeated('--only <prefixes>', 'make only the checks whose ids begin so; with commas between', 'all', byCommas),
    )
    .addOption(
      repeated('--skip <prefixes>', 'leave out the checks whose ids begin so; with commas between', 'none', byCommas),
    )
    .option('--strict', 'count warnings and skipped checks as failures')
    .option('--list', 'print the ids of all checks and what they expect, and check nothing')
    .optionsGroup('How the plugin is started:')
    .addOption(repeated('--arg <value>', 'an argument for the executable, before its own; may come again'))
    .addOption(
      new Option('--env <NAME=value>', 'a variable for the plugin; may come again')
        .argParser(parseVariable)
        .default({}, 'none'),
    )
    .option('--settings <json>', 'the settings that it is given', parseSettings, {})
    .option('--license-key <key>', 'the licence key that it is given (default: none)')
    .option('--instance-id <uuid>', 'the installation that the key is for (default: a new one)', parseInstanceId)
    .option('--timeout <ms>', 'for each answer of the plugin, in ms', parseMilliseconds, DEFAULT_OPTIONS.timeoutMs)
    .option('--grace <ms>', 'for its end after shutdown, in ms', parseMilliseconds, DEFAULT_OPTIONS.graceMs)
    .option('--kill-delay <ms>', 'for its end after SIGTERM, in ms', parseMilliseconds, DEFAULT_OPTIONS.killDelayMs)
    .option('--metadata-timeout <ms>', 'for --metadata, in ms', parseMilliseconds, DEFAULT_OPTIONS.metadataTimeoutMs)
    .option('--ready-timeout <ms>', 'until it can be used, in ms', parseMilliseconds, DEFAULT_OPTIONS.readyTimeoutMs)
    .optionsGroup('What the plugin has, so that more can be tried:')
    .option('--kv-store', 'it keeps keys itself and answers kv requests of the host')
    .option('--well-known', 'it has all the routes below under /conformance/');
  for (const name of ROUTE_NAMES) {
    command.addOption(
      new Option(`--${name}-path <path>`, `its ${name} route, such as ${ROUTES[name]}`).argParser(parsePath),
    );
  }
  command
    .optionsGroup('Report:')
    .option('--json', 'print the report as JSON')
    .option('--junit <file>', 'write the report as JUnit XML too')
    .option('--verbose', 'print every frame on stderr')
    .action(async (executable: string | undefined, flags: Flags & Record<string, unknown>) => {
      if (flags.list) listChecks();
      else process.exitCode = await run(optionsOf(executable, flags), flags);
    });
  addHelpNotes(command, {
    environment: { NO_COLOR: 'set to anything: no colours' },
    examples: [
      'conformance ./acme.binary',
      'conformance --verbose --only v2/cancel ./acme.binary',
      'conformance --strict --well-known --junit conformance.xml ./acme.binary',
    ],
    statuses: { 0: 'it conforms', 1: 'it does not', 2: 'wrong usage' },
  });
}

async function run(options: ConformanceOptions, flags: Flags): Promise<number> {
  // an end by a signal is an exit all the same: so nothing of the plugin is left
  const onSignal = (signal: NodeJS.Signals): void => process.exit(signal === 'SIGINT' ? 130 : 143);
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const human = new HumanReport((text) => void process.stdout.write(text), useColours());
  const progress = new Progress();
  const { strict = false, json, verbose, junit } = flags;
  const report = {
    strict,
    ...(await runConformance(options, {
      onBegin: (check) => progress.begin(check),
      onResult: (result) => {
        progress.end();
        if (!json) human.add(result);
      },
      ...(verbose && { trace: (direction, text) => void process.stderr.write(`${direction} ${text}\n`) }),
    })),
  };
  progress.end();
  if (json) process.stdout.write(jsonReport(report));
  else human.end(report);
  if (junit !== undefined) writeReport(junit, junitReport(report));
  return hasPassed(report) ? EXIT.ok : EXIT.found;
}

/** Says which check is being made, when it takes long. */
class Progress {
  #timer: NodeJS.Timeout | undefined;

  begin({ id }: Check): void {
    this.#timer = setTimeout(() => void process.stderr.write(`… ${id}\n`), PROGRESS_AFTER_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function optionsOf(executable: string | undefined, flags: Flags & Record<string, unknown>): ConformanceOptions {
  if (executable === undefined) throw new UsageError('which executable? toru conformance <executable>');
  requireKnown(flags.only, '--only');
  requireKnown(flags.skip, '--skip');
  const routes = ROUTE_NAMES.flatMap((name): [RouteName, string][] => {
    const given = flags[`${name}Path`];
    if (typeof given === 'string') return [[name, given]];
    return flags.wellKnown ? [[name, ROUTES[name]]] : [];
  });
  const { arg: args, env, only, skip, protocol, licenseKey, instanceId, settings } = flags;
  return {
    executable: requireExecutable(executable),
    ...{ args, env, only, skip, settings },
    ...(protocol !== undefined && { protocol }),
    ...(licenseKey !== undefined && { licenseKey }),
    ...(instanceId !== undefined && { instanceId }),
    timeoutMs: flags.timeout,
    metadataTimeoutMs: flags.metadataTimeout,
    readyTimeoutMs: flags.readyTimeout,
    graceMs: flags.grace,
    killDelayMs: flags.killDelay,
    routes: Object.fromEntries(routes),
    kvStore: flags.kvStore ?? false,
  };
}

function requireExecutable(executable: string): string {
  const file = path.resolve(executable);
  try {
    if (!statSync(file).isFile()) throw new UsageError(`${executable} is no file`);
    accessSync(file, constants.X_OK);
    return file;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const isThere = error instanceof Error && 'code' in error && error.code === 'EACCES';
    throw new UsageError(isThere ? `${executable} is not executable: chmod +x it` : `there is no file ${executable}`);
  }
}

function requireKnown(prefixes: readonly string[], option: string): void {
  const unknown = prefixes.find((prefix) => !CHECKS.some(({ id }) => id.startsWith(prefix)));
  if (unknown !== undefined) throw new UsageError(`${option} ${unknown}: no check begins so; --list shows all`);
}

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`the report cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function listChecks(): void {
  const width = Math.max(...CHECKS.map(({ id }) => id.length));
  for (const { id, expects } of CHECKS) process.stdout.write(`${id.padEnd(width)}  ${expects}\n`);
}

function useColours(): boolean {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
}
