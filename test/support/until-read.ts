import type { PluginList } from '@toru/contracts';
import type { TestHost } from './host';

/**
 * Waits until the host has looked into every file of its plugins directory. One that has started may not have: it listens
 * without those that take long with their metadata, as any may on a busy machine.
 */
export async function untilRead(host: TestHost): Promise<void> {
  await host.waitFor(
    'the plugins directory to be read',
    async () => !(await host.json<PluginList>('/api/plugins')).reading,
  );
}
