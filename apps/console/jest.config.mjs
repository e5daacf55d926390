import presets from 'jest-preset-angular/presets/index.js';
import { packagesInFiles } from '../../test/support/packages-in-files.mjs';

/** Components run zoneless in jsdom, as ES modules like everything else here. */
const preset = presets.createEsmPreset({ tsconfig: '<rootDir>/tsconfig.spec.json' });

export default {
  ...preset,
  displayName: 'console',
  rootDir: import.meta.dirname,
  testEnvironment: 'jest-preset-angular/environments/jest-jsdom-env.js',
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  setupFilesAfterEnv: ['<rootDir>/src/test-setup.ts'],
  globalSetup: '<rootDir>/../../test/support/packages-in-files.mjs',
  // as its files say nothing of being ES modules, Jest compiles each as CommonJS first, in vain
  moduleNameMapper: { ...preset.moduleNameMapper, ...packagesInFiles('rxjs', 'rxjs/operators') },
};
