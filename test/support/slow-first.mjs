import path from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** What takes long on two quiet cores, in seconds. It need not be exact: it is about who must not be the last to begin. */
const SECONDS = {
  'conformance/plugins': 200,
  'browser/appearance': 80,
  'conformance/new': 60,
  'conformance/faults': 50,
  'browser/plugin-bundles': 40,
  'sdk/licences': 40,
  'browser/plugin-manager': 30,
  'faults/chaos-run': 30,
  'browser/plugin-details': 27,
  'faults/frames-not-read': 27,
  'e2e/plugin-updates': 25,
  'browser/plugin-pages': 25,
  'faults/processes-limits': 25,
  'faults/storage-kills': 23,
  'browser/sign-in': 23,
  'e2e/lifecycle-crashes': 20,
  'e2e/licence-command': 20,
  'e2e/settings': 18,
  'faults/access-every-route': 15,
  'faults/storage-config': 14,
  'faults/processes-stopping': 14,
  'src/licence-vectors': 14,
  'sdk/python': 14,
  'e2e/licences': 13,
  'access/sign-in': 13,
  'access/users': 12,
  'faults/version-1-answers': 12,
  'faults/version-1-starts': 12,
  'settings/settings': 12,
  'faults/processes-given-up': 11,
  'faults/gateway-under-load': 10,
  'sdk/typescript': 10,
  'sdk/rust': 10,
  'browser/new-plugin': 10,
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
