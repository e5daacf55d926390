// node test/chaos/run.mjs [--seed n] [--minutes m]: the chaos run of the tests, for as long as one likes.
import path from 'node:path';
import { loadTypescript } from '../support/run-typescript.mjs';

const { main } = await loadTypescript({ entry: path.join(import.meta.dirname, 'main.ts'), name: 'chaos' });
process.exitCode = await main(process.argv.slice(2));
