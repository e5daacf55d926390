import { packagesInFiles } from './test/support/packages-in-files.mjs';

/**
 * Plain TypeScript beside its source, the console's components, real host processes over HTTP on either database, and a
 * real browser. All but the first two need a build; `npm test` makes it, and starts the PostgreSQL.
 */
const swc = [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      target: 'es2022',
      experimental: { keepImportAttributes: true },
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];

const node = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
  moduleNameMapper: {
    '^@toru/(contracts|licensing|protocol|testing)$': '<rootDir>/libs/$1/src/index.ts',
    '^@toru/plugin-sdk$': '<rootDir>/libs/sdk/typescript/src/index.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/data', '<rootDir>/plugins', '<rootDir>/.angular'],
};

const built = {
  globalSetup: '<rootDir>/test/support/global-setup.ts',
};

const e2e = { ...node, ...built, testMatch: ['<rootDir>/test/{e2e,faults}/**/*.spec.ts'] };

/** Specs of several hosts on one database. */
const POSTGRES_ALONE = ['/test/e2e/identity\\.'];

/**
 * Specs whose cases are about files, frames, processes, output, settings or what the host keeps in memory, and which store
 * nothing but events: what they ask of the database is asked on both by the others.
 */
const ONE_DATABASE_IS_ENOUGH = [
  '/test/faults/(chaos|files|frames|gateway|output|processes|version-1|websocket)-',
  '/test/faults/(access-guessing|cgroups|host-lacks|storage-config)\\.',
  '/test/e2e/(api-bundles|api-document|catalogue|examples|licence-command|lifecycle-crashes|lifecycle-stop|logs|plugin-updates|settings|web-sockets)\\.',
];

export default {
  // long enough that only a hang reaches it, on a slow and busy machine too
  testTimeout: 120_000,
  testSequencer: '<rootDir>/test/support/slow-first.mjs',
  projects: [
    {
      ...node,
      displayName: 'unit',
      globalSetup: '<rootDir>/test/support/packages-in-files.mjs',
      moduleNameMapper: { ...node.moduleNameMapper, ...packagesInFiles() },
      testMatch: ['<rootDir>/{libs,apps/server,apps/cli,scripts,test/fixtures,test/support}/**/*.spec.{ts,mjs}'],
    },
    { ...e2e, displayName: 'e2e', testPathIgnorePatterns: ['/node_modules/', ...POSTGRES_ALONE] },
    {
      ...e2e,
      displayName: 'e2e-postgres',
      setupFiles: ['<rootDir>/test/support/on-postgres.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...ONE_DATABASE_IS_ENOUGH],
    },
    // the SDKs against the real host: it matters for none of them which database is behind it
    { ...node, ...built, displayName: 'sdk', testMatch: ['<rootDir>/test/sdk/**/*.spec.ts'] },
    // toru conformance against the examples, the SDKs and plugins that break a rule each
    { ...node, ...built, displayName: 'conformance', testMatch: ['<rootDir>/test/conformance/**/*.spec.ts'] },
    { ...node, ...built, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.spec.ts'] },
    '<rootDir>/apps/console/jest.config.mjs',
  ],
};
