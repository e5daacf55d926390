import { randomBytes } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startHere, type Starter } from '../processes';
import { Spawner } from './spawner';

/**
 * How the host starts programs: through a spawner that was built beside its own file, or by itself where there is none, as
 * in a unit test.
 *
 * @param notice told when the host has to start them itself after all
 */
export function starterIn(runDir: string, notice: (message: string) => void): Starter {
  const program = join(dirname(realpathSync(process.argv[1] ?? '.')), 'spawner.js');
  if (!existsSync(program)) return startHere;
  const socket = join(runDir, `spawner-${randomBytes(4).toString('hex')}.sock`);
  const onLost = (why: string): void => {
    notice(`the spawner has ended (${why}): the host starts programs itself from now on, which takes a little longer`);
  };
  return new Spawner({ program, socket, onLost }).start;
}
