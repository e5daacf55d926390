import { AppError } from '../common';
import type { RequestHead } from './client-side';
import type { AdmitOptions, Caller, PluginTarget, RequestAuthenticator, RouteTable } from './gateway.ports';
import type { PluginRequest } from './plugin-request';
import { isPublicPath } from './public-paths';

/** The plugin of a name, whatever its state. */
export function findTarget(routes: RouteTable, match: PluginRequest): PluginTarget | undefined {
  if (match.name === undefined) return undefined;
  return match.form === 'id' ? routes.byId(match.name) : routes.byRoute(match.name);
}

/**
 * The caller of a plugin request (RTE-5); undefined on a public path where nobody is proven. Also asked where no plugin
 * has the name, so that nobody can find out names without signing in.
 * @throws AppError as `RequestAuthenticator.admit`
 */
export function admitCaller(
  authenticator: RequestAuthenticator,
  request: RequestHead,
  target: PluginTarget | undefined,
  rest: string,
  options: AdmitOptions,
): Caller | undefined | Promise<Caller | undefined> {
  if (target === undefined || !isPublicPath(target.publicPaths, rest)) return authenticator.admit(request, options);
  const { cookie, authorization } = request.headers;
  if (cookie === undefined && authorization === undefined) return undefined;
  return admitIfProven(authenticator, request, options);
}

async function admitIfProven(
  authenticator: RequestAuthenticator,
  request: RequestHead,
  options: AdmitOptions,
): Promise<Caller | undefined> {
  try {
    return await authenticator.admit(request, options);
  } catch (error) {
    // without a proof, or made by another site: then it is what anybody may send, and carries no identity
    if (error instanceof AppError && (error.status === 401 || error.status === 403)) return undefined;
    throw error;
  }
}

/**
 * The plugin that answers, or why none does (PRO-4).
 * @param inform whether the caller may see why a plugin does not run
 * @throws AppError `route_not_found`, `plugin_not_found`, `plugin_disabled` or `plugin_unavailable`
 */
export function requireRunning(target: PluginTarget | undefined, match: PluginRequest, inform: boolean): PluginTarget {
  if (target === undefined) {
    throw match.form === 'id'
      ? new AppError('plugin_not_found', 'No plugin has this id.')
      : new AppError('route_not_found', 'No plugin serves this route.');
  }
  const { id, state } = target;
  // an unhealthy one lives and may answer; if it does not, its channel says so
  if (state === 'running' || state === 'unhealthy') return target;
  const why = inform && target.reason !== null ? ` Reason: ${target.reason}` : '';
  switch (state) {
    case 'invalid':
    case 'disabled':
      throw new AppError('plugin_disabled', `The plugin ${id} is not enabled.${why}`, { plugin: id });
    case 'starting':
    case 'backoff':
    case 'stopping':
    case 'failed': {
      const retryAfterSeconds = target.retryAfterSeconds ?? undefined;
      throw new AppError('plugin_unavailable', `The plugin ${id} is not running (${state}).${why}`, {
        plugin: id,
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      });
    }
  }
}
