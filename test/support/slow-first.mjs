import path from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** What takes long on two quiet cores, in seconds. It need not be exact: it is about who must not be the last to begin. */
const SECONDS = {
  'browser/appearance': 80,
  'conformance/plugins': 60,
  'browser/plugin-bundles': 50,
  'sdk/licences': 40,
  'conformance/faults': 35,
  'browser/plugin-details': 30,
  'browser/plugin-manager': 25,
  'browser/plugin-pages': 25,
  'conformance/new': 25,
  'faults/storage-config': 20,
  'faults/frames-not-read': 20,
  'faults/chaos-run': 20,
  'sdk/python': 15,
  'faults/processes-limits': 15,
  'e2e/settings': 15,
  'browser/sign-in': 14,
  'e2e/lifecycle-crashes': 12,
  'browser/new-plugin': 10,
  'sdk/rust': 10,
  'src/licence-vectors': 9,
};
/** All others, by their size as Jest does it: a second, and one more for so many bytes. */
const ANY_OTHER = 1;
const BYTES_OF_A_SECOND = 2_500;

/**
 * Begins with the files that take long, in a fresh checkout too, where Jest knows nothing yet but how big they are: a slow
 * one that begins last leaves the other workers idle.
 */
export default class SlowFirst extends Sequencer {
  time(test) {
    return super.time(test) ?? 1_000 * (SECONDS[nameOf(test)] ?? ANY_OTHER + sizeOf(test) / BYTES_OF_A_SECOND);
  }
}

/** `browser/appearance` */
const nameOf = ({ path: file }) => `${path.basename(path.dirname(file))}/${path.basename(file).split('.')[0]}`;
const sizeOf = ({ path: file, context }) => context.hasteFS.getSize(file) ?? 0;
