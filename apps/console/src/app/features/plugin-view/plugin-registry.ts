import type { PluginFrontend } from './plugin-api';

/** The global object as bundles use it. Everything in it comes from plugins and is checked before use. */
type Registry = Record<string, unknown>;

/** The frontend that an ES module exports, directly or as its default; undefined where it exports none. */
export function exportedFrontend(exports: unknown): PluginFrontend | undefined {
  return asFrontend(exports) ?? asFrontend(own(exports, 'default'));
}

/** The frontend that a bundle has registered for this id on the global object; undefined where there is none. */
export function registeredFrontend(global: object, id: string): PluginFrontend | undefined {
  const candidates = [own(own(global, 'ToruPlugins'), id), ...globalNames(id).map((name) => own(global, name))];
  for (const candidate of candidates) {
    const frontend = exportedFrontend(candidate);
    if (frontend) return frontend;
  }
  return undefined;
}

/** Takes away what an earlier version has registered, so that only what the new one registers is found. */
export function clearRegistration(global: object, id: string): void {
  const plugins = own(global, 'ToruPlugins');
  if (isObject(plugins)) discard(plugins, id);
  for (const name of globalNames(id)) discard(global, name);
}

function globalNames(id: string): readonly string[] {
  return [`toru_plugin_${id}`, `toru_plugin_${id.replaceAll('-', '_')}`];
}

/** A property declared with `var` cannot be deleted, only emptied; a frozen one stays, and is found again. */
function discard(target: object, name: string): void {
  if (!Object.hasOwn(target, name) || Reflect.deleteProperty(target, name)) return;
  Reflect.set(target, name, undefined);
}

/** Only own properties: an id must never find something of the prototype's. */
function own(target: unknown, name: string): unknown {
  return isObject(target) && Object.hasOwn(target, name) ? (target as Registry)[name] : undefined;
}

function asFrontend(value: unknown): PluginFrontend | undefined {
  return isObject(value) && typeof (value as Registry)['mount'] === 'function' ? (value as PluginFrontend) : undefined;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
