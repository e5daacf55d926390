import { HOST_VERSION } from '../common';
import type { Configuration } from '../config';

export interface StartFacts {
  readonly configuration: Configuration;
  /** Where the host listens: `http://127.0.0.1:3000`. */
  readonly url: string;
  /** The generated password, when this start made the first admin without being given one. */
  readonly firstPassword: string | undefined;
}

/** What a person needs to know once the host is up. */
export function startBlock({ configuration, url, firstPassword }: StartFacts): string {
  const { adminUsername, logDir, dataDir, pluginsDir, databaseUrl, notices } = configuration;
  const rows: [string, string][] = [['Console', `${configuration.publicUrl ?? url}/console/`]];
  if (firstPassword !== undefined) {
    rows.push([
      'Sign in',
      `${adminUsername} / ${firstPassword}   (shown this once; you change it at the first sign-in)`,
    ]);
  }
  rows.push(['Plugins', pluginsDir], ['Logs', logDir]);
  rows.push(['Data', databaseUrl === undefined ? dataDir : `${dataDir}, and the database of DATABASE_URL`]);
  const lines = rows.map(([name, value]) => `  ${name.padEnd(9)}${value}`);
  return [
    '',
    `Toru Steering Center ${HOST_VERSION}`,
    ...lines,
    ...notices.map((notice) => `  Note     ${notice}`),
    '',
  ].join('\n');
}
