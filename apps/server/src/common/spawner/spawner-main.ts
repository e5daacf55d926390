import { rmSync } from 'node:fs';
import { serveSpawns } from './spawn-server';

/*
 * The program of `Spawner`: a process of its own beside the host, which ends when its standard input does, that is when
 * the host has ended, however that came. Signals go to the host, which stops the plugins in order and needs it for that.
 */
const [, , path] = process.argv;
if (path === undefined) throw new Error('the path of the socket is missing');
process.title = 'toru-spawner';
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.stdin.on('close', () => process.exit()).resume();
process.on('exit', () => {
  rmSync(path, { force: true });
});
process.stdout.on('error', () => process.exit());
serveSpawns(path, process.stdout);
