import { MANAGEMENT_ENDPOINTS, RESERVED_IDS } from '@toru/contracts';

/** A request that belongs to a plugin, by one of the three forms. */
export interface PluginRequest {
  /** `page`: RTE-1, the plugin is given the full path; `route` and `id`: RTE-2 and RTE-3, it is given what follows. */
  readonly form: 'page' | 'route' | 'id';
  /** The route's segment or the id, as it was sent; undefined where it can be neither. */
  readonly name: string | undefined;
  /** What follows the name: empty, or from its slash on. */
  readonly rest: string;
  /** What comes before the path that the plugin is given. */
  readonly prefix: string;
}

const PAGE_PREFIX = '/plugins/';
const API_PREFIX = '/api/plugins/';
const ROUTE_PREFIX = '/api/plugins/route/';

/** The alphabet of ids and routes (protocol §1), in both cases. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

/** Compared in lower case, because the host's own router compares without case. */
const HOST_ENDPOINTS: ReadonlySet<string> = new Set(MANAGEMENT_ENDPOINTS);
const HOST_NAMES: ReadonlySet<string> = new Set(RESERVED_IDS);

/**
 * Decides from a canonical path whether a request is a plugin's (RTE-1, RTE-2, RTE-3). Whole segments only (RTE-4).
 * @param path from `canonicalPath`, without query
 * @returns undefined where the request is the host's own
 */
export function matchPluginRequest(path: string): PluginRequest | undefined {
  if (path.startsWith(PAGE_PREFIX)) return matchAfter(path, PAGE_PREFIX.length, 'page');
  if (!path.startsWith(API_PREFIX)) return undefined;
  if (path.startsWith(ROUTE_PREFIX)) return matchAfter(path, ROUTE_PREFIX.length, 'route');
  return matchById(path);
}

/** The path that the plugin is given, with the query. */
export function pathForPlugin(request: PluginRequest, route: string, query: string): string {
  if (request.form === 'page') return route + request.rest + query;
  return (request.rest === '' ? '/' : request.rest) + query;
}

function matchAfter(path: string, start: number, form: 'page' | 'route'): PluginRequest | undefined {
  if (path.length === start) return undefined;
  const end = segmentEnd(path, start);
  return {
    form,
    name: nameOrUndefined(path.slice(start, end)),
    rest: path.slice(end),
    prefix: form === 'page' ? '/plugins' : path.slice(0, end),
  };
}

function matchById(path: string): PluginRequest | undefined {
  const idEnd = segmentEnd(path, API_PREFIX.length);
  const endpointStart = idEnd + 1;
  if (endpointStart >= path.length) return undefined;
  const id = path.slice(API_PREFIX.length, idEnd);
  if (HOST_NAMES.has(id.toLowerCase())) return undefined;
  const endpoint = path.slice(endpointStart, segmentEnd(path, endpointStart));
  if (HOST_ENDPOINTS.has(endpoint.toLowerCase())) return undefined;
  return { form: 'id', name: nameOrUndefined(id), rest: path.slice(idEnd), prefix: path.slice(0, idEnd) };
}

function segmentEnd(path: string, start: number): number {
  const slash = path.indexOf('/', start);
  return slash === -1 ? path.length : slash;
}

function nameOrUndefined(segment: string): string | undefined {
  return NAME.test(segment) ? segment : undefined;
}
