import type { JsonObject } from '@toru/contracts';
import { SettingsForm } from './settings-form';

const formOf = (properties: JsonObject, rest: JsonObject = {}): SettingsForm => {
  const form = SettingsForm.of({ type: 'object', properties, ...rest });
  if (typeof form === 'string') throw new Error(form);
  return form;
};

const mailer = formOf(
  {
    server: { type: 'string', title: 'Server', format: 'uri' },
    port: { type: 'integer', minimum: 1, maximum: 65_535, default: 25 },
    password: { type: 'string', format: 'password' },
    token: { type: 'string', writeOnly: true },
    mode: { type: 'string', enum: ['plain', 'tls'], default: 'tls' },
    from: { type: 'string', format: 'email' },
    since: { type: 'string', format: 'date' },
    to: { type: 'array', items: { type: 'string', format: 'email' }, maxItems: 2, uniqueItems: true },
    quiet: { type: 'boolean' },
  },
  { required: ['server', 'port'] },
);

describe('SettingsForm', () => {
  it('[MGR-5] knows defaults, secrets and what is missing', () => {
    expect(mailer.defaults).toEqual({ port: 25, mode: 'tls' });
    expect([...mailer.secrets]).toEqual(['password', 'token']);
    expect(mailer.missing(mailer.effective({}))).toEqual(['server']);
  });

  it.each<[JsonObject, string, string]>([
    [{ port: '25' }, 'port', 'must be integer'],
    [{ port: 70_000 }, 'port', 'must be 65535 or less'],
    [JSON.parse('{"port":1e400}') as JsonObject, 'port', 'must be integer'],
    [{ server: 'https://a.example/\u0000' }, 'server', 'must have no NUL and no half of a character'],
    [{ to: ['a@b.example', '\ud800'] }, 'to', 'must have no NUL and no half of a character'],
    [{ to: ['a@b.example', 'a@b.example'] }, 'to', 'must not have the same entry twice'],
    [{ toString: 1 }, 'toString', 'is no setting of this plugin'],
    [{ mode: 'ssl' }, 'mode', 'must be one of plain, tls'],
    [{ from: 'nobody' }, 'from', 'must be an e-mail address'],
    [{ server: 'no address' }, 'server', 'must be an address such as https://example.org'],
    [{ since: '2026-02-30' }, 'since', 'must be a date such as 2026-01-31'],
    [{ to: ['a@example.org', 'b'] }, 'to.1', 'must be an e-mail address'],
    [{ quiet: 'yes' }, 'quiet', 'must be boolean'],
    [{ sender: 'x' }, 'sender', 'is no setting of this plugin'],
    [JSON.parse('{"__proto__": {"port": 1}}') as JsonObject, '__proto__', 'is no setting of this plugin'],
  ])('[MGR-5] refuses %j', (values, path, message) => {
    expect(mailer.errorsOf(values)).toContainEqual({ path, message });
  });

  it('[MGR-5] goes back to the default where a stored value is not valid any more', () => {
    expect(mailer.effective({ port: 0, quiet: true, gone: 1 })).toEqual({ port: 25, mode: 'tls', quiet: true });
  });

  it.each<[string, JsonObject, string]>([
    ['another type', { type: 'array' }, 'settings_schema.type must be "object"'],
    ['code by regular expression', { a: { type: 'string', pattern: '(a+)+$' } }, 'has "pattern"'],
    ['a reference', { a: { $ref: 'https://example.org/schema' } }, 'settings_schema.properties.a.type must be one of'],
    ['objects below', { a: { type: 'object' } }, 'settings_schema.properties.a.type must be one of'],
    ['a name of every object', { constructor: { type: 'string' } }, 'is no name for a setting'],
    ['an odd name', { 'a b': { type: 'string' } }, 'is no name for a setting'],
    ['an unknown format', { a: { type: 'string', format: 'regex' } }, '.format must be one of'],
    ['choices of another type', { a: { type: 'string', enum: [1] } }, '.enum must be a list of 1 to 100 strings'],
    ['lists of lists', { a: { type: 'array', items: { type: 'array' } } }, '.items.type must be one of'],
    ['a default that is not valid', { a: { type: 'integer', default: 'x' } }, 'a.default must be integer'],
    ['a default that is an object', { a: { type: 'string', default: {} } }, 'a.default must be a value'],
    ['a length below nothing', { a: { type: 'string', minLength: -1 } }, '.minLength must be a whole number'],
  ])('[MGR-5] does not take a schema with %s', (_case, properties, problem) => {
    const source: JsonObject = 'type' in properties ? properties : { type: 'object', properties };

    expect(SettingsForm.of(source)).toContain(problem);
  });

  it('takes no more settings than a page can show', () => {
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`s${n}`, { type: 'string' }]));

    expect(SettingsForm.of({ type: 'object', properties: many })).toContain('at most 64');
  });
});
