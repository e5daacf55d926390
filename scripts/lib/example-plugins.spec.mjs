import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { putExamplePlugins, shieldFromModuleType } from './example-plugins.mjs';

describe('the example plugins of a first start', () => {
  let root, from, plugins, config;

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'toru-put-'));
    [from, plugins] = [path.join(root, 'dist'), path.join(root, 'plugins')];
    config = path.join(plugins, '.metadata/config.json');
    mkdirSync(from);
    for (const id of ['one', 'two']) writeFileSync(path.join(from, `${id}.binary`), `#!/bin/sh\n# ${id}\n`);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('[ISO-3] creates the directory, copies them as executables and enables them', () => {
    expect(putExamplePlugins(from, plugins)).toEqual(['one', 'two']);

    expect(readdirSync(plugins).sort()).toEqual(['.metadata', 'one.binary', 'two.binary']);
    expect(statSync(path.join(plugins, 'one.binary')).mode & 0o777).toBe(0o755);
    expect(JSON.parse(readFileSync(config, 'utf8'))).toEqual({ plugins: { one: true, two: true } });
    expect(readdirSync(path.dirname(config))).toEqual(['config.json']);
  });

  it('[ISO-3] leaves out what nobody wants there', () => {
    expect(putExamplePlugins(from, plugins, (id) => id === 'two')).toEqual(['two']);

    expect(readdirSync(plugins).sort()).toEqual(['.metadata', 'two.binary']);
  });

  it('leaves a directory alone that has a plugin', () => {
    mkdirSync(plugins);
    writeFileSync(path.join(plugins, 'mine.binary'), '');

    expect(putExamplePlugins(from, plugins)).toEqual([]);
    expect(readdirSync(plugins)).toEqual(['mine.binary']);
  });

  it('[LIF-3] keeps what has been recorded as enabled before', () => {
    mkdirSync(path.dirname(config), { recursive: true });
    writeFileSync(config, '{"plugins":{"one":false}}');
    putExamplePlugins(from, plugins);

    expect(readFileSync(config, 'utf8')).toBe('{"plugins":{"one":false}}');
  });

  it('writes a package.json only into directories inside the checkout', () => {
    const checkout = path.join(root, 'checkout');
    shieldFromModuleType(path.join(checkout, 'plugins'), checkout);
    shieldFromModuleType(plugins, checkout);

    expect(JSON.parse(readFileSync(path.join(checkout, 'plugins/package.json'), 'utf8')).type).toBe('commonjs');
    expect(existsSync(path.join(plugins, 'package.json'))).toBe(false);
  });
});
