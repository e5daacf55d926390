import { DocumentError, MAX_DOCUMENT_BYTES, placeDocument } from './plugin-api-document';

const PLACE = { prefix: '/api/plugins/route/acme', securitySchemes: { token: { type: 'http', scheme: 'bearer' } } };
const DOCUMENT = { openapi: '3.0.3', info: { title: 'Acme', version: '1' }, paths: {} };
const place = (document: unknown) => placeDocument(JSON.stringify(document), PLACE);

describe("a plugin's OpenAPI document", () => {
  it('[API-5] is reached through the host, with the ways to sign in that the host has', () => {
    const elsewhere = [{ url: 'https://evil.example' }];
    const operation = { servers: elsewhere, security: [{ oauth: [] }], responses: {} };
    const placed = place({
      ...DOCUMENT,
      servers: elsewhere,
      security: [{ oauth: [] }],
      paths: { '/x': { servers: elsewhere, get: operation, trace: operation, summary: 'X' }, '/y': null },
      components: {
        pathItems: { shared: { servers: elsewhere, put: operation } },
        securitySchemes: { oauth: { type: 'oauth2', flows: { implicit: { authorizationUrl: 'https://evil.example' } } } },
        schemas: { X: { type: 'string' } },
      },
    });
    expect(JSON.stringify(placed)).not.toMatch(/evil|oauth/);
    expect(placed).toEqual({
      ...DOCUMENT,
      servers: [{ url: '/api/plugins/route/acme' }],
      security: [{ token: [] }],
      paths: { '/x': { get: { responses: {} }, trace: { responses: {} }, summary: 'X' }, '/y': null },
      components: {
        pathItems: { shared: { put: { responses: {} } } },
        securitySchemes: PLACE.securitySchemes,
        schemas: { X: { type: 'string' } },
      },
    });
  });

  it.each([
    ['OpenAPI 2', { swagger: '2.0', info: DOCUMENT.info, paths: {} }, /openapi/],
    ['a version that is no text', { ...DOCUMENT, openapi: 3 }, /openapi/],
    ['a later major version', { ...DOCUMENT, openapi: '4.0.0' }, /openapi/],
    ['no info', { ...DOCUMENT, info: [] }, /info/],
    ['a title that is no text', { ...DOCUMENT, info: { title: {}, version: '1' } }, /info/],
    ['no paths', { ...DOCUMENT, paths: [] }, /paths/],
    ['a list', [DOCUMENT], /not a JSON object/],
    ['nothing', null, /not a JSON object/],
  ])('[API-5] is refused with a reason: %s', (_, document, reason) => {
    expect(() => place(document)).toThrow(reason);
    expect(() => place(document)).toThrow(DocumentError);
  });

  it('[API-5] is bounded in length and in depth', () => {
    const long = JSON.stringify({ ...DOCUMENT, x: 'é'.repeat(MAX_DOCUMENT_BYTES / 2) });
    expect(() => placeDocument(long, PLACE)).toThrow(/longer than 2097152 bytes/);
    const deep = JSON.stringify(DOCUMENT).replace('{}', `{"/x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect(() => placeDocument(deep, PLACE)).toThrow(DocumentError);
    expect(() => placeDocument('<!doctype html>', PLACE)).toThrow(/not valid JSON/);
  });

  it('[API-5] faults 8: changes no object but its own', () => {
    const text = JSON.stringify(DOCUMENT).replace('"paths":{}', '"paths":{"__proto__":{"servers":[1],"get":{"security":[]}}}');
    const placed = placeDocument(text.replace('{"openapi"', '{"components":{"__proto__":{"polluted":1}},"openapi"'), PLACE);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(JSON.stringify(placed)).not.toContain('servers":[1]');
  });
});
