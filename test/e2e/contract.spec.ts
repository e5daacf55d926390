import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { MIN_PASSWORD_LENGTH } from '../../apps/console/src/app/core/session/password-rules';

interface Document {
  readonly components: {
    readonly schemas: {
      readonly ChangePasswordDto: { readonly properties: { readonly new_password: { minLength: number } } };
    };
  };
}

it('[API-5] the document and the types of the console are those that the server generates', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/openapi.mjs', '--check']);

  expect(stdout).toContain('The REST contract is up to date.');
});

it('[API-5] the console asks for passwords as long as the server does', () => {
  const { components } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as Document;

  expect(MIN_PASSWORD_LENGTH).toBe(components.schemas.ChangePasswordDto.properties.new_password.minLength);
});
