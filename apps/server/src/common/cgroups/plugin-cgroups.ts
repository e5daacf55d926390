import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceLimits } from '@toru/contracts';
import { PluginCgroup } from './plugin-cgroup';
import type { CgroupTree } from './prepare-cgroups';

const MAX_NAME_CHARACTERS = 64;
const NAME = /-([0-9a-f]{32})$/;
const NO_CONTROLLERS: ReadonlySet<never> = new Set<never>();

/** Makes a cgroup for each process of a plugin, `<plugin>-<marker>`, where the host has one to divide up. */
export class PluginCgroups {
  constructor(private readonly tree: CgroupTree | undefined) {}

  /** Undefined where there is nothing to divide up, or the kernel makes no more: the plugin runs without then. */
  create(plugin: string, marker: string, limits: ResourceLimits): PluginCgroup | undefined {
    if (this.tree === undefined) return undefined;
    const name = plugin.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, MAX_NAME_CHARACTERS);
    const directory = join(this.tree.directory, `${name}-${marker}`);
    try {
      mkdirSync(directory);
    } catch {
      return undefined;
    }
    return new PluginCgroup(directory, this.tree.controllers, limits);
  }

  /**
   * Those that an earlier host has left, by marker. Only where the marker is one of these: the others may be another
   * host's.
   */
  left(markers: ReadonlySet<string>): Map<string, PluginCgroup> {
    const found = new Map<string, PluginCgroup>();
    if (this.tree === undefined || markers.size === 0) return found;
    for (const name of readdirSync(this.tree.directory)) {
      const marker = NAME.exec(name)?.[1];
      if (marker === undefined || !markers.has(marker)) continue;
      found.set(marker, new PluginCgroup(join(this.tree.directory, name), NO_CONTROLLERS, {}));
    }
    return found;
  }
}
