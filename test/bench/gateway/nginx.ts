import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installed } from './installed';

const START_MS = 10_000;
const LOOK_MS = 20;

export interface Nginx {
  readonly port: number;
  /** The process that does the work. */
  readonly worker: number;
  stop(): Promise<void>;
}

/** nginx with one worker in front of a server on a Unix socket; everything that it writes is in the directory. */
export async function startNginx(directory: string, upstream: string): Promise<Nginx> {
  const port = await freePort();
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'nginx.conf');
  writeFileSync(file, configuration(directory, upstream, port));
  const child = spawn(installed('nginx'), ['-p', directory, '-c', file, '-e', path.join(directory, 'error.log')], {
    stdio: 'inherit',
  });
  // SIGKILL would leave the worker behind
  const end = (): boolean => child.kill('SIGTERM');
  process.once('exit', end);
  const deadline = performance.now() + START_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`nginx does not listen; see ${directory}`);
    }
    await delay(LOOK_MS);
  }
  const [worker] = readFileSync(`/proc/${child.pid!}/task/${child.pid!}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
  if (worker === undefined) throw new Error('nginx has no worker');
  return {
    ...{ port, worker },
    async stop() {
      const exited = once(child, 'exit');
      if (child.exitCode === null && end()) await exited;
    },
  };
}

/**
 * A reverse proxy as one sets it up in earnest: connections are kept on both sides without a bound on their requests, each
 * request has its line in the access log (unbuffered, as by default) and the forwarded headers. Bodies are streamed, not
 * written to files first.
 */
function configuration(directory: string, upstream: string, port: number): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `${user}
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log ${directory}/access.log combined;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_requests 100000000;
  tcp_nodelay on;
  map $http_upgrade $connection_upgrade {
    default upgrade;
    '' '';
  }
  upstream plugin {
    server unix:${upstream};
    keepalive 128;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 0;
    location /plugins/ {
      proxy_pass http://plugin/;
      proxy_http_version 1.1;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Request-Id $request_id;
      proxy_request_buffering off;
      proxy_max_temp_file_size 0;
    }
  }
}
`;
}

/** Another process could take it before nginx does; then nginx says so and ends. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
