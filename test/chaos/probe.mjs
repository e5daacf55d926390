// Loaded into the host by NODE_OPTIONS: on SIGUSR2 it writes down what the process holds, after a full collection.
import { readlinkSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const { TORU_CHAOS_PROBE: file } = process.env;
delete process.env.TORU_CHAOS_PROBE;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const count = (names) => {
  const counts = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

/** What a descriptor leads to, without the number that tells it from others of its kind. */
function kindOf(descriptor) {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`).replace(/:\[\d+\]$/, '');
  } catch {
    return 'gone';
  }
}

process.on('SIGUSR2', () => {
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  const descriptors = count(readdirSync('/proc/self/fd').map(kindOf));
  const resources = count(process.getActiveResourcesInfo());
  const listeners = count(process.eventNames().flatMap((name) => process.listeners(name).map(() => String(name))));
  writeFileSync(`${file}.new`, JSON.stringify({ rss, heapUsed, external, descriptors, resources, listeners }));
  renameSync(`${file}.new`, file);
});
