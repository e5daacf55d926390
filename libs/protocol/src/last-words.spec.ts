import { lastWords } from './last-words';

/* What the runtimes print, word for word. */

const NODE_THROWS = `/srv/acme.js:1
throw new Error('boom');
^

Error: boom
    at Object.<anonymous> (/srv/acme.js:1:7)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at node:internal/main/run_main_module:28:49

Node.js v20.20.2
`;

const NODE_EMITS = `node:events:502
      throw er; // Unhandled 'error' event
      ^

Error: listen EACCES: permission denied /nonexistent/x
    at Server.setupListenHandle [as _listen2] (node:net:1886:21)
    at node:internal/main/run_main_module:28:49
Emitted 'error' event on Server instance at:
    at emitErrorNT (node:net:1944:8)
    at process.processTicksAndRejections (node:internal/process/task_queues:82:21) {
  code: 'EACCES',
  errno: -13,
  syscall: 'listen',
  address: '/nonexistent/x',
  port: -1
}

Node.js v20.20.2
`;

const NODE_CAUSE = `/srv/acme.js:1
const e=new Error('first\\nsecond',{cause:new TypeError('inner')}); setTimeout(()=>{throw e});
                                                                                   ^

Error: first
second
    at Object.<anonymous> (/srv/acme.js:1:9)
    ... 4 lines matching cause stack trace ...
    at node:internal/main/run_main_module:28:49 {
  [cause]: TypeError: inner
      at Object.<anonymous> (/srv/acme.js:1:42)
      at node:internal/main/run_main_module:28:49
}

Node.js v20.20.2
`;

const NODE_TEXT = `
/srv/acme.js:1
throw 'no config';
^
no config
(Use \`node --trace-uncaught ...\` to show where the exception was thrown)

Node.js v20.20.2
`;

const NODE_SYNTAX = `/srv/acme.js:1
let let = 1
    ^^^

SyntaxError: let is disallowed as a lexically bound name
    at wrapSafe (node:internal/modules/cjs/loader:1464:18)
    at node:internal/main/run_main_module:28:49

Node.js v20.20.2
`;

/** Printed with `console.error` by a plugin that exits then. */
const NODE_PRINTED = `Error: no config
    at Object.<anonymous> (/srv/acme.js:1:29)
    at node:internal/main/run_main_module:28:49 {
  code: 'ENOENT',
  port: 80
}
`;

const PYTHON = `Traceback (most recent call last):
  File "/srv/acme.py", line 2, in <module>
    try: f()
         ^^^
  File "/srv/acme.py", line 1, in f
    def f(): return 1/0
                    ~^~
ZeroDivisionError: division by zero

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/acme.py", line 3, in <module>
    except Exception as e: raise ValueError("bad key") from e
                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
ValueError: bad key
`;

const PYTHON_SYNTAX = `  File "/srv/acme.py", line 1
    def
       ^
SyntaxError: invalid syntax
`;

const RUST_PANIC = `
thread 'main' (19884) panicked at src/main.rs:1:64:
called \`Result::unwrap()\` on an \`Err\` value: "no config"
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
`;

const RUST_BACKTRACE = `
thread 'main' (11016) panicked at src/main.rs:1:64:
called \`Result::unwrap()\` on an \`Err\` value: "no config"
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/panicking.rs:689:5
   1: core::panicking::panic_fmt
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/panicking.rs:80:14
   2: acme::main
note: Some details are omitted, run with \`RUST_BACKTRACE=full\` for a verbose backtrace.
`;

const RUST_RESULT = 'Error: Os { code: 2, kind: NotFound, message: "No such file or directory" }\n';

const lines = (text: string): string[] => text.split('\n');

describe('lastWords', () => {
  it.each([
    ['Node that throws', NODE_THROWS, 'Error: boom'],
    ['an error event of Node', NODE_EMITS, 'Error: listen EACCES: permission denied /nonexistent/x'],
    ['Node, with a cause and more lines than one', NODE_CAUSE, 'Error: first'],
    ['Node that throws a text', NODE_TEXT, 'no config'],
    ['Node that cannot read the source', NODE_SYNTAX, 'SyntaxError: let is disallowed as a lexically bound name'],
    ['Node that prints an error', NODE_PRINTED, 'Error: no config'],
    ['Python', PYTHON, 'ValueError: bad key'],
    ['Python that cannot read the source', PYTHON_SYNTAX, 'SyntaxError: invalid syntax'],
    ['Rust that panics', RUST_PANIC, 'called `Result::unwrap()` on an `Err` value: "no config"'],
    ['Rust with a backtrace', RUST_BACKTRACE, 'called `Result::unwrap()` on an `Err` value: "no config"'],
    ['Rust whose main returns an error', RUST_RESULT, RUST_RESULT.trim()],
    ['anything else', 'listening\n  no database\n\n', 'no database'],
  ])('[SUP-4] of %s: the line that names the error', (_, text, words) => {
    expect(lastWords(lines(text))).toBe(words);
    expect(lastWords(lines(`it starts\n    ^\n{\n}\n${text}`))).toBe(words);
  });

  it('[SUP-4] the error is found where what was printed before it is not known', () => {
    expect(lastWords(from(NODE_THROWS, 'Error: boom'))).toBe('Error: boom');
    expect(lastWords(from(NODE_EMITS, 'Error: listen'))).toBe('Error: listen EACCES: permission denied /nonexistent/x');
  });

  it('what has nothing else to say is better than nothing', () => {
    expect(lastWords(['Node.js v20.20.2', ''])).toBe('Node.js v20.20.2');
    expect(lastWords(from(NODE_THROWS, '    at '))).toBe('Node.js v20.20.2');
    expect(lastWords(['  ', ''])).toBeUndefined();
    expect(lastWords([])).toBeUndefined();
  });
});

/** What is left of it from there on. */
function from(text: string, begin: string): string[] {
  return lines(text.slice(text.indexOf(begin)));
}
