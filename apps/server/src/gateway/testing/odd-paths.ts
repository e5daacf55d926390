/** Who answers a request target, where a plugin `acme` with the route `/acme` and no other plugin runs. */
export type OddPathOutcome =
  /** The plugin, which is given this path. */
  | { readonly by: 'plugin'; readonly given: string }
  /** The host's own router. */
  | { readonly by: 'host' }
  /** The gateway, with this status and code. */
  | { readonly by: 'gateway'; readonly status: 400 | 404; readonly code: string };

export interface OddPath {
  readonly target: string;
  readonly outcome: OddPathOutcome;
}

const plugin = (given: string): OddPathOutcome => ({ by: 'plugin', given });
const host: OddPathOutcome = { by: 'host' };
const refused: OddPathOutcome = { by: 'gateway', status: 400, code: 'malformed_path' };
const noRoute: OddPathOutcome = { by: 'gateway', status: 404, code: 'route_not_found' };
const noPlugin: OddPathOutcome = { by: 'gateway', status: 404, code: 'plugin_not_found' };

const table: readonly (readonly [string, OddPathOutcome])[] = [
  // the three forms
  ['/plugins/acme', plugin('/acme')],
  ['/plugins/acme/', plugin('/acme/')],
  ['/plugins/acme?x=1', plugin('/acme?x=1')],
  ['/plugins/acme/certificate?x=1', plugin('/acme/certificate?x=1')],
  ['/plugins/acme/enable', plugin('/acme/enable')],
  ['/plugins/acme/bundle.js', plugin('/acme/bundle.js')],
  ['/api/plugins/route/acme', plugin('/')],
  ['/api/plugins/route/acme?', plugin('/?')],
  ['/api/plugins/route/acme/', plugin('/')],
  ['/api/plugins/route/acme/certificate?x=1', plugin('/certificate?x=1')],
  ['/api/plugins/route/acme/enable', plugin('/enable')],
  ['/api/plugins/acme/certificate?x=1', plugin('/certificate?x=1')],
  ['/api/plugins/acme/enabled', plugin('/enabled')],
  ['/api/plugins/acme/x/enable', plugin('/x/enable')],
  ['/api/plugins/acme/logs-of-mine', plugin('/logs-of-mine')],
  // names are compared without case, and the plugin is given its own spelling
  ['/plugins/ACME/x', plugin('/acme/x')],
  ['/api/plugins/route/Acme/x', plugin('/x')],
  ['/api/plugins/ACME/x', plugin('/x')],
  // the host's own
  ['/', host],
  ['/plugins', host],
  ['/plugins/', host],
  ['/pluginsX/acme', host],
  ['/Plugins/acme/x', host],
  ['/%70lugins/acme/x', host],
  ['/api/plugins', host],
  ['/api/plugins/', host],
  ['/api/plugins/acme', host],
  ['/api/plugins/acme/', host],
  ['/api/plugins/acme?x=/certificate', host],
  ['/api/plugins/acme/enable', host],
  ['/api/plugins/acme/ENABLE', host],
  ['/api/plugins/acme/enable/', host],
  ['/api/plugins/acme/enable/x', host],
  ['/api/plugins/acme/logs?page=2', host],
  ['/api/plugins/acme/bundle.js', host],
  ['/api/plugins/route', host],
  ['/api/plugins/route/', host],
  ['/api/plugins/ROUTE/acme/x', host],
  ['/api/plugins/rescan', host],
  ['/api/plugins/events/stream', host],
  ['/api/plugins/constructor/x', host],
  ['/console/plugins/acme', host],
  // whole segments only
  ['/plugins/acme-2', noRoute],
  ['/plugins/acmeX/y', noRoute],
  ['/plugins/acm', noRoute],
  ['/plugins/acme.x', noRoute],
  ['/plugins/acme;x=1', noRoute],
  ['/plugins/acme%20', noRoute],
  ['/plugins/%61cme/x', noRoute],
  ['/plugins/constructor', noRoute],
  ['/plugins/__proto__/x', noRoute],
  ['/api/plugins/route/acme-2/x', noRoute],
  ['/api/plugins/route/acme%3f/x', noRoute],
  ['/api/plugins/acmeX/y', noPlugin],
  ['/api/plugins/%61cme/y', noPlugin],
  ['/api/plugins/__proto__/y', noPlugin],
  // dots, slashes and percents that belong to names
  ['/plugins/acme/.well-known/x', plugin('/acme/.well-known/x')],
  ['/plugins/acme/...', plugin('/acme/...')],
  ['/plugins/acme/a..b', plugin('/acme/a..b')],
  ['/plugins/acme/%C5%BElu%C5%A5', plugin('/acme/%C5%BElu%C5%A5')],
  ['/plugins/acme/100%25', plugin('/acme/100%25')],
  ['/plugins/acme/x?to=/../y%2f..//', plugin('/acme/x?to=/../y%2f..//')],
  ['/plugins/acme/;x', plugin('/acme/;x')],
  // a second reading
  ['/plugins/acme/../other', refused],
  ['/plugins/acme/./x', refused],
  ['/plugins/acme/..', refused],
  ['/plugins/acme/.', refused],
  ['/plugins/./acme', refused],
  ['/plugins/acme/%2e%2e/other', refused],
  ['/plugins/acme/.%2E/other', refused],
  ['/plugins/acme/%252e%252e/other', refused],
  ['/plugins/acme/%25252e%25252e/other', refused],
  ['/plugins/acme%2fx', refused],
  ['/plugins/acme/%2F..', refused],
  ['/plugins/acme/x%5cy', refused],
  ['/plugins/acme/x%255Cy', refused],
  ['/plugins/acme/x\\y', refused],
  ['/plugins/acme/x%00', refused],
  ['/plugins/acme/x%2500', refused],
  ['/plugins//acme', refused],
  ['//plugins/acme', refused],
  ['/plugins/acme//x', refused],
  ['/api/plugins/acme//enable', refused],
  ['/api/plugins/route//acme', refused],
  ['/plugins/acme/%', refused],
  ['/plugins/acme/%4', refused],
  ['/plugins/acme/%zz', refused],
  ['/plugins/acme/%u0041', refused],
  ['/plugins/acme/x#y', refused],
  ['http://127.0.0.1/plugins/acme/x', refused],
  ['http://evil.example/plugins/acme/x', refused],
  ['*', refused],
];

/** Request targets at the edges of the three forms, and who must answer them (RTE-1 to RTE-4, faults 21). */
export const ODD_PATHS: readonly OddPath[] = table.map(([target, outcome]) => ({ target, outcome }));
