import { existsSync } from 'node:fs';
import path from 'node:path';

const OUTPUTS = [
  'dist/apps/server/main.js',
  'dist/apps/server/packages.js',
  'dist/apps/server/spawner.js',
  'dist/examples/hello-node.binary',
  'dist/examples/hello-python.binary',
  'dist/examples/stream-node.binary',
];

/** Refuses to test without a build. `npm test` builds first; Jest alone does not. */
export default function globalSetup(): void {
  const missing = OUTPUTS.filter((file) => !existsSync(path.resolve(file)));
  if (missing.length > 0) {
    throw new Error(`Not built: ${missing.join(', ')}. Run "npm test -- <pattern>", which builds what is stale.`);
  }
}
