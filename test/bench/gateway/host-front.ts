import { chmodSync, copyFileSync } from 'node:fs';
import path from 'node:path';
import { startHost, type TestHost } from '../../support/host';
import { addToken } from '../../support/users';
import { profileArguments } from '../harness/profile';
import type { Front } from './front';
import { pluginFile } from './program';
import type { CredentialHeaders } from './wrk';

/** Ids of plugins, by the programs that they are. */
export type BenchPlugins = Readonly<Record<string, string>>;

/**
 * The host as `npm start` runs it, with one more setting: WebSockets for the thousand of the bench. Its access log and
 * everything else is as it is by default.
 */
export async function startBenchHost(plugins: BenchPlugins): Promise<TestHost> {
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

/** A plugin behind the host. */
export async function hostFront(host: TestHost, plugin: string, headers: CredentialHeaders): Promise<Front> {
  const { pid } = await host.plugin(plugin);
  if (pid === null) throw new Error(`${plugin} runs without a pid`);
  return {
    url: (path) => `${host.url}/plugins/${plugin}${path}`,
    ...{ headers, pid: host.pid, behind: pid },
    stop: () => host.dispose(),
  };
}

export async function cookieOf(host: TestHost): Promise<CredentialHeaders> {
  return { cookie: await host.adminCookie() };
}

export async function tokenOf(host: TestHost): Promise<CredentialHeaders> {
  return { authorization: `Bearer ${(await addToken(host, 'bench', 'viewer')).token}` };
}

/** A host of its own with the version 2 plugin, asked with a session's cookie. */
export async function hostAlone(): Promise<Front> {
  const host = await startBenchHost({ bench: 'plugin' });
  return hostFront(host, 'bench', await cookieOf(host));
}
