import { InvalidArgumentError, type Command } from 'commander';
import { UsageError } from '../../cli-error';
import { readTextFile } from '../../licence/files';
import { repeated } from '../repeated-option';

export function parseTime(value: string): Date {
  const time = new Date(value);
  if (!/^\d{4}-\d{2}-\d{2}T.*Z$/.test(value) || Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('It is a time in UTC, as 2026-12-31T23:59:59Z.');
  }
  return time;
}

/** What a verifier holds a key against; shared by `verify` and `issue --validate`. */
export function addExpectedOptions(command: Command): Command {
  return command
    .addOption(repeated('--public-key <base64>', 'second form: a public key of the vendor; may come again'))
    .option('--released <date>', 'second form: when the version of the plugin was released')
    .option('--at <time>', 'look at the key as at this time, as 2026-12-31T23:59:59Z (default: now)', parseTime);
}

/** A key as an argument, or `-` for one on standard input, where a line end does not count. */
export function keyOf(argument: string): string {
  const key = argument === '-' ? readTextFile('-').trim() : argument;
  if (key === '') throw new UsageError('there is no key: give it as an argument, or - and on standard input');
  return key;
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
