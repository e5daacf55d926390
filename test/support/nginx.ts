import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitFor } from './wait-for';

/** Debian's nginx (package `nginx-light`); undefined where it is not installed. */
export const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find((file) => existsSync(file));

/** A real nginx in front of a Unix socket, on another one: a port that is free now may be taken before it listens. */
export class Nginx {
  private constructor(
    /** The socket that it listens on. */
    readonly socket: string,
    private readonly directory: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(program: string, upstream: string, maxBodyBytes: number): Promise<Nginx> {
    const directory = mkdtempSync(path.join(tmpdir(), 'toru-nginx-'));
    const socket = path.join(directory, 'nginx');
    const file = path.join(directory, 'nginx.conf');
    writeFileSync(file, configuration(directory, socket, upstream, maxBodyBytes));
    const child = spawn(program, ['-p', directory, '-c', file, '-e', 'stderr'], { stdio: 'ignore' });
    const nginx = new Nginx(socket, directory, child);
    await waitFor('nginx to listen', () => accepts(socket));
    return nginx;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    if (this.child.exitCode === null && this.child.kill('SIGTERM')) await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** As one sets it up in front of an application: what is odd is judged by nginx's own defaults. */
function configuration(directory: string, socket: string, upstream: string, maxBodyBytes: number): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `${user}
daemon off; master_process off; pid ${directory}/pid; error_log /dev/null crit;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi; uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
  client_max_body_size ${maxBodyBytes};
  lingering_timeout 1s;
  upstream plugin { server unix:${upstream}; keepalive 4; }
  server {
    listen unix:${socket};
    location / {
      proxy_pass http://plugin;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_request_buffering off;
    }
  }
}
`;
}

function accepts(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(socket);
    client.once('connect', () => {
      client.destroy();
      resolve(true);
    });
    client.once('error', () => {
      resolve(false);
    });
  });
}
