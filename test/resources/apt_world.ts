import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sh, sh } from '../../engine/transport/sh.ts';

/** A package of the world: as in its source, and if it is installed, as in dpkg's database. */
export interface WorldPackage {
  readonly name: string;
  readonly version: string;
  readonly fields?: string;
  /** dpkg's `Status`, such as `install ok installed`; missing: it is only to be had. */
  readonly status?: string;
  /** Only dpkg knows it. */
  readonly local?: boolean;
}

export interface AptWorld {
  /** The program, with apt and dpkg looking at this world. */
  inside(program: Sh): Sh;
  remove(): void;
}

/** A package source and a dpkg database of their own, for the apt of this machine. Nothing can be installed in it. */
export function aptWorld(packages: readonly WorldPackage[]): AptWorld {
  const root = mkdtempSync(join(tmpdir(), 'runbook-apt-'));
  const dir = (...parts: string[]) => {
    mkdirSync(join(root, ...parts), { recursive: true });
    return join(root, ...parts);
  };
  const text = (name: string, content: string) => writeFileSync(join(root, name), content);
  dir('etc/apt/apt.conf.d');
  dir('etc/apt/preferences.d');
  dir('lists/partial');
  dir('cache/archives/partial');
  dir('dpkg/info');
  dir('dpkg/updates');
  text(
    'dpkg/status',
    packages
      .filter((p) => p.status !== undefined)
      .map(stanza)
      .join('\n'),
  );
  text('etc/apt/sources.list', `deb [trusted=yes] file:${dir('source')} ./\n`);
  const offered = packages.filter((p) => p.local !== true);
  text('source/Packages', offered.map((p) => `${stanza({ ...p, status: '' })}${FILE}`).join('\n'));
  text('apt.conf', configuration(root));
  const updated = spawnSync('apt-get', ['update'], { env: { ...process.env, APT_CONFIG: join(root, 'apt.conf') } });
  if (updated.status !== 0) throw new Error(String(updated.stderr));
  return {
    inside: (program) =>
      sh`export APT_CONFIG=${join(root, 'apt.conf')} DPKG_ADMINDIR=${join(root, 'dpkg')}\n${program}`,
    remove: () => rmSync(root, { recursive: true }),
  };
}

const FILE =
  'Filename: ./none.deb\nSize: 1\nSHA256: 0000000000000000000000000000000000000000000000000000000000000000\n';

function stanza({ name, version, fields = '', status = '' }: WorldPackage): string {
  const head = `Package: ${name}\n${status === '' ? '' : `Status: ${status}\n`}`;
  const architecture = fields.includes('Architecture:') ? '' : 'Architecture: amd64\n';
  const rest = fields === '' || fields.endsWith('\n') ? fields : `${fields}\n`;
  return `${head}Version: ${version}\n${architecture}Maintainer: x <x@localhost>\n${rest}Description: x\n`;
}

function configuration(root: string): string {
  return `Dir "${root}";
Dir::Etc "etc/apt";
Dir::State "${root}";
Dir::State::lists "lists";
Dir::State::status "${root}/dpkg/status";
Dir::State::extended_states "${root}/extended_states";
Dir::Cache "cache";
Dir::Log "${root}";
APT::Architecture "amd64";
APT::Sandbox::User "root";
APT::Install-Recommends "true";
`;
}
