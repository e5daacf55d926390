/** The directions of docs/architecture.md. A change here needs an ADR in docs/adr/. */

const SERVER = 'apps/server/src';

/** The floors of the server, from the ground up. Modules of one floor do not import each other. */
const FLOORS = [
  ['common'],
  ['config'],
  ['database'],
  ['protocol', 'events', 'logs', 'kv', 'plugin-settings', 'identity', 'access'],
  ['licences'],
  ['plugins'],
  ['supervisor'],
  ['gateway', 'health'],
  ['metrics'],
  ['bootstrap'],
];

/** They register their message handlers with the registry of the protocol module. */
const REGISTERS_HANDLERS = ['kv', 'events', 'logs'];

/** What a module of the server may not import: every floor above its own, and its neighbours. */
const serverFloors = FLOORS.flatMap((modules, floor) =>
  modules.map((name) => {
    const above = FLOORS.slice(floor + 1).flat();
    const neighbours = modules.filter(
      (other) => other !== name && !(other === 'protocol' && REGISTERS_HANDLERS.includes(name)),
    );
    return {
      name: `server-${name}-imports-downwards`,
      comment: `${name} must not import what lies above or beside it`,
      severity: 'error',
      from: { path: `^${SERVER}/${name}/`, pathNot: '\\.spec\\.ts$|/testing/' },
      to: { path: `^${SERVER}/(${[...above, ...neighbours, '[^/]+\\.ts$'].join('|')})(/|$)` },
    };
  }),
);

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule('no-cycles', 'Two files that import each other cannot be understood apart', {}, { circular: true }),
    rule(
      'no-orphans',
      'A file that nobody imports, and that imports nothing, is left over',
      {
        orphan: true,
        pathNot: ['\\.d\\.m?ts$', '\\.spec\\.ts$', '(^|/)jest\\.config\\.mjs$', '/index\\.ts$', '/test-setup\\.ts$'],
      },
      {},
    ),
    rule('no-unresolvable', 'The import leads nowhere', {}, { couldNotResolve: true }),
    rule(
      'contracts-import-nothing',
      'libs/contracts is the ground floor',
      { path: '^libs/contracts/src/', pathNot: '\\.spec\\.ts$' },
      { pathNot: '^libs/contracts/src/' },
    ),
    rule(
      'protocol-imports-contracts-only',
      'libs/protocol is plain TypeScript on the contracts: no framework',
      { path: '^libs/protocol/src/', pathNot: '\\.spec\\.ts$|/testing/' },
      { pathNot: '^libs/(protocol|contracts)/src/', dependencyTypesNot: ['core'] },
    ),
    rule(
      'licensing-imports-contracts-only',
      'libs/licensing is plain TypeScript on node:crypto: plugins, hosts and the command line carry the same',
      { path: '^libs/licensing/src/', pathNot: '\\.spec\\.ts$|/testing/' },
      { pathNot: '^libs/(licensing|contracts)/src/', dependencyTypesNot: ['core'] },
    ),
    rule(
      'sdk-imports-plain-libraries-only',
      'A plugin carries the SDK in its one file: it has no dependencies but the wire and the check of its licence',
      { path: '^libs/sdk/typescript/src/', pathNot: '\\.spec\\.ts$|/testing/' },
      { pathNot: '^libs/(sdk/typescript|protocol|licensing|contracts)/src/', dependencyTypesNot: ['core'] },
    ),
    rule(
      'testing-stays-in-tests',
      'libs/testing and testing/ folders are for tests',
      { path: '^(apps|libs)/', pathNot: '\\.spec\\.ts$|/testing/|/test-setup\\.ts$|^libs/testing/' },
      { path: '^libs/testing/|/testing/', pathNot: 'node_modules' },
    ),
    rule(
      'libs-know-no-app',
      'Libraries are below the applications',
      { path: '^libs/' },
      { path: '^(apps|test|scripts)/' },
    ),
    rule(
      'apps-are-apart',
      'Applications share libraries, not files',
      { path: '^apps/([^/]+)/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    rule(
      'console-uses-contracts-only',
      'The console runs in a browser: of the libraries it takes the contracts alone',
      { path: '^apps/console/' },
      { path: '^libs/', pathNot: '^libs/contracts/' },
    ),
    rule(
      'cli-uses-plain-libraries-only',
      'The command line runs where no host does: of the libraries it takes those that know no framework, and the build of plugins',
      { path: '^apps/cli/', pathNot: '\\.spec\\.ts$' },
      { path: '^libs/', pathNot: '^libs/(contracts|protocol|licensing)/|^libs/sdk/typescript/build/' },
    ),
    rule(
      'console-features-are-islands',
      'A feature uses core/ and shared/, never another feature',
      { path: '^apps/console/src/app/features/([^/]+)/' },
      { path: '^apps/console/src/app/features/', pathNot: '^apps/console/src/app/features/$1/' },
    ),
    rule(
      'console-shared-knows-no-feature',
      'shared/ and core/ are below the features',
      { path: '^apps/console/src/app/(core|shared)/' },
      { path: '^apps/console/src/app/features/' },
    ),
    rule(
      'console-core-knows-no-shared',
      'core/ is below shared/',
      { path: '^apps/console/src/app/core/' },
      { path: '^apps/console/src/app/shared/' },
    ),
    rule(
      'server-modules-have-doors',
      'Another module is entered through its index.ts',
      { path: `^${SERVER}/([^/]+)/`, pathNot: '\\.spec\\.ts$|/testing/' },
      { path: `^${SERVER}/[^/]+/`, pathNot: [`^${SERVER}/$1/`, `^${SERVER}/[^/]+/index\\.ts$`] },
    ),
    rule(
      'server-root-uses-doors',
      'main.ts and app.module.ts enter modules through their index.ts as well',
      { path: `^${SERVER}/[^/]+\\.ts$` },
      { path: `^${SERVER}/[^/]+/`, pathNot: `^${SERVER}/[^/]+/index\\.ts$` },
    ),
    ...serverFloors,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // a template is a plugin, not a part of the command line
    exclude: { path: '^dist/|/vectors/|^apps/cli/templates/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.cjs', '.js', '.json'],
    },
    skipAnalysisNotInRules: true,
    reporterOptions: { text: { highlightFocused: true } },
  },
};
