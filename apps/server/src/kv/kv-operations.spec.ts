import { parseKvRequest } from './kv-operations';

describe('parseKvRequest', () => {
  it.each<[object]>([
    [{ action: 'get', key: '' }],
    [{ action: 'set', key: 'k', value: 'v', ttl_ms: 1, if_revision: 0 }],
    [{ action: 'delete', key: '__proto__', if_revision: 7 }],
    [{ action: 'list' }],
    [{ action: 'list', prefix: 'p', cursor: 'c', limit: 1000 }],
    [{ action: 'batch', operations: [] }],
    [{ action: 'batch', operations: [{ action: 'get', key: 'k' }] }],
  ])('[KV-6] takes %j, as a fresh object', (payload) => {
    const request = parseKvRequest(payload);
    expect(request).toEqual(payload);
    expect(request).not.toBe(payload);
  });

  it('[KV-6] drops what it does not know, and takes null for an optional field that is absent', () => {
    const payload: unknown = JSON.parse(
      '{"action":"set","key":"k","value":"v","ttl_ms":null,"if_revision":null,"plugin_id":"other","__proto__":{"a":1}}',
    );
    expect(Object.entries(parseKvRequest(payload))).toEqual(Object.entries({ action: 'set', key: 'k', value: 'v' }));
  });

  it.each<[unknown, string]>([
    [null, 'The payload must be an object.'],
    [[], 'The payload must be an object.'],
    [{}, 'action must be one of get, set, delete, list, batch.'],
    [{ action: 'toString' }, 'action must be one of get, set, delete, list, batch.'],
    [JSON.parse('{"__proto__":{"action":"list"}}'), 'action must be one of get, set, delete, list, batch.'],
    [{ action: 'get' }, 'key is missing: send a string.'],
    [{ action: 'get', key: 7 }, 'key must be a string.'],
    [{ action: 'set', key: 'k', value: null }, 'value is missing: send a string.'],
    [{ action: 'set', key: 'k', value: {} }, 'value must be a string.'],
    [{ action: 'set', key: 'k', value: 'v', ttl_ms: 0 }, 'ttl_ms must be an integer from 1 to 3153600000000.'],
    [{ action: 'set', key: 'k', value: 'v', ttl_ms: 1e300 }, 'ttl_ms must be an integer from 1 to 3153600000000.'],
    [{ action: 'delete', key: 'k', if_revision: -1 }, 'if_revision must be an integer from 0 to 9007199254740991.'],
    [{ action: 'delete', key: 'k', if_revision: '1' }, 'if_revision must be an integer from 0 to 9007199254740991.'],
    [{ action: 'list', limit: 1001 }, 'limit must be an integer from 1 to 1000.'],
    [{ action: 'list', limit: 1.5 }, 'limit must be an integer from 1 to 1000.'],
    [{ action: 'list', prefix: 1 }, 'prefix must be a string.'],
    [{ action: 'batch' }, 'operations must be a list.'],
    [{ action: 'batch', operations: ['x'] }, 'operations[0]: It must be an object.'],
    [{ action: 'batch', operations: [{ action: 'list' }] }, 'operations[0]: action must be one of get, set, delete.'],
    [
      { action: 'batch', operations: Array.from({ length: 101 }, () => ({ action: 'get', key: 'k' })) },
      'operations has 101 entries, of at most 100: send several batches.',
    ],
  ])('[KV-6] refuses %j', (payload, message) => {
    expect(() => parseKvRequest(payload)).toThrow(
      expect.objectContaining({ code: 'invalid_request', message }) as Error,
    );
  });
});
