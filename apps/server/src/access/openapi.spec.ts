import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { AccessApp } from './testing/access-app';

describe('the OpenAPI document of access control', () => {
  let document: OpenAPIObject;

  beforeAll(async () => {
    const host = await AccessApp.start();
    document = SwaggerModule.createDocument(host.app, new DocumentBuilder().build());
    await host.stop();
  });

  it('[API-5] names every operation once', () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      [path.get, path.post, path.patch, path.delete].flatMap((operation) => operation?.operationId ?? []),
    );
    expect(ids.sort()).toEqual([
      ...['changePassword', 'createApiToken', 'createUser', 'deleteUser', 'getCurrentUser', 'listApiTokens'],
      ...['listUsers', 'login', 'logout', 'revokeApiToken', 'updateUser'],
    ]);
  });

  it.each([
    ['LoginRequestDto', ['username', 'password']],
    ['ChangePasswordDto', ['current_password', 'new_password']],
    ['CreateUserDto', ['username', 'password', 'role']],
    ['UpdateUserDto', []],
    ['CreateApiTokenDto', ['name', 'role']],
    ['CurrentUserDto', ['id', 'name', 'role', 'kind', 'must_change_password']],
  ])('[API-5] says what %s must hold', (name, required) => {
    const schema = document.components?.schemas?.[name];
    expect(schema).toBeDefined();
    const listed = schema !== undefined && 'required' in schema ? (schema.required ?? []) : [];
    expect([...listed].sort()).toEqual([...required].sort());
  });
});
