import type { PluginEvent } from '../../core/api/types';
import { eventName } from '../../shared/status/event-name';
import { eventText } from './event-text';

const event = (event_type: string, details: PluginEvent['details']): PluginEvent => ({
  ...{ id: 1, plugin_id: 'acme', timestamp: '2026-11-21T02:08:13.000Z' },
  ...{ event_type, details },
});

describe('events in words', () => {
  it.each([
    ['license_expiring', 'Licence ends soon'],
    ['route_quarantined', 'Route quarantined'],
    // nobody has given it words yet
    ['disk_nearly_full', 'Disk nearly full'],
    ['plugin.cache_cleared', 'Cache cleared'],
    ['plugin.', 'plugin.'],
  ])('[MGR-4] %s is %s', (type, name) => {
    expect(eventName(type)).toBe(name);
  });

  it.each<[string, PluginEvent['details'], string]>([
    ['crashed', { message: 'it ended with status 1', exit_code: 1 }, 'It ended with status 1'],
    ['settings_changed', { settings: ['target', 'mail'], revision: 3 }, 'target, mail'],
    ['limits_changed', { limits: [] }, 'None is set any more'],
    ['conflict', { winner_file: 'a.binary', what: 'route', value: null }, 'Winner file: a.binary, what: route'],
    ['plugin.synced', { items: 12, from: { host: 'eu' } }, 'Items: 12, from: {"host":"eu"}'],
    ['started', {}, ''],
  ])('[MGR-4] %s with %j says %s', (type, details, text) => {
    expect(eventText(event(type, details))).toBe(text);
  });

  it('[MGR-4] shows times as the console does, and no more than a line can hold', () => {
    const text = eventText(event('x', { message: 'kept from it until 2020-01-02T03:04:05.678Z' }));
    expect(text).toMatch(/^Kept from it until 2020-01-0\d \d\d:\d\d:05$/);
    expect(eventText(event('x', { message: 'a'.repeat(5_000) }))).toHaveLength(301);
  });
});
