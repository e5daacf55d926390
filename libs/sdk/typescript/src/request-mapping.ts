import type { IncomingRequest } from '@toru/protocol';

/** The path and query below the plugin's route, however the request came in (protocol v2 §5). */
export function routePath({ path, base }: Pick<IncomingRequest, 'path' | 'base'>): string {
  if (base === '') return path;
  const prefix = base.replace(/\/$/, '');
  if (prefix === '' || !path.startsWith(prefix)) return path;
  const rest = path.slice(prefix.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : path;
}
