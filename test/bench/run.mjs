// node test/bench/run.mjs [<part of a bench's name> ...] [--rounds n] [--seconds s] [--only <peer> ...] [--profile] [--list]
import path from 'node:path';
import { loadTypescript } from '../support/run-typescript.mjs';

const { main } = await loadTypescript({ entry: path.join(import.meta.dirname, 'harness/main.ts'), name: 'bench' });
process.exitCode = await main(process.argv.slice(2));
