import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { ERRORS, MANAGEMENT_ENDPOINTS } from '@toru/contracts';
import { MIN_PASSWORD_LENGTH } from '../../apps/console/src/app/core/session/password-rules';
import { startHost, type TestHost } from '../support/host';

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema?: object }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { description?: string; content?: Record<string, { schema?: object }> }>>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Record<string, object>; readonly securitySchemes: Record<string, object> };
  readonly security: readonly object[];
}

/** [API-5] The document as the running host serves it. */
describe('the OpenAPI document', () => {
  let host: TestHost;
  let document: Document;
  let operations: readonly { readonly name: string; readonly path: string; readonly operation: Operation }[];

  beforeAll(async () => {
    host = await startHost();
    document = await host.json<Document>('/api/openapi.json');
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
    );
  });
  afterAll(() => host.dispose());

  const isPublic = ({ operation }: { operation: Operation }): boolean => operation.security?.length === 0;
  const failing = (wrong: (each: (typeof operations)[number]) => unknown): readonly string[] =>
    operations.filter((each) => Boolean(wrong(each))).map(({ name }) => name);

  it('[API-5] is OpenAPI 3 in its outer form', () => {
    expect(document.openapi).toMatch(/^3\.[01]\.\d+$/);
    expect(document.info.title).toMatch(/\S/);
    expect(document.info.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(operations.length).toBeGreaterThanOrEqual(20);
    expect(Object.keys(document.paths).filter((path) => !path.startsWith('/') || path.endsWith('/'))).toEqual([]);
    expect(document.security.flatMap((each) => Object.keys(each)).sort()).toEqual(
      Object.keys(document.components.securitySchemes).sort(),
    );
  });

  it('[API-5] the committed document and the types of the console are those that the server generates', async () => {
    const file = path.join(host.directories.root, 'openapi.json');
    writeFileSync(file, JSON.stringify(document));
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['scripts/openapi.mjs', '--check', '--document', file],
    ]);

    expect(stdout).toContain('The REST contract is up to date.');
  });

  it('[API-5] the console asks for passwords as long as the server does', () => {
    expect(document.components.schemas['ChangePasswordDto']).toMatchObject({
      properties: { new_password: { minLength: MIN_PASSWORD_LENGTH } },
    });
  });

  it('[API-5] every reference leads somewhere, and every schema is used', () => {
    const references = [
      ...new Set([...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '')),
    ];
    const schemas = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);

    expect(references.sort()).toEqual(schemas.sort());
  });

  it('[API-5] every operation has an id of its own, a summary, and answers that are described', () => {
    const ids = operations.map(({ operation }) => operation.operationId);

    expect(new Set(ids).size).toBe(operations.length);
    expect(failing(({ operation }) => !/^[a-z][A-Za-z]+$/.test(operation.operationId ?? ''))).toEqual([]);
    expect(failing(({ operation }) => !operation.summary)).toEqual([]);
    expect(
      failing(({ operation }) =>
        Object.values(operation.responses).some(({ description }) => !description?.trim() && description !== ''),
      ),
    ).toEqual([]);
    expect(
      failing(
        ({ operation }) => Object.keys(operation.responses).filter((status) => /^2\d\d$/.test(status)).length !== 1,
      ),
    ).toEqual([]);
  });

  it('[API-5] every parameter of a path is declared, and every parameter has a schema', () => {
    expect(
      failing(({ path, operation }) => {
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
        return (
          inPath.join() !== declared.map(({ name }) => name).join() ||
          declared.some(({ required }) => required !== true) ||
          (operation.parameters ?? []).some(({ schema }) => schema === undefined)
        );
      }),
    ).toEqual([]);
  });

  it('[API-5] [API-6] every error is a documented problem document whose code stands in the contract', () => {
    for (const { name, operation } of operations) {
      for (const [status, { description = '', content }] of Object.entries(operation.responses)) {
        if (Number(status) < 400) continue;
        expect([name, Object.keys(content ?? {})]).toEqual([name, ['application/problem+json']]);
        const codes = [...description.matchAll(/`(\w+)`/g)].map(([, code]) => code as keyof typeof ERRORS);
        expect([name, codes.map((code) => String(ERRORS[code].status))]).toEqual([name, codes.map(() => status)]);
        expect([name, codes.length]).not.toEqual([name, 0]);
      }
    }
  });

  it('[API-5] every operation names what it can be refused with', () => {
    const lacks = (status: string) => (each: (typeof operations)[number]) => !(status in each.operation.responses);
    const takesInput = ({ operation }: (typeof operations)[number]): boolean =>
      (operation.parameters ?? []).length > 0 || operation.requestBody !== undefined;

    expect(failing((each) => !isPublic(each) && lacks('401')(each))).toEqual([]);
    expect(failing((each) => !isPublic(each) && !each.name.startsWith('get ') && lacks('403')(each))).toEqual([]);
    expect(failing((each) => takesInput(each) && lacks('400')(each))).toEqual([]);
    expect(failing((each) => each.path.includes('{id}') && lacks('404')(each))).toEqual([]);
    expect(failing((each) => each.operation.requestBody !== undefined && lacks('415')(each))).toEqual([]);
    expect(failing((each) => each.operation.requestBody !== undefined && lacks('413')(each))).toEqual([]);
    // whoever asks has to be found in the database
    expect(failing((each) => (!isPublic(each) || each.path.includes('login')) && lacks('503')(each))).toEqual([]);
    // a caller who has to change the password first
    expect(failing((each) => !isPublic(each) && !each.path.endsWith('/me') && lacks('403')(each))).toEqual([]);
    expect(failing(isPublic).toSorted()).toEqual(['get /health/live', 'get /health/ready', 'post /api/auth/login']);
  });

  it('[RTE-3] [API-5] the endpoints that are kept from plugins are those of the document', () => {
    const below = Object.keys(document.paths).flatMap(
      (path) => /^\/api\/plugins\/\{id\}\/([^/]+)/.exec(path)?.[1] ?? [],
    );

    expect([...new Set(below)].sort()).toEqual([...MANAGEMENT_ENDPOINTS].sort());
  });

  it('[API-5] can be browsed, without anything from elsewhere', async () => {
    const response = await host.api('/api/docs');
    const page = await response.text();

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '');
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) {
      const target = new URL(link, `${host.url}/api/docs/`);
      expect(target.origin).toBe(new URL(host.url).origin);
    }
  });
});
