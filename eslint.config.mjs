import angular from 'angular-eslint';
import tseslint from 'typescript-eslint';

/** The one file of each application that spawns or signals processes. */
const SPAWNERS = ['apps/server/src/common/processes.ts', 'apps/cli/src/conformance/process/plugin-process.ts'];
const SPAWNING = `Only ${SPAWNERS.join(' and ')} may spawn or signal processes (docs/architecture.md): use what they export.`;

const noSpawning = {
  'no-restricted-imports': [
    'error',
    {
      paths: ['child_process', 'node:child_process', 'cluster', 'node:cluster'].map((name) => ({
        name,
        message: SPAWNING,
      })),
    },
  ],
  'no-restricted-properties': ['error', { object: 'process', property: 'kill', message: SPAWNING }],
};

/** Mistakes that ESLint's core finds without types. */
const core = {
  'array-callback-return': 'error',
  eqeqeq: 'error',
  'no-constant-binary-expression': 'error',
  'no-control-regex': 'error',
  'no-dupe-keys': 'error',
  'no-eval': 'error',
  'no-fallthrough': 'error',
  'no-self-assign': 'error',
  'no-unreachable': 'error',
  'no-unsafe-finally': 'error',
  'no-unused-labels': 'error',
  'no-useless-escape': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
};

const typed = {
  ...core,
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': 'error',
  // A Nest module is a class without members.
  '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
  // `async` without `await` turns a throw into a rejection, which is what a port's callers expect.
  '@typescript-eslint/require-await': 'off',
  // DTOs and options are written as object literals: neither Nest nor Material wants instances of these classes.
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  // Angular's validators are static methods that are passed on.
  '@typescript-eslint/unbound-method': ['error', { ignoreStatic: true }],
  // Numbers in messages are what they look like.
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  // `() => close()` where nobody looks at the result.
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
};

const NODE_GLOBALS = [
  'fetch',
  'AbortController',
  'Buffer',
  'URL',
  'clearInterval',
  'clearTimeout',
  'console',
  'process',
  'setImmediate',
  'setInterval',
  'setTimeout',
];
const COMMONJS_GLOBALS = ['require', 'module'];
const JEST_GLOBALS = ['describe', 'it', 'expect', 'beforeEach', 'afterEach', 'beforeAll', 'afterAll'];
const BROWSER_GLOBALS = ['document', 'window', 'CSSStyleSheet', 'TextDecoderStream', 'Blob', 'WebSocket', 'location'];
const globals = (...names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'target/',
      'coverage/',
      '.angular/',
      'plugins/',
      'data/',
      'logs/',
      '.cache/',
      'apps/console/src/app/core/api/schema.ts',
      // its own tsconfig.json has its SDK beside it only where it was written to
      'apps/cli/templates/ts/main.ts',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { ...typed },
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: [...SPAWNERS, '**/*.spec.ts', '**/testing/**', 'libs/testing/**'],
    rules: noSpawning,
  },
  {
    files: ['**/*.spec.ts', '**/testing/**/*.ts', 'test/**/*.ts', 'libs/testing/**/*.ts'],
    rules: {
      // A test fails well enough by itself on what is not there.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // expect(fake.method) does not call it.
      '@typescript-eslint/unbound-method': 'off',
      // expect.any(), mock calls and the bodies of answers are `any`; a wrong guess about them fails the test.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },

  {
    files: ['apps/console/**/*.ts'],
    extends: [...angular.configs.tsRecommended],
    processor: angular.processInlineTemplates,
    rules: {
      '@angular-eslint/component-selector': ['error', { type: 'element', prefix: 'toru', style: 'kebab-case' }],
      '@angular-eslint/directive-selector': ['error', { type: 'attribute', prefix: 'toru', style: 'camelCase' }],
      '@angular-eslint/prefer-on-push-component-change-detection': 'error',
      '@angular-eslint/prefer-signals': 'error',
      // `output<void>()` and `http.post<void>()` are how Angular says "nothing".
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    files: ['apps/console/**/*.html'],
    extends: [...angular.configs.templateRecommended, ...angular.configs.templateAccessibility],
    rules: { '@angular-eslint/template/prefer-control-flow': 'error' },
  },

  {
    files: ['**/*.{mjs,cjs,js}'],
    rules: { ...core, 'no-undef': 'error', 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
    languageOptions: { globals: globals(...NODE_GLOBALS) },
  },
  { files: ['**/*.spec.mjs'], languageOptions: { globals: globals(...JEST_GLOBALS) } },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: globals(...COMMONJS_GLOBALS) },
  },
  {
    // The pages of plugins run in the browser.
    files: ['examples/**/*.js', 'apps/cli/templates/**/*.js'],
    languageOptions: { globals: globals(...BROWSER_GLOBALS) },
  },
  {
    // Parts of one script: what one defines, another uses.
    files: ['test/fixtures/plugin/*.cjs'],
    rules: { 'no-undef': 'off', 'no-unused-vars': 'off' },
  },
);
