import { Command } from 'commander';
import { addNewCommand } from './new.command';

describe('toru new', () => {
  it.each([
    [/"_bad" cannot be the id of a plugin/, ['_bad']],
    [/in which language\? --lang ts/, ['a-plugin-that-nobody-makes']],
  ])('[LANG-4] says what is wrong, the id first: %s', async (problem, args) => {
    const program = new Command().exitOverride();
    addNewCommand(program);

    await expect(program.parseAsync(['new', ...args], { from: 'user' })).rejects.toThrow(problem);
  });
});
