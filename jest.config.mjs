/** Three projects: plain TypeScript beside its source, the console's components, and what needs a built host. */
const swc = [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      target: 'es2022',
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];

const node = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
  moduleNameMapper: { '^@toru/(contracts|protocol|testing)$': '<rootDir>/libs/$1/src/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/data', '<rootDir>/plugins', '<rootDir>/.angular'],
};

export default {
  projects: [
    { ...node, displayName: 'unit', testMatch: ['<rootDir>/{libs,apps/server,apps/cli,scripts}/**/*.spec.ts'] },
    {
      ...node,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/{e2e,faults}/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.ts',
    },
    '<rootDir>/apps/console/jest.config.mjs',
  ],
};
