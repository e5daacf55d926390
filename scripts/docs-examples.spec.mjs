import { readFileSync } from 'node:fs';
import { generatedSection } from '@toru/testing';
import { NODE_ARGUMENTS } from './lib/node-arguments.mjs';
import { inRoot } from './lib/paths.mjs';

describe('code in the documentation', () => {
  it('docs/any-language.md shows the example as it is (UPDATE_DOCS=1 writes it anew)', () => {
    const code = `\`\`\`go\n${readFileSync(inRoot('examples/hello-go/main.go'), 'utf8').trim()}\n\`\`\``;

    expect(generatedSection('docs/any-language.md', 'hello-go', code)).toBe(code);
  });

  it('docs/operations.md starts the host as npm start does', () => {
    const unit = readFileSync(inRoot('docs/operations.md'), 'utf8');

    expect(unit).toContain(`ExecStart=/usr/bin/node ${NODE_ARGUMENTS.join(' ')} /opt/toru/dist/apps/server/main.js\n`);
  });
});
