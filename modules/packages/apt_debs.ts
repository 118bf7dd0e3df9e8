import { debFile } from '../../engine/resources/deb_file.ts';
import { packageOf } from '../../engine/resources/package.ts';
import type { AptParams } from './apt_schema.ts';
import type { Needs, Refusal } from './apt_study.ts';
import { aptWords } from './apt_words.ts';
import type { See } from './package_decision.ts';

/** Package files on the host, which apt installs as it does packages of a source, with what they need. */
export function debRuns(
  files: readonly string[],
  params: AptParams,
  due: boolean,
  see: See,
): Needs | Refusal | undefined {
  if (params.state !== 'present') return { message: '`deb` only goes with `state: present`', parameter: 'state' };
  const problem = files.map(pathProblem).find((one) => one !== undefined);
  if (problem !== undefined) return { message: problem, parameter: 'deb' };
  const debs = files.map((file) => ({ file, deb: see(debFile(file)) }));
  const absent = debs.find(({ deb }) => deb === null);
  if (absent !== undefined) return { message: `there is no file ${absent.file} on the host`, parameter: 'deb' };
  const seen = debs.map(({ file, deb }) => {
    if (!deb) return undefined;
    const name = deb.architecture === 'all' ? deb.name : `${deb.name}:${deb.architecture}`;
    const found = see(packageOf(name));
    return found === undefined ? undefined : { file, name, found, version: deb.version };
  });
  if (seen.includes(undefined)) return undefined;
  const asked = seen
    .filter((one) => one !== undefined)
    .filter(({ found, version }) => {
      return found?.state !== 'installed' || found.version !== version;
    });
  if (asked.length === 0) return { runs: [], marks: [] };
  const words = aptWords(
    'install',
    params,
    asked.map(({ file }) => file),
  );
  return { runs: [{ words, asked, open: due, known: true }], marks: [] };
}

function pathProblem(file: string): string | undefined {
  if (file.includes('://')) return `${file} is an address: fetch it onto the host first, and give the path of the file`;
  return file.startsWith('/') ? undefined : `\`${file}\` is not the full path of a package file`;
}
