import type { LogEntry, Page } from '@toru/contracts';
import type { TestHost } from '../../support/host';

/**
 * Waits until the log that the host gives of a plugin has a line with this text. Lines are written beside what they tell of,
 * and the console asks for them once.
 */
export async function untilLogged(
  host: TestHost,
  id: string,
  text: string,
  source: 'plugin' | 'supervisor' = 'plugin',
): Promise<void> {
  await host.waitFor(`a line of ${id} with ${text}`, async () => {
    const { items } = await host.json<Page<LogEntry>>(`/api/plugins/${id}/logs?source=${source}&page_size=100`);
    return items.some(({ message }) => message.includes(text));
  });
}
