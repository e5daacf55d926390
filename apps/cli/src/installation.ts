import path from 'node:path';

/** Where the command line and what comes with it lie: `dist/apps/cli` of a checkout, which the bundle is in. */
export const ASSETS = import.meta.dirname;

const CHECKOUT = path.resolve(ASSETS, '../../..');

/** What the author runs. */
export const EXECUTABLE = path.join(CHECKOUT, 'bin/toru');

/** The plugins directory of a host that is started there without other settings. */
export const PLUGINS_DIRECTORY = path.join(CHECKOUT, 'plugins');
