// Imported first, and written so that old versions of Node can parse it: it must be able to say why it stops.

/** Whether this version of Node can build and run the project: 20.19 or newer of 20, 22.12 or newer of 22, 23 and up. */
export function isSupportedNode(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
}

if (!isSupportedNode(process.version)) {
  console.error(
    `error[node_too_old]: Toru Steering Center needs Node 20.19 or 22.12 or newer; this is ${process.version}`,
  );
  console.error('  -> Install a current Node from https://nodejs.org/en/download and run the same command again.');
  process.exit(1);
}
