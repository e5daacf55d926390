import { mkdirSync } from 'node:fs';

let directory: string | undefined;

/** From here on, hosts that are started leave a processor profile in the directory when they end. */
export function profileInto(given: string): void {
  mkdirSync(given, { recursive: true });
  directory = given;
}

/** For Node, when it starts a host. */
export function profileArguments(): readonly string[] {
  return directory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${directory}`];
}
