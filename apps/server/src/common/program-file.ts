import { closeSync, constants, openSync, readSync } from 'node:fs';

/** `e_machine` of an ELF header for each architecture that Node runs on under Linux. */
const ELF_MACHINES: ReadonlyMap<string, number> = new Map([
  ['x64', 62],
  ['ia32', 3],
  ['arm', 40],
  ['arm64', 183],
  ['loong64', 258],
  ['ppc64', 21],
  ['riscv64', 243],
  ['s390x', 22],
]);
const ELF_HEADER_BYTES = 52;

/**
 * Whether the kernel can run a file: a script that names its interpreter, or an ELF program of this machine's
 * architecture (a 32-bit x86 program runs on x64 too). Undefined when the file cannot be read: then the start itself
 * tells why. Synchronous, as the start is that follows: a turn of the thread pool costs it many times as much.
 */
export function isProgram(file: string): boolean | undefined {
  try {
    // not to wait for a writer where it is a FIFO
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const head = Buffer.alloc(ELF_HEADER_BYTES);
      const length = readSync(descriptor, head, 0, head.length, 0);
      return isProgramHead(head.subarray(0, length), process.arch);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

/** The same, of the first bytes of a file. */
export function isProgramHead(head: Buffer, arch: string): boolean {
  if (head[0] === 0x23 && head[1] === 0x21) return true;
  if (head.length < ELF_HEADER_BYTES || head.readUInt32BE(0) !== 0x7f454c46) return false;
  const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
  return machine === ELF_MACHINES.get(arch) || (arch === 'x64' && machine === ELF_MACHINES.get('ia32'));
}
