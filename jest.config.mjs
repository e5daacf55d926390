/**
 * Four projects: plain TypeScript beside its source, the console's components, real host processes over HTTP, and a real
 * browser. The last two need a build; `npm test` makes it.
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

export default {
  // long enough that only a hang reaches it, on a slow and busy machine too
  testTimeout: 60_000,
  testSequencer: '<rootDir>/test/support/slow-first.mjs',
  projects: [
    {
      ...node,
      displayName: 'unit',
      testMatch: ['<rootDir>/{libs,apps/server,apps/cli,scripts,test/fixtures,test/support}/**/*.spec.{ts,mjs}'],
    },
    { ...node, ...built, displayName: 'e2e', testMatch: ['<rootDir>/test/{e2e,faults}/**/*.spec.ts'] },
    // the SDKs against the real host: it matters for none of them which database is behind it
    { ...node, ...built, displayName: 'sdk', testMatch: ['<rootDir>/test/sdk/**/*.spec.ts'] },
    // toru conformance against the examples, the SDKs and plugins that break a rule each
    { ...node, ...built, displayName: 'conformance', testMatch: ['<rootDir>/test/conformance/**/*.spec.ts'] },
    { ...node, ...built, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.spec.ts'] },
    '<rootDir>/apps/console/jest.config.mjs',
  ],
};
