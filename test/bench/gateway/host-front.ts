import { chmodSync, copyFileSync } from 'node:fs';
import path from 'node:path';
import { startHost, type TestHost } from '../../support/host';
import { addToken } from '../../support/users';
import { profileArguments } from '../harness/profile';
import type { Front } from './front';
import { pluginFile } from './program';
import type { CredentialHeaders } from './wrk';

/** Programs, by the ids of the plugins that they are. */
type BenchPlugins = Readonly<Record<string, string>>;

/** A host with plugins, each of which can be a front: it is started for the first of them and stopped after the last. */
export class SharedHost {
  #users = 0;
  #started: Promise<TestHost> | undefined;

  constructor(private readonly plugins: BenchPlugins) {}

  async front(plugin: string, credentials = cookieOf): Promise<Front> {
    this.#users += 1;
    try {
      const host = await (this.#started ??= startBenchHost(this.plugins));
      const { pid } = await host.plugin(plugin);
      if (pid === null) throw new Error(`${plugin} runs without a pid`);
      return {
        url: (path) => `${host.url}/plugins/${plugin}${path}`,
        ...{ headers: await credentials(host), pid: host.pid, behind: pid },
        stop: () => this.#giveBack(),
      };
    } catch (error) {
      await this.#giveBack();
      throw error;
    }
  }

  async #giveBack(): Promise<void> {
    const started = this.#started;
    this.#users -= 1;
    if (this.#users > 0 || started === undefined) return;
    this.#started = undefined;
    const host = await started.catch(() => undefined);
    await host?.dispose();
  }
}

/** A host of its own with the version 2 plugin, asked with a session's cookie. */
export function hostAlone(): Promise<Front> {
  return new SharedHost({ bench: 'plugin' }).front('bench');
}

export async function cookieOf(host: TestHost): Promise<CredentialHeaders> {
  return { cookie: await host.adminCookie() };
}

export async function tokenOf(host: TestHost): Promise<CredentialHeaders> {
  return { authorization: `Bearer ${(await addToken(host, 'bench', 'viewer')).token}` };
}

/**
 * The host as `npm start` runs it, on directories of its own. All settings are the defaults, so its access log is on, but for
 * one: the WebSockets of a plugin, of which the bench has a thousand. (`startHost` would not watch the plugins directory.)
 */
async function startBenchHost(plugins: BenchPlugins): Promise<TestHost> {
  const env = { TORU_PLUGIN_SOCKETS: '1000', TORU_WATCH_PLUGINS: 'true' };
  const host = await startHost({ env, nodeArguments: profileArguments() });
  try {
    for (const [id, program] of Object.entries(plugins)) {
      const target = path.join(host.directories.plugins, `${id}.binary`);
      copyFileSync(await pluginFile(program), target);
      chmodSync(target, 0o755);
    }
    await host.api('/api/plugins/rescan', { method: 'POST' });
    for (const id of Object.keys(plugins)) {
      await host.enable(id);
      await host.untilPlugin(id, 'running');
    }
    return host;
  } catch (error) {
    await host.dispose();
    throw error;
  }
}
