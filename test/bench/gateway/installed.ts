import { existsSync } from 'node:fs';
import path from 'node:path';
import { UnavailablePeerError } from '../harness/bench';

/** The path of a program; where it is missing, the error names the package of Debian that has it. */
export function installed(program: string, debianPackage = program): string {
  const directories = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  const file = directories.map((directory) => path.join(directory, program)).find((candidate) => existsSync(candidate));
  if (file === undefined) throw new UnavailablePeerError(`${program} is missing: apt-get install ${debianPackage}`);
  return file;
}
